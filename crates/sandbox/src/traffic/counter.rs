//! Buying: sessions are opened, codes typed, cards entered at the checkout page; contracts, bills and payments by
//! a form are made by the shop's server. It must not know what comes after.

use std::fmt::Write;

use super::play::{Play, Todo};
use super::shop::{Market, Ware};
use super::visit::{By, Ends, Visit, Wants};

/// Somebody at an open checkout page.
#[derive(Clone, Debug)]
pub(super) struct AtPage {
    session: String,
    who: u32,
    /// The code to be typed first.
    code: Option<&'static str>,
    slow: Option<&'static str>,
    /// How often a card was declined already.
    tries: u32,
}

pub(super) fn visit(play: &mut Play, visit: Visit) {
    match visit.wants {
        Wants::Plan { .. } | Wants::Single { .. } => come_to_page(play, &visit),
        Wants::Contract { ware, seats, sent, trial } => contract(play, &visit, (ware, seats), sent, trial),
        Wants::Bill { sent } => bill(play, &visit, sent),
        Wants::Form => by_form(play, &visit),
    }
}

fn come_to_page(play: &mut Play, visit: &Visit) {
    let Some(market) = play.shop.markets.get(visit.market) else { return };
    let mut form = ordered(market, visit);
    let slow = match visit.wants {
        Wants::Single { ends: Ends::Slow, .. } => market.slow,
        // Some subscribers pay from their bank accounts, too.
        Wants::Plan { .. } => market.slow.filter(|_| visit.who % 17 == 3),
        _ => None,
    };
    if let Some(kind) = slow {
        let _ = write!(form, "&payment_method_types[0]=card&payment_method_types[1]={kind}");
    }
    form.push_str(&sent_by(play, visit));
    let code = match visit.by {
        By::Code(code) | By::Both(code, _) | By::Two(code, _) => Some(play.typed(code)),
        _ => None,
    };
    let Some(session) = play.office.post("/v1/checkout/sessions", &form) else { return };
    // Some only look.
    if play.rng.chance(940) {
        let page = AtPage { session, who: visit.who, code, slow, tries: 0 };
        play.within((20, 900), Todo::Page(page));
    }
}

/// What is on the page.
fn ordered(market: &Market, visit: &Visit) -> String {
    let mut form = String::from("success_url=https://shop.example/thanks");
    match &visit.customer {
        Some(customer) => drop(write!(form, "&customer={customer}")),
        None => drop(write!(form, "&customer_email=buyer{}@example.com", visit.who)),
    }
    let mut line = |index: usize, ware: Ware, count: i64| {
        let price = market.price(ware);
        let _ = write!(form, "&line_items[{index}][price]={price}&line_items[{index}][quantity]={count}");
        if visit.taxed {
            let _ = write!(form, "&line_items[{index}][tax_rates][0]={}", market.tax_rate);
        }
    };
    match visit.wants {
        Wants::Plan { ware, seats, trial, set_up } => {
            line(0, ware, seats);
            if set_up {
                line(1, Ware::SetUp, 1);
            }
            form.push_str("&mode=subscription");
            if trial {
                form.push_str("&subscription_data[trial_period_days]=14");
            }
        }
        Wants::Single { count, ends } => {
            line(0, Ware::Single, count);
            form.push_str("&mode=payment");
            form.push_str(&match ends {
                Ends::Shipped => format!("&shipping_options[0][shipping_rate]={}", market.shipping_rate),
                Ends::Invoiced if count > 1 => format!(
                    "&invoice_creation[enabled]=true&shipping_options[0][shipping_rate]={}",
                    market.shipping_rate
                ),
                Ends::Invoiced => "&invoice_creation[enabled]=true".to_owned(),
                Ends::Held => "&payment_intent_data[capture_method]=manual".to_owned(),
                Ends::Plain => "&customer_creation=always".to_owned(),
                Ends::Guest | Ends::Slow => String::new(),
            });
        }
        _ => {}
    }
    form
}

