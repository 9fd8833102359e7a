//! The business: what it sells, in which currencies, with which partners and codes, and what its operator
//! changes during the year.

use kernel::operator::{Action, Binds, CodeMapping, HOLD_DAYS_DEFAULT, Handle, Pay, Terms};
use kernel::{Book, Ref};

use crate::cases::Setup;
use crate::history::{History, TaxRule, currency};
use crate::model::{Duration, Off, Price, PromotionCode};

pub(super) const DAY_S: i64 = 86_400;
pub(super) const MONTH_S: i64 = 30 * DAY_S;

/// A partner: handle, name, rate, the code's text and what it gives.
type Row = (&'static str, &'static str, i64, &'static str, i64, Duration);

const PARTNERS: [Row; 6] = [
    ("anna", "Anna Lindqvist", 2000, "ANNA20", 2000, Duration::Once),
    ("bruno", "Bruno Costa", 1500, "BRUNO25", 2500, Duration::Months(3)),
    ("chen", "Chen Wei", 3000, "CHEN10", 1000, Duration::Forever),
    ("dora", "Dora Kiss", 1000, "DORA50", 5000, Duration::Once),
    ("elif", "Elif Demir", 2500, "ELIF15", 1500, Duration::Forever),
    ("farid", "Farid Haddad", 1750, "FARIDFREE", 10_000, Duration::Once),
];

pub(super) struct Market {
    pub(super) weight: u64,
    pub(super) tax: Option<TaxRule>,
    pub(super) basic: Price,
    pub(super) pro: Price,
    pub(super) yearly: Price,
    pub(super) single: Price,
}

#[derive(Clone, Debug)]
pub(super) struct Partner {
    pub(super) handle: &'static str,
    /// (from, rate, binds new attributions only), oldest first.
    pub(super) rates: Vec<(i64, i64, bool)>,
    /// From when to when it was inactive.
    pub(super) away: Option<(i64, i64)>,
}

pub(super) struct Shop {
    pub(super) setup: Vec<Setup>,
    pub(super) partners: Vec<Partner>,
    /// One per partner, in the same order.
    pub(super) codes: Vec<PromotionCode>,
    /// The shop's own: nobody's.
    pub(super) welcome: PromotionCode,
    pub(super) markets: Vec<Market>,
}

pub(super) fn open(h: &mut History, livemode: bool, start_s: i64, months: u32) -> Shop {
    let markets = [
        ("usd", 60, None, [1900, 4900, 19_000, 9900]),
        ("eur", 22, Some((2000, true)), [1900, 4900, 19_000, 9900]),
        ("gbp", 13, Some((2000, true)), [1700, 4200, 17_000, 8900]),
        ("jpy", 5, Some((1000, false)), [2980, 6980, 29_800, 14_800]),
    ];
    let markets = markets.into_iter().map(|row| market(h, row)).collect();
    let welcome = h.code("WELCOME5", Off::PercentBps(500), Duration::Once);
    let codes: Vec<PromotionCode> =
        PARTNERS.iter().map(|row| h.code(row.3, Off::PercentBps(row.4), row.5)).collect();
    let mut setup = Vec::new();
    let mut partners = Vec::new();
    for (row, code) in PARTNERS.iter().zip(&codes) {
        setup.extend(joined(row, code, livemode));
        partners.push(Partner { handle: row.0, rates: vec![(i64::MIN, row.2, false)], away: None });
    }
    let half_s = start_s + i64::from(months / 2) * MONTH_S + 11 * 3600;
    terms(&mut partners, &mut setup, "bruno", half_s, 1200, Binds::New);
    terms(&mut partners, &mut setup, "chen", half_s + 40 * DAY_S, 2500, Binds::All);
    absence(&mut partners, &mut setup, "dora", (half_s + 5 * DAY_S, half_s + 35 * DAY_S));
    Shop { setup, partners, codes, welcome, markets }
}

type MarketRow = (&'static str, u64, Option<(i64, bool)>, [i64; 4]);

fn market(h: &mut History, (code, weight, tax, [basic, pro, yearly, single]): MarketRow) -> Market {
    let currency = currency(code);
    Market {
        weight,
        tax: tax.map(|(bps, inclusive)| TaxRule { bps, inclusive }),
        basic: h.price(basic, currency, Some("month")),
        pro: h.price(pro, currency, Some("month")),
        yearly: h.price(yearly, currency, Some("year")),
        single: h.price(single, currency, None),
    }
}

fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("the handles above are well formed")
}

fn rate(bps: i64) -> Terms {
    Terms { pay: Pay::RateBps(bps), products: Vec::new(), hold_days: HOLD_DAYS_DEFAULT }
}

fn joined(row: &Row, code: &PromotionCode, livemode: bool) -> [Setup; 2] {
    let add = Action::PartnerAdd {
        handle: handle(row.0),
        name: row.1.to_owned(),
        email: format!("{}@partners.example", row.0),
        terms: rate(row.2),
    };
    let map = Action::CodeMap(CodeMapping {
        partner: handle(row.0),
        book: Book::own(livemode),
        code: Some(code.code.clone()),
        promotion_code: Ref::parse(&code.id),
        coupon: None,
    });
    [add, map].map(|action| Setup { action, effective_at: None })
}

fn terms(partners: &mut [Partner], setup: &mut Vec<Setup>, name: &str, from_s: i64, bps: i64, binds: Binds) {
    let Some(partner) = partners.iter_mut().find(|partner| partner.handle == name) else { return };
    partner.rates.push((from_s, bps, binds == Binds::New));
    let action = Action::TermsSet { handle: handle(name), terms: rate(bps), binds };
    setup.push(Setup { action, effective_at: Some(from_s * 1000) });
}

fn absence(partners: &mut [Partner], setup: &mut Vec<Setup>, name: &str, (from_s, to_s): (i64, i64)) {
    let Some(partner) = partners.iter_mut().find(|partner| partner.handle == name) else { return };
    partner.away = Some((from_s, to_s));
    for (active, at_s) in [(false, from_s), (true, to_s)] {
        let action = Action::PartnerStatus { handle: handle(name), active };
        setup.push(Setup { action, effective_at: Some(at_s * 1000) });
    }
}
