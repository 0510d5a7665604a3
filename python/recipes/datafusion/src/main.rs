//! `sensitive(text)` in DataFusion: the categories of each text by itself, as a list of names.
//!
//! Run it with `cargo run --release` here. Context across messages would be a table function over partitions by
//! conversation; a scalar function sees one row at a time.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ListBuilder, StringArray, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::common::cast::as_string_array;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::prelude::SessionContext;
use offlimits::chat::Role;
use offlimits::classify::{Classifier, Request, Scratch};
use offlimits::lexicon::Lexicon;

/// The function; the lexicon is read once.
#[derive(Debug)]
struct Sensitive {
    signature: Signature,
    classifier: Classifier,
}

impl PartialEq for Sensitive {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Sensitive {}

impl std::hash::Hash for Sensitive {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        "sensitive".hash(state);
    }
}

impl ScalarUDFImpl for Sensitive {
    fn name(&self) -> &str {
        "sensitive"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        Ok(ColumnarValue::Array(self.categories(as_string_array(&arrays[0])?)))
    }
}

impl Sensitive {
    fn categories(&self, texts: &StringArray) -> ArrayRef {
        let (mut scratch, mut out) = (Scratch::default(), ListBuilder::new(StringBuilder::new()));
        let taxonomy = &self.classifier.lexicon().taxonomy;
        for text in texts {
            let parts = [text.unwrap_or_default()];
            let request =
                Request { parts: &parts, role: Role::User, stated: None, context: None, before: &[], evidence: false };
            for verdict in self.classifier.assess(&mut scratch, &request).sensitive {
                out.values().append_value(&taxonomy.category(verdict.category).id);
            }
            out.append(true);
        }
        Arc::new(out.finish())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let lexicon = Lexicon::builtin().map_err(|error| DataFusionError::External(Box::new(error)))?;
    let classifier = Classifier::new(Arc::new(lexicon));
    let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
    let context = SessionContext::new();
    context.register_udf(ScalarUDF::from(Sensitive { signature, classifier }));
    let query = "select text, sensitive(text) as categories from (values \
                 ('my oncologist moved my appointment'), ('a quiet hotel in Lisbon?'), ('our union votes on the strike')) \
                 as messages(text)";
    let batches = context.sql(query).await?.collect().await?;
    println!("{}", pretty_format_batches(&batches)?);
    Ok(())
}
