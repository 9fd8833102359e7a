//! `postgres-for-tests COMMAND...`: runs a command beside a PostgreSQL that ends with it, named to it by
//! `COUNTINGHOUSE_TEST_POSTGRES`. One cluster for a whole run of tests instead of one per test program.

use std::process::{Command, ExitCode};

use testkit::postgres::{Postgres, SERVER_VARIABLE};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1).skip_while(|word| word == "--");
    let Some(program) = words.next() else {
        eprintln!("usage: postgres-for-tests COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let server = match Postgres::start() {
        Ok(server) => server,
        Err(why) => {
            eprintln!("no PostgreSQL: {why}");
            return ExitCode::FAILURE;
        }
    };
    let status = Command::new(&program).args(words).env(SERVER_VARIABLE, server.url()).status();
    drop(server);
    match status {
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("{} could not be started: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}
