//! A table of records, or of their shares, to be taken over by any library that speaks Arrow.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::capsule;

/// Records, or their shares, as Arrow batches.
#[pyclass(frozen, module = "offlimits")]
pub(crate) struct Records {
    batches: Vec<RecordBatch>,
    schema: SchemaRef,
}

impl Records {
    pub(crate) fn new(batches: Vec<RecordBatch>, schema: SchemaRef) -> Records {
        Records { batches, schema }
    }
}

#[pymethods]
impl Records {
    /// The batches, without copies.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer that cannot cast give what it has.
        let _ = requested_schema;
        capsule::stream(py, SchemaRef::clone(&self.schema), self.batches.clone())
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.schema)
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.__len__()
    }

    /// Names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The batches one by one.
    #[getter]
    fn batches(&self) -> Vec<Batch> {
        self.batches.iter().cloned().map(Batch).collect()
    }

    fn __repr__(&self) -> String {
        format!("<offlimits.Records: {} rows, {} columns>", self.__len__(), self.column_names().len())
    }
}

/// One batch of records.
#[pyclass(frozen, module = "offlimits")]
pub(crate) struct Batch(pub(crate) RecordBatch);

#[pymethods]
impl Batch {
    /// The batch as an array of structures, with its schema; nothing is copied.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let _ = requested_schema;
        capsule::array(py, self.0.clone())
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.0.schema())
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// Rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.0.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<offlimits.Batch: {} rows>", self.0.num_rows())
    }
}
