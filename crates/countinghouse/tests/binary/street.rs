//! Traffic for the tests: a house's operator lines as a person would type them, and deliveries posted from
//! several connections.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::operator::{Action, Pay};
use sandbox::cases::Setup;
use sandbox::{Delivery, Poster};

use crate::house::{House, WEBHOOKS};
use crate::tools::now_s;

/// Enters a setup through the command line.
pub(crate) fn set_up(house: &House, setup: &[Setup]) {
    for line in setup {
        house.ok(&typed(line));
    }
}

fn typed(line: &Setup) -> String {
    let from = line.effective_at.map(|at| format!(" --from {}", kernel::time::rfc3339(at)));
    let from = from.unwrap_or_default();
    let rate = |pay: &Pay| match pay {
        Pay::RateBps(bps) => *bps,
        Pay::Fixed { .. } => panic!("the traffic has rates only"),
    };
    match &line.action {
        Action::PartnerAdd { handle, name, email, terms } => {
            format!("partner add {handle} --name '{name}' --email {email} --rate-bps {}", rate(&terms.pay))
        }
        Action::CodeMap(map) => {
            let code = map.code.as_deref().map(|code| format!(" --code '{code}'")).unwrap_or_default();
            let id = map.promotion_code.as_ref().map(|id| format!(" --promotion-code {id}"));
            let id = id.unwrap_or_default();
            let coupon = map.coupon.as_ref().map(|id| format!(" --coupon {id}")).unwrap_or_default();
            format!("code adopt {} --book {}{code}{id}{coupon}{from}", map.partner, map.book.label())
        }
        Action::TermsSet { handle, terms, binds } => {
            let binds = format!("{binds:?}").to_lowercase();
            format!("terms set {handle} --rate-bps {} --for {binds}{from}", rate(&terms.pay))
        }
        Action::PartnerStatus { handle, active } => {
            format!("partner {} {handle}{from}", if *active { "activate" } else { "deactivate" })
        }
        other => panic!("not a line the traffic has: {other:?}"),
    }
}

/// Not tried: the server was gone already.
pub(crate) const UNSENT: u16 = 0;
/// Tried, and the server went without an answer.
pub(crate) const CUT_OFF: u16 = 1;

/// Posts these deliveries over some connections at once until all are answered or the server is gone.
/// Says for each delivery, in the order given, how it was answered.
pub(crate) fn deliver(at: SocketAddr, secret: &str, connections: usize, batch: &[&Delivery]) -> Vec<u16> {
    let next = AtomicUsize::new(0);
    let answers: Vec<AtomicUsize> = batch.iter().map(|_| AtomicUsize::new(0)).collect();
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut poster = Poster::new(at, WEBHOOKS, secret);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(delivery) = batch.get(index) else { break };
                    let answer = poster.post(&delivery.body, now_s()).unwrap_or(CUT_OFF);
                    answers[index].store(usize::from(answer), Ordering::Relaxed);
                    if answer == CUT_OFF {
                        break;
                    }
                }
            });
        }
    });
    answers.iter().map(|answer| u16::try_from(answer.load(Ordering::Relaxed)).unwrap_or(0)).collect()
}
