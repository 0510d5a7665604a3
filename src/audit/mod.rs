//! Audits of a corpus: how common a category is, corrected for the classifier's errors; samples to code by hand; what coders
//! agree on; the codebook.
//!
//! ```text
//! corpus ─ scan ─► records ─┬─► prevalence ◄──────────── gold rows
//!                           └─► sample ─► sheets ─ coders ─► adjudicate ─┘
//! ```

pub mod codebook;
pub mod coding;
pub mod count;
pub mod errors;
mod hide;
pub mod join;
pub mod lines;
pub mod prevalence;
pub mod sample;
pub mod shares;
pub mod sheet;
pub mod survey;
