//! Author and text of messages that come as labelled values, whose labels are translated or unknown.
//!
//! The records of one conversation have the same layout, so the question is not which *value* but which *column* holds
//! the author: the one whose label says so, or whose values are names that are known, or failing that the few short ones.
//! No label is needed; those below only help.

use std::collections::{BTreeMap, BTreeSet};

use crate::chat::Timestamp;

/// Labels that mean the sender.
const AUTHOR_LABELS: &[&str] = &[
    "sender",
    "sender name",
    "sent by",
    "from",
    "author",
    "absender",
    "gesendet von",
    "von",
    "verfasser",
    "autor",
    "remitente",
    "de",
    "enviado por",
    "expéditeur",
    "envoyé par",
    "auteur",
    "mittente",
    "da",
    "inviato da",
    "autore",
    "afzender",
    "van",
    "verzonden door",
    "nadawca",
    "od",
    "expeditor",
    "siuntėjas",
    "avsändare",
    "afsender",
    "avsender",
    "lähettäjä",
    "gönderen",
    "отправитель",
    "відправник",
    "αποστολέας",
    "发件人",
    "發送者",
    "送信者",
    "보낸 사람",
    "المرسل",
    "प्रेषक",
];

/// Labels that mean the text.
const TEXT_LABELS: &[&str] = &[
    "text",
    "message",
    "message text",
    "message content",
    "content",
    "body",
    "nachricht",
    "nachrichtentext",
    "inhalt",
    "texto",
    "mensaje",
    "contenido",
    "mensagem",
    "conteúdo",
    "texte",
    "contenu",
    "messaggio",
    "testo",
    "contenuto",
    "bericht",
    "tekst",
    "inhoud",
    "wiadomość",
    "treść",
    "mesaj",
    "conținut",
    "žinutė",
    "tekstas",
    "meddelande",
    "besked",
    "melding",
    "viesti",
    "ileti",
    "metin",
    "сообщение",
    "текст",
    "повідомлення",
    "μήνυμα",
    "κείμενο",
    "消息",
    "訊息",
    "メッセージ",
    "메시지",
    "رسالة",
    "संदेश",
];

/// One message as labelled values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Labels with their values, in order; some labels have none.
    pub(crate) fields: Vec<(String, Option<String>)>,
    /// The time.
    pub(crate) at: Option<Timestamp>,
    /// The time has no zone.
    pub(crate) local: bool,
}

/// A label, and which of several equal ones it is.
type Column = (String, usize);

impl Record {
    fn columns(&self) -> impl Iterator<Item = (Column, &str)> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        self.fields.iter().filter_map(move |(label, value)| {
            let count = seen.entry(label).or_default();
            *count += 1;
            let value = value.as_deref().filter(|value| !value.trim().is_empty())?;
            Some(((label.clone(), *count), value))
        })
    }

    fn value(&self, column: &Column) -> Option<&str> {
        self.columns().find(|(own, _)| own == column).map(|(_, value)| value)
    }
}

/// Author and text of every record; `is_name` knows names from elsewhere.
pub(crate) fn split(records: &[Record], is_name: impl Fn(&str) -> bool) -> Vec<(Option<&str>, Option<&str>)> {
    let mut columns: BTreeMap<Column, Vec<&str>> = BTreeMap::new();
    for (column, value) in records.iter().flat_map(Record::columns) {
        columns.entry(column).or_default().push(value);
    }
    let author = author_column(&columns, &is_name);
    columns.retain(|column, _| Some(column) != author.as_ref());
    let text = text_column(&columns);
    let pick = |record| -> (Option<&str>, Option<&str>) { (value_of(record, &author), value_of(record, &text)) };
    records.iter().map(pick).collect()
}

fn value_of<'a>(record: &'a Record, column: &Option<Column>) -> Option<&'a str> {
    record.value(column.as_ref()?)
}

fn labelled(column: &Column, labels: &[&str]) -> bool {
    let label = column.0.trim().trim_end_matches(':').to_lowercase();
    labels.contains(&label.as_str())
}

