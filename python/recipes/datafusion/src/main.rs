//! Counts the categories of the user's messages: `cargo run --release -- messages.jsonl` (a file of JSON lines, or a folder).
//!
//! A line is an object with `text`, `role`, `conversation_id` and `place`, by which the messages of a conversation are ordered.

use datafusion::error::{DataFusionError, Result};
use datafusion::prelude::{JsonReadOptions, SessionContext};

const COUNT: &str = "
    select get_field(verdict, 'category') as category, get_field(verdict, 'disclosure') as disclosure, count(*) as messages
    from (select unnest(sensitive_in_context(text, role) over (partition by conversation_id order by place)) as verdict
          from messages)
    group by 1, 2 order by 3 desc, 1, 2";

#[tokio::main]
async fn main() -> Result<()> {
    let Some(path) = std::env::args().nth(1) else {
        return Err(DataFusionError::Execution("name a file of JSON lines".to_owned()));
    };
    let context = SessionContext::new();
    let scanner = offlimits_datafusion::scanner().map_err(|error| DataFusionError::External(Box::new(error)))?;
    offlimits_datafusion::register(&context, scanner);
    // DataFusion passes over names without the extension that it expects (`.json`); none expects nothing.
    context.register_json("messages", path, JsonReadOptions::default().file_extension("")).await?;
    context.sql(COUNT).await?.show().await
}
