//! The `offlimits` binary: parse the arguments, run, exit with the code.
fn main() {}
