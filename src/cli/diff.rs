//! `diff`: what changed between two runs or two exports, and why.

use anyhow::{Result, bail};

use super::DiffArgs;

pub(super) fn run(_arguments: &DiffArgs) -> Result<u8> {
    bail!("not yet")
}
