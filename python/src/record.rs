//! Findings as Arrow columns: the keys of a record, in its order and with its rounding, lists of structures as such.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use offlimits::chat::Message;
use offlimits::finding::{Evidence, Finding, Implication, TopicEstimate, Verdict};
use offlimits::report::Names;

use crate::capsule::item;

/// What became of a row of the input.
pub(crate) enum Outcome {
    /// A record, and the message itself where it shall be shown.
    Found(Box<Finding>, Option<Box<Message>>),
    /// No record, for this reason.
    LeftOut(&'static str),
}

/// Which columns a table of records has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Author, text, attachments and evidence as well.
    pub(crate) quote: bool,
    /// A row for every row of the input; those without a record say why.
    pub(crate) aligned: bool,
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

fn maybe(field: Field) -> Field {
    field.with_nullable(true)
}

fn number(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

fn score(name: &str) -> Field {
    Field::new(name, DataType::Float64, false)
}

fn list(name: &str, kind: DataType) -> Field {
    Field::new(name, DataType::List(item(kind)), false)
}

fn verdict() -> Fields {
    vec![text("category"), score("score"), text("disclosure")].into()
}

fn topic() -> Fields {
    vec![text("id"), text("name"), list("path", DataType::Utf8), score("score")].into()
}

fn implication() -> Fields {
    vec![text("category"), score("score"), text("rule")].into()
}

fn evidence() -> Fields {
    let span = list("span", DataType::Int64);
    vec![span, text("phrase"), text("category"), score("weight"), maybe(number("part"))].into()
}

/// The schema of records: keys of [`offlimits::report::record::KEYS`], and more where `shape` asks for it.
pub(crate) fn schema(shape: Shape) -> SchemaRef {
    let mut fields = vec![
        text("source"),
        text("platform"),
        maybe(text("surface")),
        text("conversation_id"),
        maybe(text("message_id")),
        number("index"),
        text("role"),
        maybe(text("timestamp")),
        text("lang"),
        number("chars"),
        list("sensitive", DataType::Struct(verdict())),
        list("unlisted", DataType::Struct(verdict())),
        list("topics", DataType::Struct(topic())),
        text("intent"),
        list("implies", DataType::Struct(implication())),
        text("scope"),
        list("scope_reasons", DataType::Utf8),
        text("ad_use"),
    ];
    if shape.quote {
        fields.push(maybe(text("author")));
        fields.extend([
            text("text"),
            list("attachments", DataType::Utf8),
            list("evidence", DataType::Struct(evidence())),
        ]);
    }
    if shape.aligned {
        fields = fields.into_iter().map(maybe).collect();
        fields.push(maybe(text("not_classified")));
    }
    Arc::new(Schema::new(fields))
}

/// Where each list ends.
struct Ends(Vec<i32>);

impl Ends {
    fn new() -> Ends {
        Ends(vec![0])
    }

    fn add(&mut self, items: usize) {
        let last = self.0.last().copied().unwrap_or_default();
        self.0.push(last.saturating_add(i32::try_from(items).unwrap_or(i32::MAX)));
    }

    fn list(self, items: ArrayRef, valid: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let field = item(items.data_type().clone());
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.0));
        Ok(Arc::new(ListArray::try_new(field, offsets, items, valid.cloned())?))
    }
}

fn structures(fields: Fields, columns: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
}

/// A record's rounding: four decimals, and 0 for what is no number.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() as i64 as f64 / 10_000.0
}

/// A column of lists of texts.
struct Texts {
    ends: Ends,
    items: StringBuilder,
}

impl Texts {
    fn new() -> Texts {
        Texts { ends: Ends::new(), items: StringBuilder::new() }
    }

    fn add(&mut self, texts: &[impl AsRef<str>]) {
        texts.iter().for_each(|text| self.items.append_value(text));
        self.ends.add(texts.len());
    }

    fn finish(mut self, valid: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
        self.ends.list(Arc::new(self.items.finish()), valid)
    }
}

/// A column of lists of a category, a score and a third word: verdicts and implications.
struct Scored {
    fields: Fields,
    ends: Ends,
    category: StringBuilder,
    score: Float64Builder,
    third: StringBuilder,
}

impl Scored {
    fn new(fields: Fields) -> Scored {
        let ends = Ends::new();
        Scored {
            fields,
            ends,
            category: StringBuilder::new(),
            score: Float64Builder::new(),
            third: StringBuilder::new(),
        }
    }

