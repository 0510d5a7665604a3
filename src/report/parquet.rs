//! Records as Parquet: the columns of the JSON records, lists of structures as lists of structures.
//!
//! Takes the JSON lines that [`super::record`] writes and cuts them into columns (Dremel: a repetition and a definition level
//! a value), so that the two forms cannot tell different things. Without Arrow: the columns are few and their shape is fixed.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rayon::prelude::*;
use serde_json::Value;

/// Records in a row group: enough for long runs of equal values, few enough to be held in memory.
const GROUP: usize = 50_000;

/// Records that one thread cuts at a time.
const TOGETHER: usize = 256;

/// A column's name and the shape of it; a function, because a list of shapes could not be a constant.
type Named = (&'static str, fn() -> Node);

/// The shape of a column, or of several.
enum Node {
    Text,
    MaybeText,
    Number,
    MaybeNumber,
    Score,
    List(Box<Node>),
    Group(&'static [Named]),
}

fn list(node: Node) -> Node {
    Node::List(Box::new(node))
}

fn text() -> Node {
    Node::Text
}

fn maybe_text() -> Node {
    Node::MaybeText
}

fn number() -> Node {
    Node::Number
}

fn maybe_number() -> Node {
    Node::MaybeNumber
}

fn score() -> Node {
    Node::Score
}

fn texts() -> Node {
    list(Node::Text)
}

fn numbers() -> Node {
    list(Node::Number)
}

fn verdicts() -> Node {
    list(Node::Group(&[("category", text), ("score", score), ("disclosure", text)]))
}

fn topics() -> Node {
    list(Node::Group(&[("id", text), ("name", text), ("path", texts), ("score", score)]))
}

fn implications() -> Node {
    list(Node::Group(&[("category", text), ("score", score), ("rule", text)]))
}

fn evidence() -> Node {
    list(Node::Group(&[
        ("span", numbers),
        ("phrase", text),
        ("category", text),
        ("weight", score),
        ("part", maybe_number),
    ]))
}

/// The columns of a record, in order: see [`super::record::KEYS`].
const COLUMNS: &[Named] = &[
    ("source", text),
    ("platform", text),
    ("surface", maybe_text),
    ("conversation_id", text),
    ("message_id", maybe_text),
    ("index", number),
    ("role", text),
    ("timestamp", maybe_text),
    ("lang", text),
    ("chars", number),
    ("sensitive", verdicts),
    ("unlisted", verdicts),
    ("topics", topics),
    ("intent", text),
    ("implies", implications),
    ("scope", text),
    ("scope_reasons", texts),
    ("ad_use", text),
];

/// The columns that a quoting record has besides.
const QUOTE_COLUMNS: &[Named] =
    &[("author", maybe_text), ("text", text), ("attachments", texts), ("evidence", evidence)];

fn columns(quoting: bool) -> Vec<(&'static str, Node)> {
    let quote = if quoting { QUOTE_COLUMNS } else { &[] };
    COLUMNS.iter().chain(quote).map(|(name, node)| (*name, node())).collect()
}

/// The schema in Parquet's own notation.
fn schema(out: &mut String, name: &str, node: &Node) {
    let leaf = match node {
        Node::Text => "required binary NAME (STRING);",
        Node::MaybeText => "optional binary NAME (STRING);",
        Node::Number => "required int64 NAME;",
        Node::MaybeNumber => "optional int64 NAME;",
        Node::Score => "required double NAME;",
        Node::List(inner) => {
            out.push_str(&format!("required group {name} (LIST) {{ repeated group list {{ "));
            schema(out, "element", inner);
            return out.push_str("} } ");
        }
        Node::Group(fields) => {
            out.push_str(&format!("required group {name} {{ "));
            fields.iter().for_each(|(name, node)| schema(out, name, &node()));
            return out.push_str("} ");
        }
    };
    out.push_str(&leaf.replace("NAME", name));
}

enum Values {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
    Scores(Vec<f64>),
}

/// A leaf of the schema, as far as it is filled.
struct Column {
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

/// Where in the tree a value stands.
#[derive(Clone, Copy)]
struct Level {
    definition: i16,
    repetition: i16,
    /// Lists around it.
    depth: i16,
}

impl Node {
    fn leaves(&self, out: &mut Vec<Column>) {
        let values = match self {
            Node::List(inner) => return inner.leaves(out),
            Node::Group(fields) => return fields.iter().for_each(|(_, node)| node().leaves(out)),
            Node::Text | Node::MaybeText => Values::Texts(Vec::new()),
            Node::Number | Node::MaybeNumber => Values::Numbers(Vec::new()),
            Node::Score => Values::Scores(Vec::new()),
        };
        out.push(Column { values, definitions: Vec::new(), repetitions: Vec::new() });
    }

    /// Cuts `value` (nothing, where a list is empty) into the columns from `place` on; answers the first one behind them.
    fn cut(&self, value: Option<&Value>, level: Level, columns: &mut [Column], place: usize) -> usize {
        match self {
            Node::Group(fields) => fields
                .iter()
                .fold(place, |place, (name, node)| node().cut(value.map(|value| &value[*name]), level, columns, place)),
            Node::List(inner) => {
                let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                if items.is_empty() {
                    return inner.cut(None, level, columns, place);
                }
                let mut behind = place;
                for (number, item) in items.iter().enumerate() {
                    let repetition = if number == 0 { level.repetition } else { level.depth + 1 };
                    let level = Level { definition: level.definition + 1, repetition, depth: level.depth + 1 };
                    behind = inner.cut(Some(item), level, columns, place);
                }
                behind
            }
            _ => {
                if let Some(column) = columns.get_mut(place) {
                    column.push(self, value, level);
                }
                place + 1
            }
        }
    }
}

impl Column {
    fn push(&mut self, node: &Node, value: Option<&Value>, level: Level) {
        let optional = matches!(node, Node::MaybeText | Node::MaybeNumber);
        let given = value.filter(|value| !(optional && value.is_null()));
        self.repetitions.push(level.repetition);
        self.definitions.push(level.definition + i16::from(optional && given.is_some()));
        let Some(value) = given else { return };
        match &mut self.values {
            Values::Texts(texts) => texts.push(ByteArray::from(value.as_str().unwrap_or_default())),
            Values::Numbers(numbers) => numbers.push(value.as_i64().unwrap_or_default()),
            Values::Scores(scores) => scores.push(value.as_f64().unwrap_or_default()),
        }
    }

    fn append(&mut self, mut more: Column) {
        match (&mut self.values, &mut more.values) {
            (Values::Texts(all), Values::Texts(more)) => all.append(more),
            (Values::Numbers(all), Values::Numbers(more)) => all.append(more),
            (Values::Scores(all), Values::Scores(more)) => all.append(more),
            // Both are made from the same shape.
            _ => {}
        }
        self.definitions.append(&mut more.definitions);
        self.repetitions.append(&mut more.repetitions);
    }

    fn clear(&mut self) {
        match &mut self.values {
            Values::Texts(texts) => texts.clear(),
            Values::Numbers(numbers) => numbers.clear(),
            Values::Scores(scores) => scores.clear(),
        }
        self.definitions.clear();
        self.repetitions.clear();
    }
}

/// Writes records as Parquet. Call [`Writer::finish`] at the end.
pub struct Writer<W: Write + Send> {
    out: Option<W>,
    file: Option<SerializedFileWriter<W>>,
    nodes: Vec<(&'static str, Node)>,
    columns: Vec<Column>,
    rows: usize,
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
}

impl<W: Write + Send> Writer<W> {
    /// A writer into `out`. Whether the records quote shows in the first of them.
    pub fn new(out: W) -> Writer<W> {
        Writer { out: Some(out), file: None, nodes: Vec::new(), columns: Vec::new(), rows: 0, line: Vec::new() }
    }

    /// Takes in whole or broken JSON lines. They are cut into columns on all threads.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if !self.line.is_empty() {
            let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end..];
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.lines(&[line.trim_ascii_end()])?;
            }
        }
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        self.line.extend_from_slice(&bytes[whole..]);
        let lines: Vec<&[u8]> = bytes[..whole].split(|byte| *byte == b'\n').collect();
        // Behind the last line end there is nothing.
        self.lines(&lines[..lines.len() - 1])
    }

    fn lines(&mut self, mut lines: &[&[u8]]) -> io::Result<()> {
        while let Some(first) = lines.first() {
            if self.file.is_none() {
                let record: Value = serde_json::from_slice(first)?;
                self.open(record.get("text").is_some())?;
            }
            let (now, later) = lines.split_at(lines.len().min(GROUP - self.rows));
            let cut: Vec<io::Result<Vec<Column>>> =
                now.par_chunks(TOGETHER).map(|lines| cut(&self.nodes, lines)).collect();
            for columns in cut {
                self.columns.iter_mut().zip(columns?).for_each(|(column, more)| column.append(more));
            }
            self.rows += now.len();
            lines = later;
            if self.rows == GROUP {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn open(&mut self, quoting: bool) -> io::Result<()> {
        let Some(out) = self.out.take() else { return Ok(()) };
        self.nodes = columns(quoting);
        let mut written = String::from("message record { ");
        self.nodes.iter().for_each(|(name, node)| schema(&mut written, name, node));
        written.push('}');
        self.columns = leaves(&self.nodes);
        let schema = Arc::new(parse_message_type(&written).map_err(other)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("offlimits ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        self.file = Some(SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(other)?);
        Ok(())
    }

    /// Writes a row group.
    fn flush(&mut self) -> io::Result<()> {
        let Some(file) = self.file.as_mut().filter(|_| self.rows > 0) else { return Ok(()) };
        let mut group = file.next_row_group().map_err(other)?;
        for column in &mut self.columns {
            let Some(mut writer) = group.next_column().map_err(other)? else { break };
            let (definitions, repetitions) = (Some(&column.definitions[..]), Some(&column.repetitions[..]));
            let written = match (writer.untyped(), &column.values) {
                (ColumnWriter::ByteArrayColumnWriter(typed), Values::Texts(texts)) => {
                    typed.write_batch(texts, definitions, repetitions)
                }
                (ColumnWriter::Int64ColumnWriter(typed), Values::Numbers(numbers)) => {
                    typed.write_batch(numbers, definitions, repetitions)
                }
                (ColumnWriter::DoubleColumnWriter(typed), Values::Scores(scores)) => {
                    typed.write_batch(scores, definitions, repetitions)
                }
                _ => Err(ParquetError::General("a column of another kind than its schema".into())),
            };
            written.map_err(other)?;
            writer.close().map_err(other)?;
            column.clear();
        }
        group.close().map_err(other)?;
        self.rows = 0;
        Ok(())
    }

    /// Writes what is left and the footer; without any record, a table without rows.
    pub fn finish(mut self) -> io::Result<W> {
        self.open(false)?;
        self.flush()?;
        let file = self.file.take().ok_or_else(|| io::Error::other("the file was not begun"))?;
        file.into_inner().map_err(other)
    }
}

fn leaves(nodes: &[(&'static str, Node)]) -> Vec<Column> {
    let mut columns = Vec::new();
    nodes.iter().for_each(|(_, node)| node.leaves(&mut columns));
    columns
}

/// Some records as columns of their own.
fn cut(nodes: &[(&'static str, Node)], lines: &[&[u8]]) -> io::Result<Vec<Column>> {
    let mut columns = leaves(nodes);
    let level = Level { definition: 0, repetition: 0, depth: 0 };
    for line in lines {
        let record: Value = serde_json::from_slice(line)?;
        nodes.iter().fold(0, |place, (name, node)| node.cut(Some(&record[*name]), level, &mut columns, place));
    }
    Ok(columns)
}

fn other(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, QUOTE_COLUMNS, Writer};
    use crate::report::record::{KEYS, QUOTE_KEYS};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{ListAccessor, Row, RowAccessor};

    const LINES: &str = concat!(
        r#"{"source":"a","platform":"chatgpt","surface":null,"conversation_id":"c","message_id":"m","index":0,"role":"user","#,
        r#""timestamp":null,"lang":"en","chars":3,"sensitive":[{"category":"health","score":0.5,"disclosure":"self"},"#,
        r#"{"category":"union","score":0.9,"disclosure":"topic"}],"unlisted":[],"topics":[{"id":"1","name":"Travel","#,
        r#""path":["Travel","Air"],"score":0.8}],"intent":"none","implies":[],"scope":"in","scope_reasons":[],"ad_use":"x"}"#,
        "\n"
    );

    fn rows(pieces: &[&str]) -> Vec<Row> {
        let mut writer = Writer::new(Vec::new());
        pieces.iter().for_each(|piece| writer.write(piece.as_bytes()).unwrap());
        let bytes = bytes::Bytes::from(writer.finish().unwrap());
        let reader = SerializedFileReader::new(bytes).unwrap();
        reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_is_read_back_is_what_was_written() {
        let (head, tail) = LINES.split_at(100);
        let rows = rows(&[LINES, head, &tail[..50], &tail[50..], LINES]);
        assert_eq!(rows.len(), 3);
        for row in &rows {
            assert_eq!(row.get_string(1).unwrap(), "chatgpt");
            assert!(row.get_string(2).is_err(), "no surface");
            let sensitive = row.get_list(10).unwrap();
            assert_eq!(sensitive.len(), 2);
            let second = sensitive.get_group(1).unwrap();
            assert_eq!((second.get_string(0).unwrap().as_str(), second.get_double(1).unwrap()), ("union", 0.9));
            assert_eq!(row.get_list(11).unwrap().len(), 0);
            let topic = row.get_list(12).unwrap().get_group(0).unwrap();
            assert_eq!(topic.get_list(2).unwrap().get_string(1).unwrap(), "Air");
        }
        assert!(super::tests::rows(&[]).is_empty(), "a table without rows");
    }

    #[test]
    fn the_columns_are_the_keys() {
        assert!(COLUMNS.iter().map(|(name, _)| name).eq(KEYS));
        assert!(QUOTE_COLUMNS.iter().map(|(name, _)| name).eq(QUOTE_KEYS));
    }
}