/// How a session says who sent its buyer.
fn sent_by(play: &Play, visit: &Visit) -> String {
    let made =
        if matches!(visit.wants, Wants::Plan { .. }) { "subscription_data" } else { "payment_intent_data" };
    match visit.by {
        By::Code(_) | By::Two(..) => "&allow_promotion_codes=true".to_owned(),
        By::Both(_, partner) => format!("&allow_promotion_codes=true&client_reference_id={partner}"),
        By::Reference(partner) => format!("&client_reference_id={partner}&metadata[partner_ref]=somebody"),
        By::Metadata(partner) if play.office.now_s() % 2 == 0 => {
            format!("&metadata[partner_handle]={partner}")
        }
        By::Metadata(partner) => format!("&metadata[partner_ref]={partner}"),
        By::Made(partner) => format!("&{made}[metadata][partner_ref]={partner}"),
        By::Coupon(coupon) => format!("&discounts[0][coupon]={coupon}"),
        By::Noise => format!("&client_reference_id=user_{}&metadata[partner_ref]=friend", visit.who),
        By::Nobody => String::new(),
    }
}

/// Types the code, then pays; after a decline some try again with a better card.
pub(super) fn pay(play: &mut Play, page: AtPage) {
    let session = page.session.clone();
    if let Some(code) = page.code.filter(|_| page.tries == 0) {
        let typed = if page.who.is_multiple_of(3) { code.to_lowercase() } else { code.to_owned() };
        play.office.submit(&session, &format!("action=code&code={typed}"));
    }
    let method = method(play, &page);
    let form =
        format!("action=pay&email=buyer{}@example.com&name=Buyer+{}&country=US&{method}", page.who, page.who);
    play.office.submit(&session, &form);
    answer_bank(play, &session);
    let open = play.office.book().sessions.get(&session).is_some_and(|session| session.status == "open");
    if open && page.tries < 2 && play.rng.chance(750) {
        play.within((30, 300), Todo::Page(AtPage { tries: page.tries + 1, ..page }));
    }
}

/// Cards as people have them: most pay, some ask, some are declined, and what goes back to a few takes its time.
const CARDS: [(&str, u64); 8] = [
    ("4242424242424242", 780),
    ("5555555555554444", 90),
    ("4000002500003155", 25),
    ("4000000000007726", 30),
    ("4000000000005126", 15),
    ("4000000000000002", 25),
    ("4000000000009995", 15),
    ("4000000000003220", 20),
];

fn method(play: &mut Play, page: &AtPage) -> String {
    match page.slow {
        Some("sepa_debit") => {
            let iban = if play.rng.chance(850) { "DE89370400440532013000" } else { "DE62370400440532013001" };
            format!("method=sepa_debit&iban={iban}")
        }
        Some(_) => {
            let account = if play.rng.chance(850) { "000123456789" } else { "000222222227" };
            format!("method=us_bank_account&account={account}")
        }
        None => {
            let weights = CARDS.map(|(_, weight)| weight);
            let drawn = if page.tries == 0 { play.rng.weighted(&weights) } else { 0 };
            format!("method=card&number={}&expiry=12/34&cvc=123", CARDS[drawn].0)
        }
    }
}

/// The bank may ask; who has come so far answers.
fn answer_bank(play: &mut Play, session: &str) {
    let book = play.office.book();
    let Some(session) = book.sessions.get(session).filter(|session| session.status == "open") else { return };
    let intent = session.intent.as_ref().and_then(|id| book.intents.get(id));
    let asking = intent.filter(|intent| intent.status == "requires_action").map(|intent| intent.id.clone());
    let asked = session.waiting.as_ref().map(|_| session.id.clone()).or(asking);
    if let Some(id) = asked {
        play.office.submit(&format!("3ds/{id}"), "answer=complete");
    }
}

