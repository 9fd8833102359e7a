//! The left side of the page: what is bought, for how much, a code, how many, how it is sent. It must not know
//! how it is paid.

use std::fmt::Write as _;

use super::html::{href, money, text};
use crate::model::{Mode, Session, SessionItem};
use crate::world::Book;

/// What the buyer typed there and was not accepted.
#[derive(Default)]
pub(super) struct Wrong {
    pub(super) code: Option<(String, String)>,
    pub(super) quantity: Option<String>,
}

pub(super) fn side(book: &Book, session: &Session, wrong: &Wrong) -> String {
    let mut out = String::from("<section class=\"order\" aria-label=\"Your order\">");
    if let Some(cancel) = &session.cancel_url {
        let _ = write!(out, "<p><a href=\"{}\">← Back to the shop</a></p>", href(cancel));
    }
    let _ = write!(out, "<p class=\"soft\">{}</p><h1>{}</h1>", heading(session), due(session));
    out.push_str("<ul class=\"items\">");
    for item in &session.items {
        row(&mut out, session, item);
    }
    out.push_str("</ul>");
    if let Some(message) = &wrong.quantity {
        let _ = write!(out, "<p class=\"error\" role=\"alert\">{}</p>", text(message));
    }
    sums(&mut out, book, session);
    if session.allow_codes == Some(true) {
        code(&mut out, session, wrong);
    }
    shipping(&mut out, session);
    out.push_str("</section>");
    out
}

fn heading(session: &Session) -> &'static str {
    match session.mode {
        Mode::Setup => "Save a payment method",
        Mode::Subscription => "Subscribe",
        Mode::Payment => "Pay",
    }
}

fn due(session: &Session) -> String {
    match session.mode {
        Mode::Setup => "Nothing is due today".to_owned(),
        _ => money(session.total(), session.currency),
    }
}

/// `per month`, `every 3 months`.
pub(super) fn every(item: &SessionItem) -> Option<String> {
    let unit = item.price.interval?;
    Some(match item.price.interval_count {
        1 => format!("per {unit}"),
        count => format!("every {count} {unit}s"),
    })
}

fn row(out: &mut String, session: &Session, item: &SessionItem) {
    let each = match (item.price.unit(), every(item)) {
        (Some(unit), Some(every)) => format!("{} {every}", money(unit, session.currency)),
        (Some(unit), None) => format!("{} each", money(unit, session.currency)),
        (None, every) => every.unwrap_or_default(),
    };
    let _ = write!(
        out,
        "<li><span>{}</span><span>{}</span><span class=\"soft\">Quantity {} · {}</span>",
        text(&item.price.name),
        money(item.subtotal, session.currency),
        item.quantity,
        text(&each)
    );
    if let Some((least, most)) = item.adjustable {
        let id = text(&item.id);
        let _ = write!(
            out,
            "<form method=\"post\" class=\"line\"><input type=\"hidden\" name=\"action\" value=\"quantity\">\
             <input type=\"hidden\" name=\"item\" value=\"{id}\"><label for=\"q-{id}\">How many</label>\
             <input id=\"q-{id}\" name=\"quantity\" type=\"number\" inputmode=\"numeric\" min=\"{least}\" max=\"{most}\" value=\"{}\">\
             <button>Update</button></form>",
            item.quantity
        );
    }
    out.push_str("</li>");
}

fn sums(out: &mut String, book: &Book, session: &Session) {
    if session.mode == Mode::Setup {
        return;
    }
    let amount = |minor: i64| money(minor, session.currency);
    let _ = write!(out, "<dl><dt>Subtotal</dt><dd>{}</dd>", amount(session.subtotal));
    for (coupon, code) in &session.discounts {
        let code = code.as_ref().and_then(|id| book.promotion_codes.get(id)).map(|code| code.code.clone());
        let named = book.coupons.get(coupon).and_then(|coupon| coupon.name.clone());
        let name = code.or(named).unwrap_or_else(|| coupon.clone());
        let _ = write!(out, "<dt class=\"off\">Discount: {}</dt>", text(&name));
        let _ = write!(out, "<dd class=\"off\">{}</dd>", amount(-session.discount));
    }
    if session.shipping_rate.is_some() && !session.shipping_options.is_empty() {
        let _ = write!(out, "<dt>Shipping</dt><dd>{}</dd>", amount(session.shipping));
    }
    if session.tax() > 0 {
        let kind = if session.tax_inclusive > 0 { "Tax (included)" } else { "Tax" };
        let _ = write!(out, "<dt>{kind}</dt><dd>{}</dd>", amount(session.tax()));
    }
    let _ = write!(
        out,
        "<dt class=\"total\">Total due today</dt><dd class=\"total\">{}</dd></dl>",
        amount(session.total())
    );
    if let Some(text) = trial(session) {
        let _ = write!(out, "<p class=\"soft\">{text}</p>");
    }
}

fn trial(session: &Session) -> Option<String> {
    if let Some(days) = session.trial_days {
        return Some(format!("{days} days free, then your subscription begins."));
    }
    session.trial_end_s.map(|_| "Free until your trial ends, then your subscription begins.".to_owned())
}

fn code(out: &mut String, session: &Session, wrong: &Wrong) {
    let (typed, message) = match &wrong.code {
        Some((typed, message)) => (typed.as_str(), Some(message.as_str())),
        None => ("", None),
    };
    let invalid =
        if message.is_some() { " aria-invalid=\"true\" aria-describedby=\"code-error\"" } else { "" };
    let _ = write!(
        out,
        "<form method=\"post\"><input type=\"hidden\" name=\"action\" value=\"code\">\
         <label for=\"code\">Promotion code</label><div class=\"line\">\
         <input id=\"code\" name=\"code\" autocomplete=\"off\" autocapitalize=\"characters\" value=\"{}\"{invalid}>\
         <button>Apply</button></div>",
        text(typed)
    );
    if let Some(message) = message {
        let _ = write!(out, "<p class=\"error\" id=\"code-error\" role=\"alert\">{}</p>", text(message));
    }
    out.push_str("</form>");
    if !session.discounts.is_empty() {
        out.push_str(
            "<form method=\"post\"><input type=\"hidden\" name=\"action\" value=\"code\">\
             <input type=\"hidden\" name=\"code\" value=\"\"><p><button>Remove the code</button></p></form>",
        );
    }
}

fn shipping(out: &mut String, session: &Session) {
    if session.shipping_options.len() < 2 {
        return;
    }
    out.push_str(
        "<form method=\"post\"><input type=\"hidden\" name=\"action\" value=\"shipping\">\
         <fieldset><legend>Shipping method</legend>",
    );
    for rate in &session.shipping_options {
        let chosen = if Some(&rate.id) == session.shipping_rate.as_ref() { " checked" } else { "" };
        let amount = rate.amount_in(session.currency).unwrap_or(rate.amount_minor);
        let _ = write!(
            out,
            "<label class=\"choice\"><input type=\"radio\" name=\"rate\" value=\"{}\"{chosen}>{} ({})</label>",
            text(&rate.id),
            text(&rate.display_name),
            money(amount, session.currency)
        );
    }
    out.push_str("</fieldset><button>Use this shipping</button></form>");
}