fn author_column(columns: &BTreeMap<Column, Vec<&str>>, is_name: impl Fn(&str) -> bool) -> Option<Column> {
    let names = |values: &[&str]| values.iter().filter(|value| is_name(value)).count();
    let by_label = columns.iter().filter(|(column, _)| labelled(column, AUTHOR_LABELS));
    let by_name = columns.iter().filter(|(_, values)| names(values) * 2 >= values.len());
    by_label
        .max_by_key(|(_, values)| values.len())
        .or_else(|| by_name.max_by_key(|(_, values)| names(values)))
        .or_else(|| by_shape(columns))
        .map(|(column, _)| column.clone())
}

/// The column of few, short values, when there is another for the text.
fn by_shape<'a, 'b>(columns: &'a BTreeMap<Column, Vec<&'b str>>) -> Option<(&'a Column, &'a Vec<&'b str>)> {
    let fullest = columns.values().map(Vec::len).max()?;
    let candidates =
        columns.iter().filter(|(column, values)| values.len() == fullest && !labelled(column, TEXT_LABELS));
    let shortest = candidates.min_by_key(|(_, values)| {
        let distinct = values.iter().collect::<BTreeSet<_>>().len();
        (distinct, length(values))
    });
    shortest.filter(|_| columns.len() > 1)
}

fn text_column(columns: &BTreeMap<Column, Vec<&str>>) -> Option<Column> {
    let by_label = columns.iter().filter(|(column, _)| labelled(column, TEXT_LABELS));
    let others = columns.iter().filter(|(_, values)| !values.iter().all(|value| is_code(value)));
    by_label
        .max_by_key(|(_, values)| values.len())
        .or_else(|| others.max_by_key(|(_, values)| length(values)))
        .map(|(column, _)| column.clone())
}

/// Mean length.
fn length(values: &[&str]) -> usize {
    values.iter().map(|value| value.chars().count()).sum::<usize>() / values.len().max(1)
}

/// Links, numbers and message ids are not what somebody wrote.
fn is_code(value: &str) -> bool {
    !value.contains(char::is_whitespace)
        && (value.starts_with("http") || value.starts_with("mid.") || value.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{Record, split};

    fn records(rows: &[&[(&str, &str)]]) -> Vec<Record> {
        let field = |(label, value): &(&str, &str)| ((*label).to_owned(), Some((*value).to_owned()));
        rows.iter().map(|row| Record { fields: row.iter().map(field).collect(), ..Record::default() }).collect()
    }

    #[test]
    fn known_names_mark_the_author() {
        let rows = records(&[&[("x", "Meta AI"), ("y", "ok")], &[("x", "Zoë"), ("y", "Meta AI")]]);
        let found = split(&rows, |name| name == "Meta AI" || name == "Zoë");
        assert_eq!(found, [(Some("Meta AI"), Some("ok")), (Some("Zoë"), Some("Meta AI"))]);
    }

    #[test]
    fn without_labels_and_names_few_short_values_are_authors() {
        let rows = records(&[
            &[("", "Is it a migraine or just stress?"), ("", "zoe.m")],
            &[("", "It could be both."), ("", "Luna")],
            &[("", "ok"), ("", "zoe.m")],
        ]);
        let authors: Vec<_> = split(&rows, |_| false).into_iter().map(|(author, _)| author).collect();
        assert_eq!(authors, [Some("zoe.m"), Some("Luna"), Some("zoe.m")]);
    }

    #[test]
    fn a_message_without_text_gets_none_from_elsewhere() {
        let rows = records(&[
            &[("Text", "hi"), ("Link", "https://example.org/long/long/long"), ("Von", "Zoë")],
            &[("Link", "https://example.org/another"), ("Von", "Zoë")],
        ]);
        assert_eq!(split(&rows, |_| false), [(Some("Zoë"), Some("hi")), (Some("Zoë"), None)]);
    }
}
