//! Tables in and out through the Arrow PyCapsule interface: pointers handed over, no bytes copied.
//!
//! The only file with `unsafe`: the C structures come from another library, which vouches for them by the capsule's name.

#![allow(unsafe_code, reason = "the C data interface is pointers; each use says what it rests on")]

use std::ffi::CStr;

use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator, StructArray, make_array};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::error;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// A piece of a table as it came: named columns of the same length. An array that is no table is one column without a name.
pub(crate) struct Chunk {
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<ArrayRef>,
    pub(crate) rows: usize,
}

/// What a Python object offers: a stream of pieces, or one.
pub(crate) enum Input {
    Stream(ArrayStreamReader),
    One(ArrayRef),
}

impl Input {
    /// Takes over what `object` offers.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Input> {
        if object.hasattr("__arrow_c_stream__")? {
            let capsule = object.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
            let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
            // SAFETY: a capsule of this name holds a valid stream, which this call moves out and marks as released.
            let reader = unsafe { ArrayStreamReader::from_raw(stream.as_ptr()) };
            return Ok(Input::Stream(reader.map_err(error::of_arrow)?));
        }
        if object.hasattr("__arrow_c_array__")? {
            let pair = object.call_method0("__arrow_c_array__")?.cast_into::<PyTuple>()?;
            let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = pair.extract()?;
            let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
            let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
            // SAFETY: capsules of these names hold a valid array, which is moved out and marked as released, and its schema,
            // which lives as long as its capsule, to the end of this function.
            let data = unsafe { from_ffi(FFI_ArrowArray::from_raw(array.as_ptr()), schema.as_ref()) };
            return Ok(Input::One(make_array(data.map_err(error::of_arrow)?)));
        }
        let kind = object.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "a {kind} gives no Arrow data (neither __arrow_c_stream__ nor __arrow_c_array__): give a table or batch of \
             pyarrow, Polars, pandas, DuckDB or the like"
        )))
    }

    /// All pieces. May run without the interpreter: a stream that needs it takes it by itself.
    pub(crate) fn chunks(self) -> Result<Vec<Chunk>, ArrowError> {
        match self {
            Input::Stream(reader) => reader.map(|array| array.map(|array| chunk(&array))).collect(),
            Input::One(array) => Ok(vec![chunk(&array)]),
        }
    }
}

fn chunk(array: &ArrayRef) -> Chunk {
    match array.data_type() {
        DataType::Struct(fields) => Chunk {
            names: fields.iter().map(|field| field.name().clone()).collect(),
            columns: array.as_struct().columns().to_vec(),
            rows: array.len(),
        },
        _ => Chunk { names: vec![String::new()], columns: vec![ArrayRef::clone(array)], rows: array.len() },
    }
}

/// A stream of these batches.
pub(crate) fn stream<'py>(
    py: Python<'py>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// One batch as an array of structures, with its schema.
pub(crate) fn array<'py>(py: Python<'py>, batch: RecordBatch) -> PyResult<Bound<'py, PyTuple>> {
    let field = Field::new_struct("", batch.schema().fields().clone(), false);
    let data = StructArray::from(batch).into_data();
    let schema = FFI_ArrowSchema::try_from(&field).map_err(error::of_arrow)?;
    let schema = PyCapsule::new_with_value(py, schema, SCHEMA)?;
    let array = PyCapsule::new_with_value(py, FFI_ArrowArray::new(&data), ARRAY)?;
    PyTuple::new(py, [schema, array])
}

/// A schema alone.
pub(crate) fn schema<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowSchema::try_from(schema).map_err(error::of_arrow)?, SCHEMA)
}

/// A list's item.
pub(crate) fn item(kind: DataType) -> FieldRef {
    Field::new("item", kind, false).into()
}
