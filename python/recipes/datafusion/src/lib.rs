//! The verdicts of offlimits as SQL functions of DataFusion.
//!
//! ```sql
//! select sensitive(text) from messages                             -- each text by itself
//! select sensitive_in_context(text, role)                          -- messages of a conversation explain one another
//!        over (partition by conversation_id order by place) from messages
//! ```
//!
//! Both give what a record has as `sensitive`: a list, empty where nothing was found, null where the row is not classified
//! (it has no text, or is not the user's). The second is a window function, so that DataFusion itself brings the rows of
//! a conversation together and into order.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Float64Builder, ListBuilder, StringBuilder, StructBuilder};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::cast::as_string_array;
use datafusion::error::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    ColumnarValue, PartitionEvaluator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, WindowUDF,
    WindowUDFImpl,
};
use datafusion::prelude::SessionContext;
use offlimits::chat::{Conversation, Message, Role};
use offlimits::classify::{Classifier, Scratch};
use offlimits::finding::Verdict;
use offlimits::lexicon::Lexicon;
use offlimits::policy::{Account, Policy};
use offlimits::read::roles::{Speaker, speaker};
use offlimits::read::sink::settle_message;
use offlimits::scan::{Event, Scanner, Selection};

/// A scanner with the settings that the program has by default. It reads the lexicon: make one.
pub fn scanner() -> offlimits::Result<Scanner> {
    Ok(Scanner {
        classifier: Classifier::new(Arc::new(Lexicon::builtin()?)),
        policy: Policy::builtin("meta-ai-ads")?,
        account: Account::default(),
        selection: Selection::default(),
        evidence: false,
    })
}

/// Makes `sensitive` and `sensitive_in_context` known to a session.
pub fn register(context: &SessionContext, scanner: Scanner) {
    let scanner = Arc::new(scanner);
    let function = |name, arguments| Function {
        name,
        signature: Signature::exact(vec![DataType::Utf8; arguments], Volatility::Immutable),
        scanner: Arc::clone(&scanner),
    };
    context.register_udf(ScalarUDF::from(function("sensitive", 1)));
    context.register_udwf(WindowUDF::from(function("sensitive_in_context", 2)));
}

/// Either function, as DataFusion knows it.
#[derive(Debug)]
struct Function {
    name: &'static str,
    signature: Signature,
    scanner: Arc<Scanner>,
}

/// DataFusion computes equal calls once, so functions are equal only where their scanner is the same.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.scanner, &other.scanner)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(kind())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        verdicts(&self.scanner, &arrays, false).map(ColumnarValue::Array)
    }
}

impl WindowUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn field(&self, arguments: WindowUDFFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(arguments.name(), kind(), true)))
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Conversations(Arc::clone(&self.scanner))))
    }
}

/// What sees a conversation at once.
#[derive(Debug)]
struct Conversations(Arc<Scanner>);

impl PartitionEvaluator for Conversations {
    fn evaluate_all(&mut self, arrays: &[ArrayRef], _: usize) -> Result<ArrayRef> {
        verdicts(&self.0, arrays, true)
    }
}

thread_local! {
    /// Buffers that are used again from call to call.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The verdicts of rows: texts, and roles where there is a second array.
fn verdicts(scanner: &Scanner, arrays: &[ArrayRef], threaded: bool) -> Result<ArrayRef> {
    let texts = as_string_array(&arrays[0])?;
    let roles = arrays.get(1).map(|roles| as_string_array(roles)).transpose()?;
    let mut conversation = Conversation::new("generic", None, "");
    conversation.threaded = threaded;
    let mut rows = Vec::new();
    for (row, text) in texts.iter().enumerate() {
        let role = match roles.filter(|roles| roles.is_valid(row)).map(|roles| speaker(roles.value(row))) {
            None => Role::User,
            Some(Speaker::Known(role)) => role,
            Some(Speaker::Unknown) => Role::Participant,
            Some(Speaker::LeftOut(_)) => continue,
        };
        let mut message = Message::new(role, text.unwrap_or_default());
        settle_message(&mut message);
        if !message.is_empty() {
            conversation.messages.push(message);
            rows.push(row);
        }
    }
    let mut found: Vec<Option<Vec<Verdict>>> = vec![None; texts.len()];
    let mut place = 0;
    SCRATCH.with_borrow_mut(|scratch| {
        scanner.scan(scratch, "", &conversation, &mut |event| {
            if let Event::Found(finding, _) = event {
                found[rows[place]] = Some(finding.assessment.sensitive);
            }
            place += 1;
        });
    });
    Ok(column(scanner, &found))
}

/// A verdict's fields, as in a record.
fn fields() -> Fields {
    let field = |name, kind| Field::new(name, kind, true);
    vec![field("category", DataType::Utf8), field("score", DataType::Float64), field("disclosure", DataType::Utf8)]
        .into()
}

fn kind() -> DataType {
    DataType::new_list(DataType::Struct(fields()), true)
}

fn column(scanner: &Scanner, found: &[Option<Vec<Verdict>>]) -> ArrayRef {
    let taxonomy = &scanner.classifier.lexicon().taxonomy;
    let mut lists = ListBuilder::new(StructBuilder::from_fields(fields(), found.len()));
    for verdicts in found {
        for verdict in verdicts.iter().flatten() {
            let one = lists.values();
            text(one, 0, &taxonomy.category(verdict.category).id);
            if let Some(scores) = one.field_builder::<Float64Builder>(1) {
                // Records hold four decimals.
                scores.append_value((f64::from(verdict.score) * 10_000.0).round() / 10_000.0);
            }
            text(one, 2, verdict.disclosure.name());
            one.append(true);
        }
        lists.append(verdicts.is_some());
    }
    Arc::new(lists.finish())
}

fn text(one: &mut StructBuilder, place: usize, value: &str) {
    if let Some(texts) = one.field_builder::<StringBuilder>(place) {
        texts.append_value(value);
    }
}
