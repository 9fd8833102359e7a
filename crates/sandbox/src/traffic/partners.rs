//! The partners, what each earns when, and which codes are whose: the lines an operator enters. It must not know
//! what anybody buys.

use kernel::operator::{Action, Binds, CodeMapping, HOLD_DAYS_DEFAULT, Handle, Pay, Terms};
use kernel::{Book, Ref};

use super::shop::{DAY_S, MONTH_S, Shop};
use crate::cases::Setup;

/// Handle, name and rate.
const PARTNERS: [(&str, &str, i64); 9] = [
    ("anna", "Anna Lindqvist", 2000),
    ("bruno", "Bruno Costa", 1500),
    ("chen", "Chen Wei", 3000),
    ("dora", "Dora Kiss", 1000),
    ("elif", "Elif Demir", 2500),
    ("farid", "Farid Haddad", 1750),
    ("gita", "Gita Rao", 2225),
    ("hugo", "Hugo Brandt", 1250),
    ("ivo", "Ivo Marin", 999),
];

/// A code or coupon and whose it is.
enum Mapped {
    /// By its text and its id.
    Code(&'static str),
    /// By its text alone: it may not be there yet.
    Text(&'static str),
    /// A coupon by its name.
    Coupon(&'static str),
}

const MAPPED: [(Mapped, &str); 12] = [
    (Mapped::Code("ANNA20"), "anna"),
    (Mapped::Code("ANNAVIP"), "anna"),
    (Mapped::Code("BRUNO25"), "bruno"),
    (Mapped::Text("CHEN10"), "chen"),
    (Mapped::Code("DORA50"), "dora"),
    (Mapped::Code("ELIF15"), "elif"),
    (Mapped::Text("FARIDFREE"), "farid"),
    (Mapped::Code("GITA30"), "gita"),
    (Mapped::Text(super::shop::LATE), "hugo"),
    (Mapped::Code("IVO5"), "ivo"),
    (Mapped::Coupon("FRIENDS"), "chen"),
    (Mapped::Coupon("LOYAL"), "elif"),
];

pub(super) fn handles() -> impl ExactSizeIterator<Item = &'static str> {
    PARTNERS.iter().map(|row| row.0)
}

/// All lines, in the order they are entered.
pub(super) fn setup(shop: &Shop, livemode: bool, start_s: i64, months: u32) -> Vec<Setup> {
    let mut setup: Vec<Setup> = PARTNERS.iter().map(joined).collect();
    setup.extend(MAPPED.iter().map(|(mapped, owner)| adopted(shop, mapped, owner, livemode)));
    let half_s = half_s(start_s, months) + 11 * 3600;
    setup.push(terms("bruno", half_s, 1200, Binds::New));
    setup.push(terms("anna", half_s + 20 * DAY_S, 2350, Binds::New));
    setup.push(terms("chen", half_s + 40 * DAY_S, 2500, Binds::All));
    for (active, at_s) in [(false, half_s + 5 * DAY_S), (true, half_s + 35 * DAY_S)] {
        let action = Action::PartnerStatus { handle: handle("dora"), active };
        setup.push(Setup { action, effective_at: Some(at_s * 1000) });
    }
    setup
}

/// The middle of the time.
pub(super) fn half_s(start_s: i64, months: u32) -> i64 {
    start_s + i64::from(months / 2) * MONTH_S
}

fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("the handles above are well formed")
}

fn rate(bps: i64) -> Terms {
    Terms { pay: Pay::RateBps(bps), products: Vec::new(), hold_days: HOLD_DAYS_DEFAULT }
}

fn joined((name, full, bps): &(&str, &str, i64)) -> Setup {
    let action = Action::PartnerAdd {
        handle: handle(name),
        name: (*full).to_owned(),
        email: format!("{name}@partners.example"),
        terms: rate(*bps),
    };
    Setup { action, effective_at: None }
}

fn adopted(shop: &Shop, mapped: &Mapped, owner: &str, livemode: bool) -> Setup {
    let (code, promotion_code, coupon) = match mapped {
        Mapped::Code(text) => {
            let known = shop.codes.iter().find(|code| code.text == *text);
            let id = known.and_then(|code| Ref::parse(code.id.as_ref()?));
            (Some((*text).to_owned()), id, None)
        }
        Mapped::Text(text) => (Some((*text).to_owned()), None, None),
        Mapped::Coupon(id) => (None, None, Ref::parse(id)),
    };
    let book = Book::own(livemode);
    let partner = handle(owner);
    let action = Action::CodeMap(CodeMapping { partner, book, code, promotion_code, coupon });
    Setup { action, effective_at: None }
}

fn terms(name: &str, from_s: i64, bps: i64, binds: Binds) -> Setup {
    let action = Action::TermsSet { handle: handle(name), terms: rate(bps), binds };
    Setup { action, effective_at: Some(from_s * 1000) }
}
