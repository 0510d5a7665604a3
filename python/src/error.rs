//! Errors in the command line's words, as the exception that a Python program expects for each kind.

use arrow_schema::ArrowError;
use offlimits::ErrorKind;
use offlimits::read::ledger::FileLine;
use pyo3::create_exception;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;

create_exception!(
    offlimits,
    ReadError,
    PyValueError,
    "An input could not be read: damaged, encrypted, or no chat export."
);

/// A library error as an exception.
pub(crate) fn of(error: offlimits::Error) -> PyErr {
    let words = error.to_string();
    told(&error, words)
}

/// An input that could not be opened, in the ledger's words.
pub(crate) fn of_input(path: &str, error: &offlimits::Error) -> PyErr {
    match error.kind() {
        ErrorKind::Usage => told(error, error.to_string()),
        _ => told(error, FileLine::failed(path, error).to_string()),
    }
}

fn told(error: &offlimits::Error, words: String) -> PyErr {
    match error.kind() {
        ErrorKind::Io => {
            let io = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
            match io.map(std::io::Error::kind) {
                Some(std::io::ErrorKind::NotFound) => PyFileNotFoundError::new_err(words),
                _ => PyOSError::new_err(words),
            }
        }
        ErrorKind::Usage | ErrorKind::Data => PyValueError::new_err(words),
        _ => ReadError::new_err(words),
    }
}

/// What went wrong between two libraries of Arrow.
pub(crate) fn of_arrow(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Wrong use, in words.
pub(crate) fn usage(words: impl Into<String>) -> PyErr {
    PyValueError::new_err(words.into())
}
