//! **offlimits** for Python: the classifier behind Arrow tables.
//!
//! ```text
//! table ─ capsule ─► Chunk ─ column, rows ─► Conversation ─ offlimits ─► Finding ─ record ─► RecordBatch ─ capsule ─► table
//! ```
//!
//! Law: a record is the command line's, byte for byte; nothing here decides anything. Docstrings, defaults and types that a
//! Python programmer meets stand in `python/offlimits`.

use pyo3::prelude::*;

mod capsule;
mod column;
mod error;
mod files;
mod record;
mod records;
mod rows;
mod scanner;
mod survey;

/// The schema of records as an object that gives it to Arrow.
#[pyfunction]
fn empty(quote: bool, aligned: bool) -> records::Records {
    records::Records::new(Vec::new(), record::schema(record::Shape { quote, aligned }))
}

/// The ids of the policy profiles.
#[pyfunction]
fn policies() -> Vec<&'static str> {
    offlimits::policy::PROFILES.iter().map(|(id, _)| *id).collect()
}

#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("ReadError", module.py().get_type::<error::ReadError>())?;
    module.add_class::<scanner::Scanner>()?;
    module.add_class::<records::Records>()?;
    module.add_class::<records::Batch>()?;
    module.add_class::<files::Scan>()?;
    module.add_function(wrap_pyfunction!(empty, module)?)?;
    module.add_function(wrap_pyfunction!(policies, module)?)
}
