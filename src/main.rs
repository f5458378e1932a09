//! The command line. `moge --help` lists the commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    match moge::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moge: {error}");
            ExitCode::FAILURE
        }
    }
}