    fn one(&mut self, category: &str, score: f32, third: &str) {
        self.category.append_value(category);
        self.score.append_value(rounded(score));
        self.third.append_value(third);
    }

    fn verdicts(&mut self, verdicts: &[Verdict], names: &Names) {
        for verdict in verdicts {
            self.one(names.category_id(verdict.category), verdict.score, verdict.disclosure.name());
        }
        self.ends.add(verdicts.len());
    }

    fn implications(&mut self, implications: &[Implication], names: &Names) {
        for implied in implications {
            self.one(names.category_id(implied.category), implied.score, &implied.rule);
        }
        self.ends.add(implications.len());
    }

    fn finish(mut self, valid: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let columns: Vec<ArrayRef> =
            vec![Arc::new(self.category.finish()), Arc::new(self.score.finish()), Arc::new(self.third.finish())];
        self.ends.list(structures(self.fields, columns)?, valid)
    }
}

/// The column of ad topics.
struct Topics {
    ends: Ends,
    id: StringBuilder,
    name: StringBuilder,
    path: Texts,
    score: Float64Builder,
}

impl Topics {
    fn new() -> Topics {
        let (id, name) = (StringBuilder::new(), StringBuilder::new());
        Topics { ends: Ends::new(), id, name, path: Texts::new(), score: Float64Builder::new() }
    }

    fn add(&mut self, topics: &[TopicEstimate], names: &Names) {
        for estimate in topics {
            let name = names.topic(estimate.topic);
            self.id.append_value(name.map_or("", |name| &name.id));
            self.name.append_value(name.map_or("", |name| &name.name));
            self.path.add(name.map_or(&[], |name| &name.path));
            self.score.append_value(rounded(estimate.score));
        }
        self.ends.add(topics.len());
    }

    fn finish(mut self, valid: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.name.finish()),
            self.path.finish(None)?,
            Arc::new(self.score.finish()),
        ];
        self.ends.list(structures(topic(), columns)?, valid)
    }
}

/// The columns that show text.
struct Quoted {
    author: StringBuilder,
    text: StringBuilder,
    attachments: Texts,
    ends: Ends,
    span: Ends,
    places: Int64Builder,
    phrase: StringBuilder,
    category: StringBuilder,
    weight: Float64Builder,
    part: Int64Builder,
}

impl Quoted {
    fn new() -> Quoted {
        Quoted {
            author: StringBuilder::new(),
            text: StringBuilder::new(),
            attachments: Texts::new(),
            ends: Ends::new(),
            span: Ends::new(),
            places: Int64Builder::new(),
            phrase: StringBuilder::new(),
            category: StringBuilder::new(),
            weight: Float64Builder::new(),
            part: Int64Builder::new(),
        }
    }

    fn add(&mut self, message: Option<&Message>, found: &[Evidence]) {
        self.author.append_option(message.and_then(|message| message.author.as_deref()));
        self.text.append_option(message.map(|message| &message.text));
        self.attachments.add(message.map_or(&[], |message| &message.attachments));
        for one in found {
            self.places.append_value(one.span.0 as i64);
            self.places.append_value(one.span.1 as i64);
            self.span.add(2);
            self.phrase.append_value(&one.phrase);
            self.category.append_value(&one.category);
            self.weight.append_value(rounded(one.weight));
            self.part.append_option((one.part > 0).then_some(one.part as i64));
        }
        self.ends.add(found.len());
    }

    fn finish(mut self, valid: Option<&NullBuffer>) -> Result<Vec<ArrayRef>, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            self.span.list(Arc::new(self.places.finish()), None)?,
            Arc::new(self.phrase.finish()),
            Arc::new(self.category.finish()),
            Arc::new(self.weight.finish()),
            Arc::new(self.part.finish()),
        ];
        let evidence = self.ends.list(structures(evidence(), columns)?, valid)?;
        let attachments = self.attachments.finish(valid)?;
        Ok(vec![Arc::new(self.author.finish()), Arc::new(self.text.finish()), attachments, evidence])
    }
}

/// Which message it is: the columns of plain values.
struct Plain {
    texts: [StringBuilder; 9],
    index: Int64Builder,
    chars: Int64Builder,
}

impl Plain {
    fn new() -> Plain {
        Plain { texts: Default::default(), index: Int64Builder::new(), chars: Int64Builder::new() }
    }

