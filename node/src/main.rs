//! The binary `valise`.

use std::process::ExitCode;

fn main() -> ExitCode {
    node::doors::cli::main()
}
