//! Term files as written: TSV rows and cue groups, with the line that each stands on.
//!
//! Reading never stops at the first mistake: `lexicon check` shows all of them, as `file:line: message`.

use std::borrow::Cow;
use std::fmt;

/// A column as written. That of a built-in file lies in the program.
pub type Column = Cow<'static, str>;

/// The columns of a term file, in order.
pub const COLUMNS: [&str; 9] = ["phrase", "weight", "sense", "needs", "unless", "case", "forms", "source", "note"];

/// A mistake in the data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// File, relative to the lexicon folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Capitals that a match must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Any.
    Any,
    /// A capital first letter.
    Title,
    /// All capitals.
    Upper,
}

/// One entry as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u32,
    /// Its first byte in the file.
    pub at: u32,
    /// The phrase as written.
    pub phrase: Column,
    /// Log-odds.
    pub weight: f32,
    /// Sense, topic or intent.
    pub sense: Column,
    /// Conditions that must hold.
    pub needs: Column,
    /// Conditions that must not hold.
    pub unless: Column,
    /// Capitals.
    pub case: Case,
    /// Inflection class.
    pub forms: Column,
    /// Provenance.
    pub source: Column,
    /// Why.
    pub note: Column,
}

/// A named cue group as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Line in the file, from 1.
    pub line: u32,
    /// Name without the `@`.
    pub name: String,
    /// Words and phrases.
    pub members: Vec<String>,
}

/// A term file as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TermFile {
    /// Comment lines above the header.
    pub comments: Vec<String>,
    /// Cue groups.
    pub groups: Vec<Group>,
    /// Entries.
    pub rows: Vec<Row>,
}

/// One sentence that must, or must not, be flagged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Line in the file, from 1.
    pub line: u32,
    /// What must hold, parted by spaces.
    pub expect: String,
    /// The sentence.
    pub text: String,
}

/// Reads a term file; every mistake goes to `problems`.
pub fn terms(file: &str, text: &Column, problems: &mut Vec<Problem>) -> TermFile {
    match text {
        Cow::Borrowed(text) => lines(file, text, Cow::Borrowed, problems),
        Cow::Owned(text) => lines(file, text, |column| Cow::Owned(column.to_owned()), problems),
    }
}

fn lines<'t>(file: &str, text: &'t str, own: impl Fn(&'t str) -> Column, problems: &mut Vec<Problem>) -> TermFile {
    let mut out = TermFile::default();
    // Rows are large: room that is doubled again and again would be a fifth of the program's memory.
    out.rows.reserve_exact(memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1);
    let mut header = false;
    for (number, line) in (1..).zip(text.lines()) {
        let mut wrong = |message: String| problems.push(Problem { file: file.to_owned(), line: number, message });
        if line.trim().is_empty() {
            continue;
        } else if line.starts_with('#') && !line.starts_with("# ml") && !is_entry(line) {
            out.comments.push(line.to_owned());
        } else if let Some(group) = line.strip_prefix('@') {
            match group.split_once('\t') {
                Some((name, members)) => out.groups.push(Group {
                    line: number,
                    name: name.trim().to_owned(),
                    members: members.split('|').map(|m| m.trim().to_owned()).filter(|m| !m.is_empty()).collect(),
                }),
                None => wrong("a cue group is written @name<TAB>word|word".into()),
            }
        } else if line.starts_with("phrase\t") {
            header = true;
            if line.split('\t').ne(COLUMNS) {
                wrong(format!("the columns must be {}", COLUMNS.join(", ")));
            }
        } else {
            if !header {
                header = true;
                wrong("entries before the header line".into());
            }
            // Lines are slices of the text, so their addresses tell their places.
            let at = (line.as_ptr() as usize - text.as_ptr() as usize) as u32;
            match row(number, at, line, &own) {
                Ok(row) => out.rows.push(row),
                Err(message) => wrong(message),
            }
        }
    }
    out
}

/// `# mg` with a tab-separated rest is an entry (`#` stands for a number), not a comment.
fn is_entry(line: &str) -> bool {
    line.split('\t').count() == COLUMNS.len()
}