/// Somebody with a card on file, known to the shop's server.
fn customer(play: &mut Play, visit: &Visit) -> Option<String> {
    if visit.customer.is_some() {
        return visit.customer.clone();
    }
    let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let form = format!("email=buyer{0}@example.com&name=Buyer+{0}&{card}", visit.who);
    play.office.post("/v1/customers", &form)
}

fn contract(play: &mut Play, visit: &Visit, (ware, seats): (Ware, i64), sent: bool, trial: bool) {
    let Some(customer) = customer(play, visit) else { return };
    let Some(market) = play.shop.markets.get(visit.market) else { return };
    let price = market.price(ware);
    let mut form = format!("customer={customer}&items[0][price]={price}&items[0][quantity]={seats}");
    if visit.taxed {
        let _ = write!(form, "&default_tax_rates[0]={}", market.tax_rate);
    }
    if sent {
        form.push_str("&collection_method=send_invoice&days_until_due=14");
    }
    if trial {
        form.push_str("&trial_period_days=10");
    }
    let id = |code: usize| play.shop.code(code);
    let discounts = match visit.by {
        By::Code(code) | By::Both(code, _) => [id(code), None],
        By::Two(one, other) => [id(one), id(other).filter(|_| one != other)],
        _ => [None, None],
    };
    for (index, code) in discounts.into_iter().flatten().enumerate() {
        let _ = write!(form, "&discounts[{index}][promotion_code]={code}");
    }
    match visit.by {
        By::Coupon(coupon) => {
            let _ = write!(form, "&discounts[0][coupon]={coupon}");
        }
        By::Metadata(partner) | By::Made(partner) | By::Both(_, partner) => {
            let _ = write!(form, "&metadata[partner_ref]={partner}");
        }
        _ => {}
    }
    play.office.post("/v1/subscriptions", &form);
}

/// An invoice of a few things: something with tax, something without, and often a bit off.
fn bill(play: &mut Play, visit: &Visit, sent: bool) {
    let Some(customer) = customer(play, visit) else { return };
    let Some(market) = play.shop.markets.get(visit.market) else { return };
    let (currency, single) = (market.currency, market.unit_minor(Ware::Single));
    let tax = if visit.taxed { format!("&tax_rates[0]={}", market.tax_rate) } else { String::new() };
    let shipping = format!("&shipping_cost[shipping_rate]={}", market.shipping_rate);
    let amount = single + play.rng.between(0, single);
    let mut items = vec![format!("&amount={amount}{tax}")];
    if play.rng.chance(500) {
        items.push(format!("&amount={}", single / 3));
    }
    if play.rng.chance(400) {
        items.push(format!("&amount={}{tax}", -(single / 5)));
    }
    let shipped = if play.rng.chance(400) { shipping } else { String::new() };
    let sent = if sent { "&collection_method=send_invoice&days_until_due=14" } else { "" };
    let of = format!("customer={customer}&currency={currency}");
    for item in items {
        play.office.post("/v1/invoiceitems", &format!("{of}{item}"));
    }
    let form = format!("{of}&pending_invoice_items_behavior=include{sent}{shipped}");
    let Some(invoice) = play.office.post("/v1/invoices", &form) else { return };
    if sent.is_empty() {
        play.office.post(&format!("/v1/invoices/{invoice}/pay"), "");
    } else {
        play.office.post(&format!("/v1/invoices/{invoice}/send"), "");
    }
}

fn by_form(play: &mut Play, visit: &Visit) {
    let Some(market) = play.shop.markets.get(visit.market) else { return };
    let amount = market.unit_minor(Ware::Single);
    let named = match visit.by {
        By::Reference(partner) | By::Metadata(partner) | By::Made(partner) | By::Both(_, partner) => {
            format!("&metadata[partner_ref]={partner}")
        }
        By::Noise => "&metadata[partner_ref]=friend".to_owned(),
        _ => String::new(),
    };
    let form = format!(
        "amount={amount}&currency={}&confirm=true&payment_method=pm_card_visa&payment_method_types[0]=card{named}",
        market.currency
    );
    play.office.post("/v1/payment_intents", &form);
}
