//! `explain`: one text, every addend of every verdict.

use std::io::Read;

use anyhow::{Result, bail};

use super::{ExplainArgs, lexicon, output};
use crate::chat::Role;
use crate::explain::explain;

pub(super) fn run(arguments: &ExplainArgs) -> Result<u8> {
    let classifier = lexicon::load(&arguments.lexicon)?;
    let text = match &arguments.text {
        Some(text) => text.clone(),
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let Some(role) = Role::from_name(&arguments.role) else {
        bail!("role `{}` is neither user nor assistant", arguments.role)
    };
    output::write(explain(&classifier, &text, role).as_bytes())
}
