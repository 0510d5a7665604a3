//! The published shapes of the machine outputs.

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The report of `--json`: JSON Schema, draft 2020-12.
    Report,
    /// A record of `--records`: JSON Schema, draft 2020-12.
    Record,
    /// The table of `--tidy`: Table Schema (Data Package 2.0).
    Tidy,
}

/// The schema of an output, as JSON.
pub fn of(output: Output) -> &'static str {
    match output {
        Output::Report => include_str!("schema/report.json"),
        Output::Record => include_str!("schema/record.json"),
        Output::Tidy => include_str!("schema/tidy.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, of};
    use crate::report::record::{KEYS, QUOTE_KEYS};
    use crate::report::tidy::{COLUMNS, KINDS};

    fn parsed(output: Output) -> serde_json::Value {
        serde_json::from_str(of(output)).unwrap()
    }

    #[test]
    fn schemas_name_the_columns_that_are_written() {
        let record = parsed(Output::Record);
        let keys: std::collections::BTreeSet<&str> =
            record["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, KEYS.iter().chain(QUOTE_KEYS).copied().collect());
        let tidy = parsed(Output::Tidy);
        let fields = tidy["fields"].as_array().unwrap();
        assert_eq!(fields.iter().map(|field| field["name"].as_str().unwrap()).collect::<Vec<_>>(), COLUMNS);
        let kinds = fields.iter().find(|field| field["name"] == "kind").unwrap();
        assert_eq!(kinds["constraints"]["enum"], serde_json::json!(KINDS));
    }

    #[test]
    fn every_reason_of_a_scope_is_known_to_the_schema() {
        let record = parsed(Output::Record);
        let codes = record["properties"]["scope_reasons"]["items"]["enum"].as_array().unwrap();
        let known: Vec<&str> = codes.iter().filter_map(|code| code.as_str()).collect();
        assert_eq!(known, crate::policy::REASONS.iter().map(|(code, _)| *code).collect::<Vec<_>>());
    }
}
