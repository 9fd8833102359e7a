//! The back office and the banks: money given back, in whole, in part, in vain; credit notes; captures; invoices
//! that were sent; disputes from inquiry to appeal. It must not know whose the sale was.

use super::play::Play;
use crate::model::Charge;
use crate::world::{dispute, refund};

#[derive(Clone, Debug)]
pub(super) enum Back {
    /// So many hundredths of what is left of a charge.
    Refund(String, i64),
    /// The money comes back.
    RefundFails(String),
    RefundCanceled(String),
    /// A credit note over so many hundredths of an invoice's total.
    Note(String, Gives, i64),
    /// So many hundredths of an authorised payment.
    Capture(String, i64),
    /// What becomes of an invoice that was sent.
    Settle(String, Settled),
    Dispute {
        charge: String,
        hundredths: i64,
        inquiry: bool,
    },
    /// The shop answers a dispute with this evidence.
    Answer(String, &'static str),
    Appeal(String),
}

/// How a credit note gives what was paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gives {
    Refund,
    Balance,
    OutOfBand,
    /// Nothing was paid yet: less is due.
    Less,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Settled {
    ByCard,
    OutOfBand,
    /// Given up, and paid out of band after all.
    AfterAll,
    Void,
    Uncollectible,
}

pub(super) fn act(play: &mut Play, back: Back) {
    match back {
        Back::Refund(charge, hundredths) => give_back(play, &charge, hundredths),
        Back::RefundFails(id) => fail(play, &id),
        Back::RefundCanceled(id) => drop(play.office.post(&format!("/v1/refunds/{id}/cancel"), "")),
        Back::Note(invoice, gives, hundredths) => note(play, &invoice, gives, hundredths),
        Back::Capture(intent, hundredths) => capture(play, &intent, hundredths),
        Back::Settle(invoice, settled) => settle(play, &invoice, settled),
        Back::Dispute { charge, hundredths, inquiry } => open(play, &charge, hundredths, inquiry),
        Back::Answer(dispute, evidence) => {
            let form = format!("evidence[uncategorized_text]={evidence}");
            play.office.post(&format!("/v1/disputes/{dispute}"), &form);
        }
        Back::Appeal(id) => play.office.bank(|book| {
            let won = dispute::get(book, &id).ok().filter(|dispute| dispute.status == "won");
            if let Some(won) = won {
                drop(dispute::appeal(book, &won));
            }
        }),
    }
}

fn part(amount: i64, hundredths: i64) -> i64 {
    (amount * hundredths / 100).max(1)
}

/// What came in by a charge and was not given back.
fn left(charge: &Charge) -> i64 {
    charge.amount - charge.amount_refunded
}

fn give_back(play: &mut Play, id: &str, hundredths: i64) {
    let known = play.office.book().charges.get(id).cloned();
    let Some(charge) = known.filter(|charge| !charge.disputed && left(charge) > 0) else { return };
    let form = format!("charge={id}&amount={}", part(left(&charge), hundredths));
    play.office.post("/v1/refunds", &form);
}

fn fail(play: &mut Play, id: &str) {
    play.office.bank(|book| {
        let under_way = refund::get(book, id).ok().filter(|row| !matches!(row.status, "failed" | "canceled"));
        if let Some(refund) = under_way {
            drop(refund::fail(book, &refund));
        }
    });
}

fn note(play: &mut Play, id: &str, gives: Gives, hundredths: i64) {
    let book = play.office.book();
    let Some(invoice) = book.invoices.get(id).cloned() else { return };
    let charge = invoice.charge.as_ref().and_then(|id| book.charges.get(id));
    let free = charge.is_some_and(|charge| !charge.disputed && charge.amount_refunded == 0);
    let amount = part(invoice.total().min(invoice.paid), hundredths);
    let how = match gives {
        Gives::Less => {
            let amount = part(invoice.amount_remaining(), hundredths);
            play.office.post("/v1/credit_notes", &format!("invoice={id}&amount={amount}"));
            return;
        }
        Gives::Refund if free => "refund_amount",
        Gives::Refund => return,
        Gives::Balance => "credit_amount",
        Gives::OutOfBand => "out_of_band_amount",
    };
    if invoice.paid > 0 && invoice.total() > 0 {
        let form = format!("invoice={id}&amount={amount}&{how}={amount}");
        play.office.post("/v1/credit_notes", &form);
    }
}

fn capture(play: &mut Play, id: &str, hundredths: i64) {
    let known = play.office.book().intents.get(id).cloned();
    let Some(intent) = known.filter(|intent| intent.status == "requires_capture") else { return };
    let form = format!("amount_to_capture={}", part(intent.amount, hundredths));
    play.office.post(&format!("/v1/payment_intents/{id}/capture"), &form);
}

fn settle(play: &mut Play, id: &str, settled: Settled) {
    use crate::model::InvoiceStatus::{Open, Uncollectible};
    let known = play.office.book().invoices.get(id).map(|invoice| invoice.status);
    if !matches!(known, Some(Open | Uncollectible)) {
        return;
    }
    let call = |play: &mut Play, what: &str, form: &str| {
        play.office.post(&format!("/v1/invoices/{id}/{what}"), form);
    };
    match settled {
        Settled::ByCard => call(play, "pay", ""),
        Settled::OutOfBand => call(play, "pay", "paid_out_of_band=true"),
        Settled::Void => call(play, "void", ""),
        Settled::Uncollectible => call(play, "mark_uncollectible", ""),
        Settled::AfterAll => {
            call(play, "mark_uncollectible", "");
            let again = Back::Settle(id.to_owned(), Settled::OutOfBand);
            play.within((5 * super::shop::DAY_S, 30 * super::shop::DAY_S), super::play::Todo::Back(again));
        }
    }
}

fn open(play: &mut Play, id: &str, hundredths: i64, inquiry: bool) {
    let reasons = ["fraudulent", "product_not_received", "product_unacceptable", "duplicate"];
    let reason = reasons[play.pick(reasons.len())];
    play.office.bank(|book| {
        let known = book.charges.get(id).cloned();
        // Of what was captured in part a bank takes no more than that; whole payments are disputed here.
        let whole = known.filter(|charge| charge.amount_captured == charge.amount && left(charge) > 0);
        if let Some(charge) = whole {
            let amount = part(left(&charge), hundredths);
            drop(dispute::open(book, &charge, Some(amount), reason, inquiry));
        }
    });
}
