//! `config check | dump`.

use crate::cli::{Common, ConfigVerb};
use crate::config::Config;
use crate::{Outcome, Stop, output};

pub(crate) fn run(common: &Common, verb: ConfigVerb) -> Outcome {
    let config = Config::read(common)?;
    match verb {
        ConfigVerb::Dump => output::print_json(&config.dump()),
        ConfigVerb::Check => check(&config),
    }
}

fn check(config: &Config) -> Outcome {
    let mut wrong = 0;
    let house = super::open(config);
    match &house {
        Ok(_) => output::print("ok    the database opens\n")?,
        Err(_) => wrong += 1,
    }
    if config.secrets.is_empty() {
        wrong += 1;
        output::print(
            "MISS  no webhook secret: every delivery will be refused. Set STRIPE_WEBHOOK_SECRET_LIVE or _TEST to the endpoint's whsec_...\n",
        )?;
    } else {
        output::print(&format!("ok    webhook secrets from {}\n", config.secret_sources.join(", ")))?;
    }
    let loopback = |address: &str| {
        address.starts_with("127.") || address.starts_with("localhost") || address.starts_with("[::1]")
    };
    if let Err(why) = super::serve::access(config) {
        wrong += 1;
        let (Stop::Usage(why) | Stop::Found(why)) = why;
        output::print(&format!("MISS  {why}\n"))?;
    }
    match (&config.operator_password, loopback(&config.listen)) {
        (Some(_), _) => output::print("ok    the console asks for the operator password\n")?,
        (None, true) => output::print("ok    no operator password: the console answers this machine only\n")?,
        (None, false) => {
            output::print(
                "note  no operator password: the console refuses everybody but this machine. Set COUNTINGHOUSE_OPERATOR_PASSWORD\n",
            )?;
        }
    }
    match house {
        Err(why) => Err(why),
        Ok(_) if wrong > 0 => Err(Stop::Found(format!("{wrong} thing(s) to mend"))),
        Ok(_) => Ok(()),
    }
}
