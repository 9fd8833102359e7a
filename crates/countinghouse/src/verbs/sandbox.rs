//! `sandbox`: a Stripe in a box, offline: its API, its clock, its deliveries; and `sandbox trigger`, which
//! makes an event happen in a running one.

use std::sync::Arc;

use sandbox::deliver::{Chaos, Retries};
use sandbox::serve::{Options, Sandbox, Wall, ask};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::serve::stop_signal;
use crate::cli::{Common, SandboxArgs, SandboxOpen, SandboxVerb};
use crate::{Outcome, Stop, clock, output};

pub(crate) fn run(common: &Common, args: SandboxArgs) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match args.verb {
        None => runtime.block_on(open(&args.open)),
        Some(SandboxVerb::Trigger { at, list: true, .. }) => runtime.block_on(list(common, &at)),
        Some(SandboxVerb::Trigger { event_type, at, live, account, list: false }) => {
            let event_type = event_type.unwrap_or_default();
            let account = account.map(|account| format!("&account={account}")).unwrap_or_default();
            let form = format!("type={event_type}&livemode={live}{account}");
            runtime.block_on(trigger(common, &at, form))
        }
    }
}

async fn open(args: &SandboxOpen) -> Outcome {
    let start_s = match &args.frozen {
        Some(date) => super::time(Some(date))?.unwrap_or(0) / kernel::time::SECOND_MS,
        None => now_s(),
    };
    let chaos = Chaos::parse(&args.chaos, args.seed).map_err(Stop::Usage)?;
    let retries =
        if args.retries.is_empty() { Retries::default() } else { Retries::of(args.retries.clone()) };
    let options = Options { seed: args.seed, start_s, frozen: args.frozen.is_some(), chaos, retries };
    let wall: Wall = Arc::new(now_s);
    let sandbox = Arc::new(Sandbox::new(options, wall));
    let listener = TcpListener::bind(&args.listen).await.map_err(|why| {
        Stop::Usage(format!("cannot listen on {}: {why}; choose another with --listen ADDR", args.listen))
    })?;
    let at = listener.local_addr()?;
    output::remark(&format!(
        "Stripe's API  http://{at}/v1   (any sk_test_... key)\ncontrol       http://{at}/_sandbox\ndemo shop     http://{at}/shop\nstop with Ctrl-C"
    ));
    sandbox::serve::serve(listener, Arc::clone(&sandbox), stop_signal()).await;
    for line in sandbox.totals() {
        output::remark(&line);
    }
    Ok(())
}

/// What a running sandbox answers; a refusal is a sentence.
async fn told<T: for<'a> Deserialize<'a>>(at: &str, path: &str, form: Option<String>) -> Result<T, Stop> {
    #[derive(Deserialize)]
    struct Refused {
        error: Message,
    }
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let (status, body) = ask(at, path, form).await.map_err(Stop::Found)?;
    if status == 200 {
        return serde_json::from_str(&body).map_err(Into::into);
    }
    let message = serde_json::from_str::<Refused>(&body).map_or(body, |refused| refused.error.message);
    Err(Stop::Found(message))
}

#[derive(Serialize, Deserialize)]
struct Triggered {
    #[serde(rename = "type")]
    event_type: String,
    event: String,
    by: String,
}

async fn trigger(common: &Common, at: &str, form: String) -> Outcome {
    let triggered: Triggered = told(at, "/_sandbox/trigger", Some(form)).await?;
    if common.json {
        return output::print_json(&triggered);
    }
    output::print(&format!("{} happened: {}\n", triggered.event_type, triggered.event))
}

#[derive(Serialize, Deserialize)]
struct Types {
    types: Vec<String>,
}

async fn list(common: &Common, at: &str) -> Outcome {
    let types: Types = told(at, "/_sandbox/trigger", None).await?;
    if common.json {
        return output::print_json(&types);
    }
    output::print(&format!("{}\n", types.types.join("\n")))
}

fn now_s() -> i64 {
    clock::now() / kernel::time::SECOND_MS
}
