//! A table of records, to be taken over by any library that speaks Arrow.

use arrow_array::RecordBatch;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::capsule;
use crate::record::{Shape, schema};

/// Records as Arrow batches.
#[pyclass(frozen, module = "offlimits")]
pub(crate) struct Records {
    batches: Vec<RecordBatch>,
    shape: Shape,
}

impl Records {
    pub(crate) fn new(batches: Vec<RecordBatch>, shape: Shape) -> Records {
        Records { batches, shape }
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
        capsule::stream(py, schema(self.shape), self.batches.clone())
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &schema(self.shape))
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
        schema(self.shape).fields().iter().map(|field| field.name().clone()).collect()
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