    fn add(&mut self, finding: &Finding) {
        let sent_at = finding.sent_at.map(|at| at.to_string());
        let texts = [
            Some(&*finding.source),
            Some(finding.platform),
            finding.surface,
            Some(&*finding.conversation_id),
            finding.message_id.as_deref(),
            Some(finding.role.name()),
            sent_at.as_deref(),
            Some(&*finding.assessment.language),
            Some(finding.assessment.intent.name()),
        ];
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.append_option(text));
        self.index.append_value(finding.index as i64);
        self.chars.append_value(finding.chars as i64);
    }

    fn skip(&mut self) {
        self.texts.iter_mut().for_each(StringBuilder::append_null);
        self.index.append_null();
        self.chars.append_null();
    }
}

/// Builds the columns of one batch.
struct Columns {
    plain: Plain,
    sensitive: Scored,
    unlisted: Scored,
    topics: Topics,
    implies: Scored,
    scope: StringBuilder,
    reasons: Texts,
    ad_use: StringBuilder,
    quoted: Option<Quoted>,
    left_out: StringBuilder,
}

impl Columns {
    fn new(shape: Shape) -> Columns {
        Columns {
            plain: Plain::new(),
            sensitive: Scored::new(verdict()),
            unlisted: Scored::new(verdict()),
            topics: Topics::new(),
            implies: Scored::new(implication()),
            scope: StringBuilder::new(),
            reasons: Texts::new(),
            ad_use: StringBuilder::new(),
            quoted: shape.quote.then(Quoted::new),
            left_out: StringBuilder::new(),
        }
    }

    fn add(&mut self, finding: &Finding, message: Option<&Message>, names: &Names) {
        let said = &finding.assessment;
        self.plain.add(finding);
        self.sensitive.verdicts(&said.sensitive, names);
        self.unlisted.verdicts(&said.unlisted, names);
        self.topics.add(&said.topics, names);
        self.implies.implications(&said.implies, names);
        self.scope.append_value(finding.scope.scope.name());
        self.reasons.add(&finding.scope.reasons);
        self.ad_use.append_value(finding.scope.ad_use.name());
        if let Some(quoted) = &mut self.quoted {
            quoted.add(message, &said.evidence);
        }
        self.left_out.append_null();
    }

    fn skip(&mut self, reason: &str) {
        self.plain.skip();
        for scored in [&mut self.sensitive, &mut self.unlisted, &mut self.implies] {
            scored.ends.add(0);
        }
        self.topics.ends.add(0);
        self.reasons.ends.add(0);
        self.scope.append_null();
        self.ad_use.append_null();
        if let Some(quoted) = &mut self.quoted {
            quoted.add(None, &[]);
        }
        self.left_out.append_value(reason);
    }

    fn finish(mut self, shape: Shape, valid: Option<&NullBuffer>) -> Result<RecordBatch, ArrowError> {
        let [source, platform, surface, conversation, id, role, sent_at, lang, intent] =
            self.plain.texts.map(|mut column| Arc::new(column.finish()) as ArrayRef);
        let index: ArrayRef = Arc::new(self.plain.index.finish());
        let chars: ArrayRef = Arc::new(self.plain.chars.finish());
        let mut columns = vec![source, platform, surface, conversation, id, index, role, sent_at, lang, chars];
        columns.extend([self.sensitive.finish(valid)?, self.unlisted.finish(valid)?, self.topics.finish(valid)?]);
        columns.extend([intent, self.implies.finish(valid)?, Arc::new(self.scope.finish())]);
        columns.extend([self.reasons.finish(valid)?, Arc::new(self.ad_use.finish())]);
        if let Some(quoted) = self.quoted {
            columns.extend(quoted.finish(valid)?);
        }
        if shape.aligned {
            columns.push(Arc::new(self.left_out.finish()));
        }
        RecordBatch::try_new(schema(shape), columns)
    }
}

/// The batch of these outcomes, in their order. What was left out has a row only where `shape` is aligned.
pub(crate) fn batch<'a>(
    outcomes: impl Iterator<Item = &'a Outcome>,
    names: &Names,
    shape: Shape,
) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::new(shape);
    let mut valid = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Found(finding, message) => {
                columns.add(finding, message.as_deref(), names);
                valid.push(true);
            }
            Outcome::LeftOut(reason) if shape.aligned => {
                columns.skip(reason);
                valid.push(false);
            }
            Outcome::LeftOut(_) => {}
        }
    }
    let valid = shape.aligned.then(|| NullBuffer::from(valid));
    columns.finish(shape, valid.as_ref())
}
