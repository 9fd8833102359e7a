//! `code create`: one code, or all of a file, made at Stripe and given to partners.

use std::collections::BTreeMap;

use engine::deliver::ask::{Asked, percent_bps};
use engine::deliver::saga::rehearsal;
use engine::deliver::stripe::Call;
use engine::deliver::{CodeAsk, begin};
use kernel::operator::Handle;
use serde::Serialize;

use super::carry::{Desk, Shown, ended, refused};
use super::{file, handle};
use crate::cli::{Common, CreateArgs, TermsFlags};
use crate::{Outcome, Stop, clock, output};

pub(super) fn run(common: &Common, args: &CreateArgs) -> Outcome {
    if args.from_csv.is_some() {
        return file::run(common, args);
    }
    let mut ask = read_flags(&args.terms)?;
    ask.code.clone_from(&args.code);
    // What is wrong with the request is said before the house is opened or Stripe is asked.
    let asked = ask.read(clock::now()).map_err(Stop::Usage)?;
    let partner = handle(args.handle.as_deref().unwrap_or_default())?;
    let desk = Desk::open(common)?;
    if args.dry_run {
        return rehearse(common, &desk, &[(partner, asked)]);
    }
    let book = begin::book(&desk.house, &desk.stripe, asked.book.as_ref()).map_err(refused)?;
    let begun = begin::create(&desk.house, &partner, &asked, &book, &Desk::asking()).map_err(refused)?;
    let ran = desk.carry(&begun.intent.id, args.wait_s)?;
    if common.json {
        output::print_json(&Shown { intent: &ran.intent, fresh: begun.fresh })?;
    } else if ran.state == store::intent::State::Done {
        let (code, id) = (&ran.intent.code, ran.intent.promotion_code.as_deref().unwrap_or_default());
        let coupon = ran.intent.coupon.as_deref().unwrap_or_default();
        let was = if begun.fresh { "now belongs" } else { "belongs already" };
        output::print(&format!(
            "{code} ({id}, coupon {coupon}) {was} to {partner} in the book {}\n",
            ran.intent.book
        ))?;
    }
    ended(&ran, &format!("the code {}", ran.intent.code))
}

/// Flags as the engine reads them.
pub(super) fn read_flags(flags: &TermsFlags) -> Result<CodeAsk, Stop> {
    let percent_off_bps = flags.percent_off.as_deref().map(read_percent).transpose().map_err(Stop::Usage)?;
    Ok(CodeAsk {
        code: None,
        percent_off_bps,
        amount_off_minor: flags.amount_off,
        currency: flags.currency.clone(),
        currency_options: read_options(flags.currency_option.iter().map(String::as_str))
            .map_err(Stop::Usage)?,
        duration: flags.duration.clone(),
        months: flags.months,
        products: flags.product.clone(),
        max_redemptions: flags.max_redemptions,
        expires_at: flags.expires_at.clone(),
        first_time_only: flags.first_time_only,
        minimum_amount_minor: flags.minimum_amount,
        minimum_currency: flags.minimum_currency.clone(),
        coupon: flags.coupon.clone(),
        book: flags.book.clone(),
        from: flags.from.clone(),
    })
}

pub(super) fn read_percent(text: &str) -> Result<i64, String> {
    percent_bps(text).ok_or_else(|| format!("'{text}' is not a percentage: 10 or 12.5, at most two decimals"))
}

/// `eur=450`, each currency once.
pub(super) fn read_options<'a>(
    options: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, i64>, String> {
    let mut read = BTreeMap::new();
    for option in options {
        let parsed = option.split_once('=').and_then(|(currency, minor)| {
            Some((currency.trim().to_lowercase(), minor.trim().parse::<i64>().ok()?))
        });
        let Some((currency, minor)) = parsed else {
            return Err(format!("'{option}' is not a currency and its minor units, like eur=450"));
        };
        if read.insert(currency.clone(), minor).is_some() {
            return Err(format!("the currency {currency} is given twice"));
        }
    }
    Ok(read)
}

#[derive(Serialize)]
struct Rehearsed {
    partner: String,
    book: String,
    code: String,
    intent: String,
    calls: Vec<RehearsedCall>,
}

#[derive(Serialize)]
struct RehearsedCall {
    idempotency_key: String,
    #[serde(flatten)]
    call: Call,
}

/// What would be sent, in the order it would be. Needs no key.
pub(super) fn rehearse(common: &Common, desk: &Desk, all: &[(Handle, Asked)]) -> Outcome {
    let mut rehearsed = Vec::new();
    for (partner, asked) in all {
        let book = match &asked.book {
            Some(book) => book.clone(),
            None => begin::book(&desk.house, &desk.stripe, None).unwrap_or(kernel::Book::own(false)),
        };
        let intent = begin::rehearse(&desk.house, partner, asked, &book).map_err(refused)?;
        let calls = rehearsal(&intent).into_iter();
        rehearsed.push(Rehearsed {
            partner: partner.to_string(),
            book: book.label(),
            code: asked.code.text.clone(),
            intent: intent.id.clone(),
            calls: calls.map(|(call, idempotency_key)| RehearsedCall { idempotency_key, call }).collect(),
        });
    }
    if common.json {
        return output::print_json(&rehearsed);
    }
    output::remark("nothing is sent; this is what would be (--json shows it whole):");
    let rows = rehearsed.into_iter().map(|one| {
        let calls: Vec<&str> = one.calls.iter().map(|call| call_words(&call.call)).collect();
        vec![one.book, one.partner, one.code, calls.join(", ")]
    });
    output::print_table(&["book", "partner", "code", "calls"], &[], rows.collect())
}

const fn call_words(call: &Call) -> &'static str {
    match call {
        Call::CreateCoupon(_) => "make the coupon",
        Call::Coupon(_) => "look at the coupon",
        Call::DescribeCoupon { .. } => "describe the coupon",
        Call::DeleteCoupon(_) => "delete the coupon",
        Call::CreateCode(_) => "make the code",
        Call::Code(_) | Call::CodesOfText(_) | Call::AllCodes => "look at the codes",
        Call::ChangeCode { .. } => "change the code",
    }
}
