//! What is left for ads: what a topic is called where ads are bought, what it may be worth, and what deleting would change.
//!
//! Law: everything here is an estimate from published tables under `lexicons/` and from counts; nothing looks at a text, and
//! nobody outside a platform knows what it makes of a chat.

pub mod cover;
pub mod link;
pub mod potential;
pub mod segment;
pub mod value;

pub use cover::{Deletion, rank};
pub use link::link;
pub use potential::{Level, Potential, archive, potential};
pub use segment::{Node, Segment};
pub use value::Band;