/// The row that begins at byte `at` of a term file, where one was read before.
pub fn row_at(text: &Column, at: u32) -> Row {
    let before = text.as_bytes().get(..at as usize).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count() as u32 + 1;
    let written = match text {
        Cow::Borrowed(text) => first_line(text, at).map(|text| row(line, at, text, Cow::Borrowed)),
        Cow::Owned(text) => first_line(text, at).map(|text| row(line, at, text, |c| Cow::Owned(c.to_owned()))),
    };
    match written {
        Some(Ok(row)) => row,
        _ => unreachable!("no row stands at byte {at}"),
    }
}

fn first_line(text: &str, at: u32) -> Option<&str> {
    text.get(at as usize..)?.lines().next()
}

fn row<'t>(line: u32, at: u32, text: &'t str, own: impl Fn(&'t str) -> Column) -> Result<Row, String> {
    let mut columns = [""; COLUMNS.len()];
    let (mut from, mut count) = (0, 0);
    for end in memchr::memchr_iter(b'\t', text.as_bytes()).chain([text.len()]) {
        if let Some(column) = columns.get_mut(count) {
            *column = text[from..end].trim();
        }
        (from, count) = (end + 1, count + 1);
    }
    if count != columns.len() {
        return Err(format!("{count} columns instead of {}", columns.len()));
    }
    let [phrase, weight, sense, needs, unless, case, forms, source, note] = columns;
    let weight: f32 = weight.parse().map_err(|_| format!("`{weight}` is no weight"))?;
    if !(-6.0..=6.0).contains(&weight) {
        return Err(format!("weight {weight} is outside -6..6"));
    }
    let case = match case {
        "" => Case::Any,
        "title" => Case::Title,
        "upper" => Case::Upper,
        _ => return Err(format!("case `{case}` is neither upper nor title")),
    };
    Ok(Row {
        line,
        at,
        phrase: own(phrase),
        weight,
        sense: own(sense),
        needs: own(needs),
        unless: own(unless),
        case,
        forms: own(forms),
        source: own(source),
        note: own(note),
    })
}

/// Writes a term file back, groups and entries sorted.
pub fn print(file: &TermFile) -> String {
    let mut out = String::new();
    for comment in &file.comments {
        out.push_str(comment);
        out.push('\n');
    }
    let mut groups: Vec<&Group> = file.groups.iter().collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    for group in groups {
        out.push_str(&format!("@{}\t{}\n", group.name, group.members.join("|")));
    }
    out.push_str(&COLUMNS.join("\t"));
    out.push('\n');
    let mut rows: Vec<&Row> = file.rows.iter().collect();
    rows.sort_by_cached_key(|r| order(r));
    for r in rows {
        let case = match r.case {
            Case::Any => "",
            Case::Title => "title",
            Case::Upper => "upper",
        };
        let weight = r.weight.to_string();
        let columns: [&str; COLUMNS.len()] =
            [&r.phrase, &weight, &r.sense, &r.needs, &r.unless, case, &r.forms, &r.source, &r.note];
        out.push_str(&columns.join("\t"));
        out.push('\n');
    }
    out
}

/// What entries are sorted by.
pub fn order(row: &Row) -> impl Ord + use<> {
    (row.phrase.to_lowercase(), row.phrase.clone(), row.sense.clone(), row.needs.clone(), row.unless.clone())
}

/// Reads an example file: `expect`, `text`, `note`.
pub fn examples(file: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Example> {
    let mut out = Vec::new();
    for (line, row) in (1..).zip(text.lines()) {
        if row.trim().is_empty() || row.starts_with('#') || row.starts_with("expect\t") {
            continue;
        }
        let mut columns = row.split('\t');
        match (columns.next(), columns.next()) {
            (Some(expect), Some(text)) if !text.trim().is_empty() => {
                out.push(Example { line, expect: expect.to_owned(), text: text.to_owned() });
            }
            _ => problems.push(Problem {
                file: file.to_owned(),
                line,
                message: "an example is written expect<TAB>text<TAB>note".into(),
            }),
        }
    }
    out
}
