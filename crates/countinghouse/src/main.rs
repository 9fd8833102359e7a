//! The one binary: reads configuration, wires the rooms, and turns outcomes into exit codes (0 fine, 1 a
//! difference or failure was found, 2 usage or configuration). It decides nothing else.

mod alerting;
mod archives;
mod cli;
mod clock;
mod config;
mod examples;
mod letterbox;
mod names;
mod observe;
mod outgoing;
mod output;
mod rate;
mod secrets_file;
mod verbs;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

/// Reading events and truing up make many small objects: a sixth of the projector's samples were in the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why a verb ended without success.
pub(crate) enum Stop {
    /// Something was found to be wrong; it has been printed, or is the message.
    Found(String),
    /// The call or the configuration is wrong.
    Usage(String),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(why: E) -> Self {
        let why: anyhow::Error = why.into();
        Self::Found(format!("{why:#}"))
    }
}

pub(crate) type Outcome = Result<(), Stop>;

fn main() -> ExitCode {
    let matches = examples::added_to(cli::Cli::command()).get_matches();
    let cli = match cli::Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(why) => why.exit(),
    };
    // As long as it lives, what is told to the outside is sent; it ends after the verb.
    let observing =
        match config::observed(&cli.common).and_then(|given| observe::start(&given, cli.verb.is_server())) {
            Ok(observing) => observing,
            Err(Stop::Found(message)) => return fail(&message, 1),
            Err(Stop::Usage(message)) => return fail(&message, 2),
        };
    let outcome = verbs::run(cli);
    drop(observing);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Found(message)) => fail(&message, 1),
        Err(Stop::Usage(message)) => fail(&message, 2),
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    if !message.is_empty() {
        output::complain(message);
    }
    ExitCode::from(code)
}
