//! **offlimits** finds out what an exported AI-chat log gives away.
//!
//! The path of the data, one module a step:
//!
//! ```text
//! bytes ─ input ─► members ─ read ─► Conversation ─ text ─► tokens ─ classify ─► Assessment
//!                                                              │                     │
//!                                                       lexicon (data)        policy ▼
//!                                   report ◄── tally ◄──────────────────────── Finding
//! ```
//!
//! What follows from the counts is in [`ads`] (estimates, segments, what to delete), [`law`] (which lists name what) and
//! [`crosscheck`] (a download's own interests beside the chats).
//!
//! For research, [`eval`] scores against labelled rows, [`audit`] samples, codes and estimates shares, and [`stats`] holds every
//! statistic with its formula and source.
//!
//! [`chat`] says what comes in, [`finding`] what goes out; everything else is a function between them, and everything
//! linguistic, legal or commercial is a text file under `lexicons/`.
//!
//! The library never prints, never exits and never opens a network connection.

pub mod ads;
pub mod audit;
pub mod bench;
pub mod chat;
pub mod check;
pub mod classify;
#[cfg(feature = "cli")]
pub mod cli;
pub mod crosscheck;
pub mod echo;
pub mod error;
pub mod eval;
pub mod explain;
pub mod finding;
pub mod input;
pub mod law;
pub mod lexicon;
pub mod policy;
pub mod read;
pub mod report;
pub mod scan;
mod simd;
pub mod stats;
pub mod table;
pub mod tally;
pub mod taxonomy;
pub mod text;

pub use error::{Error, ErrorKind, Result};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
