//! `sandbox`: a Stripe in a box, offline: its API, its clock, its deliveries.

use std::sync::Arc;

use sandbox::deliver::{Chaos, Retries};
use sandbox::serve::{Options, Sandbox, Wall};
use tokio::net::TcpListener;

use super::serve::stop_signal;
use crate::cli::SandboxArgs;
use crate::{Outcome, Stop, clock, output};

pub(crate) fn run(args: &SandboxArgs) -> Outcome {
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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(&args.listen).await.map_err(|why| {
            Stop::Usage(format!("cannot listen on {}: {why}; choose another with --listen ADDR", args.listen))
        })?;
        let at = listener.local_addr()?;
        output::remark(&format!("Stripe's API  http://{at}/v1   (any sk_test_... key)\nstop with Ctrl-C"));
        sandbox::serve::serve(listener, Arc::clone(&sandbox), stop_signal()).await;
        for line in sandbox.totals() {
            output::remark(&line);
        }
        Ok(())
    })
}

fn now_s() -> i64 {
    clock::now() / kernel::time::SECOND_MS
}
