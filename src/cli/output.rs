//! Standard output and error: the one place where the program prints.

use std::io::{self, Write};

use anyhow::Result;

use super::DONE;

/// Writes bytes to standard output, colours stripped where nobody sees them.
pub(super) fn write(bytes: &[u8]) -> Result<u8> {
    let mut out = anstream::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(DONE)
}

/// Says on standard error what went wrong.
pub(super) fn complain(error: &anyhow::Error) {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // An error may tell its source already.
        if !words.contains(&cause) {
            let between = if words.is_empty() { "" } else { ": " };
            words = format!("{words}{between}{cause}");
        }
    }
    note(&format!("offlimits: {words}"));
}

/// Says one line on standard error.
pub(super) fn note(line: &str) {
    // If even standard error is closed there is nobody left to tell.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Whether the reader of our output has gone: success, as for every filter.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
