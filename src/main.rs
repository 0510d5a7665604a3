//! The `offlimits` binary: parse the arguments, run, exit with the code.

use std::process::ExitCode;

fn main() -> ExitCode {
    offlimits::cli::run(std::env::args_os())
}
