//! The command line as people see it: each block of `tests/cli/*.trycmd` and of the README is run and compared.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes what the program says now; `[..]` and `...` stand for what may change.

use std::io::Read;
use std::process::{Command, Stdio};

#[test]
fn what_the_program_says() {
    trycmd::TestCases::new().env("LC_ALL", "C").env("COLUMNS", "100").case("tests/cli/*.trycmd").case("README.md");
}

/// Runs the program and closes its standard output after a few bytes; the exit code.
fn read_a_little(arguments: &[&str]) -> Option<i32> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_offlimits"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let mut first = [0; 16];
    let mut out = child.stdout.take().expect("is piped");
    out.read_exact(&mut first).expect("says something");
    drop(out);
    child.wait().expect("ends").code()
}

#[test]
fn a_closed_pipe_is_success() {
    let sample = "tests/exports/sample/chatgpt-export.zip";
    for arguments in [
        ["messages", sample].as_slice(),
        &["scan", sample, "--records", "-"],
        &["scan", sample, "--json", "-"],
        &["scan", sample, "--html", "-"],
        &["lexicon", "list"],
        &["completions", "zsh"],
        &["man"],
    ] {
        assert_eq!(read_a_little(arguments), Some(0), "{arguments:?}");
    }
}
