//! The business: what it sells, in which currencies and with which taxes, and the coupons and codes it gives.
//! All of it is made by calls of the API. It must not know who brings which customer.

use super::office::Office;

pub(super) const DAY_S: i64 = 86_400;
pub(super) const MONTH_S: i64 = 30 * DAY_S;

/// What is sold everywhere, in the order of `Market::prices`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ware {
    Basic,
    Pro,
    /// By the seat.
    Team,
    Yearly,
    /// Once.
    Single,
    /// Once, beside a plan.
    SetUp,
}

/// Name and interval, in the order of `Ware`.
const WARES: [(&str, Option<&str>); 6] = [
    ("Basic", Some("month")),
    ("Pro", Some("month")),
    ("Team", Some("month")),
    ("Yearly", Some("year")),
    ("Handbook", None),
    ("Setting+up", None),
];

struct MarketRow {
    currency: &'static str,
    weight: u64,
    /// Name, percentage, whether within the price, and of how many in a thousand purchases.
    tax: (&'static str, &'static str, bool, u64),
    /// In the order of `Ware`.
    units: [i64; 6],
    shipping: i64,
    /// A method that takes days, beside cards.
    slow: Option<&'static str>,
}

const MARKETS: [MarketRow; 5] = [
    MarketRow {
        currency: "usd",
        weight: 46,
        tax: ("Sales+tax", "8.25", false, 400),
        units: [1900, 4900, 1250, 19_000, 9900, 2500],
        shipping: 700,
        slow: Some("us_bank_account"),
    },
    MarketRow {
        currency: "eur",
        weight: 24,
        tax: ("VAT", "20", true, 1000),
        units: [1900, 4900, 1250, 19_000, 9900, 2500],
        shipping: 590,
        slow: Some("sepa_debit"),
    },
    MarketRow {
        currency: "gbp",
        weight: 14,
        tax: ("VAT", "20", true, 900),
        units: [1700, 4200, 1090, 17_000, 8900, 2200],
        shipping: 495,
        slow: None,
    },
    MarketRow {
        currency: "jpy",
        weight: 10,
        tax: ("JCT", "10", false, 1000),
        units: [2980, 6980, 1480, 29_800, 14_800, 3900],
        shipping: 800,
        slow: None,
    },
    MarketRow {
        currency: "krw",
        weight: 6,
        tax: ("VAT", "10", true, 1000),
        units: [25_000, 64_000, 17_000, 250_000, 129_000, 33_000],
        shipping: 3500,
        slow: None,
    },
];

pub(super) struct Market {
    pub(super) weight: u64,
    pub(super) currency: &'static str,
    pub(super) tax_rate: String,
    /// Of how many in a thousand purchases.
    pub(super) taxed: u64,
    prices: Vec<String>,
    units: [i64; 6],
    pub(super) shipping_rate: String,
    pub(super) slow: Option<&'static str>,
}

impl Market {
    pub(super) fn price(&self, ware: Ware) -> &str {
        self.prices.get(ware as usize).map_or("", String::as_str)
    }

    pub(super) fn unit_minor(&self, ware: Ware) -> i64 {
        self.units.get(ware as usize).copied().unwrap_or(0)
    }
}

/// Coupons by id, with what they give.
const COUPONS: [(&str, &str); 11] = [
    ("ANNA-20", "percent_off=20&duration=once"),
    ("BRUNO-25", "percent_off=25&duration=repeating&duration_in_months=3"),
    ("CHEN-10", "percent_off=10&duration=forever"),
    ("DORA-50", "percent_off=50&duration=once"),
    ("ELIF-15", "percent_off=15&duration=forever"),
    ("FARID-FREE", "percent_off=100&duration=once"),
    ("SUMMER", "percent_off=30&duration=once"),
    (
        "IVO-5",
        "amount_off=500&currency=usd&currency_options[eur][amount_off]=450&currency_options[gbp][amount_off]=400\
         &currency_options[jpy][amount_off]=700&currency_options[krw][amount_off]=6000\
         &duration=repeating&duration_in_months=2",
    ),
    ("FRIENDS", "percent_off=12.5&duration=once"),
    ("LOYAL", "percent_off=7&duration=forever"),
    ("WELCOME", "percent_off=5&duration=once"),
];

/// A code by its text. Whose it is, the operator says.
pub(super) struct Code {
    pub(super) text: &'static str,
    /// `None`: it is not made yet.
    pub(super) id: Option<String>,
}

const CODES: [(&str, &str); 11] = [
    ("ANNA20", "ANNA-20"),
    ("ANNAVIP", "ANNA-20"),
    ("BRUNO25", "BRUNO-25"),
    ("CHEN10", "CHEN-10"),
    ("DORA50", "DORA-50"),
    ("ELIF15", "ELIF-15"),
    ("FARIDFREE", "FARID-FREE"),
    ("GITA30", "SUMMER"),
    ("IVO5", "IVO-5"),
    (WELCOME, "WELCOME"),
    (LATE, "SUMMER"),
];
/// The shop's own code: nobody's.
pub(super) const WELCOME: &str = "WELCOME5";
/// A second partner's share in a coupon, made when the year is half over.
pub(super) const LATE: &str = "HUGO30";
/// Coupons the shop gives without a code.
pub(super) const BARE: [&str; 5] = ["FRIENDS", "LOYAL", "SUMMER", "ANNA-20", "WELCOME"];

pub(super) struct Shop {
    pub(super) markets: Vec<Market>,
    pub(super) codes: Vec<Code>,
}

impl Shop {
    /// The id of a code that can be used already.
    pub(super) fn code(&self, index: usize) -> Option<&str> {
        self.codes.get(index)?.id.as_deref()
    }
}

/// Everything that is there on the first day.
pub(super) fn open(office: &mut Office) -> Shop {
    let mut products = Vec::new();
    for (name, _) in WARES {
        products.push(office.post("/v1/products", &format!("name={name}")).unwrap_or_default());
    }
    let markets = MARKETS.iter().map(|row| market(office, row, &products)).collect();
    for (id, gives) in COUPONS {
        office.post("/v1/coupons", &format!("id={id}&{gives}"));
    }
    let mut codes: Vec<Code> = CODES.iter().map(|(text, _)| Code { text, id: None }).collect();
    for code in codes.iter_mut().filter(|code| code.text != LATE) {
        code.id = make(office, code.text);
    }
    Shop { markets, codes }
}

/// The code of that text, from now on.
pub(super) fn make(office: &mut Office, text: &str) -> Option<String> {
    let (_, coupon) = CODES.iter().find(|(known, _)| *known == text)?;
    let form = format!("promotion[type]=coupon&promotion[coupon]={coupon}&code={text}");
    office.post("/v1/promotion_codes", &form)
}

fn market(office: &mut Office, row: &MarketRow, products: &[String]) -> Market {
    let (name, percentage, inclusive, taxed) = row.tax;
    let form = format!("display_name={name}&percentage={percentage}&inclusive={inclusive}");
    let tax_rate = office.post("/v1/tax_rates", &form).unwrap_or_default();
    let currency = row.currency;
    let mut prices = Vec::new();
    for ((product, unit), (_, interval)) in products.iter().zip(row.units).zip(WARES) {
        let recurring = interval.map(|unit| format!("&recurring[interval]={unit}")).unwrap_or_default();
        let form = format!("product={product}&currency={currency}&unit_amount={unit}{recurring}");
        prices.push(office.post("/v1/prices", &form).unwrap_or_default());
    }
    let form = format!(
        "display_name=Parcel&type=fixed_amount&fixed_amount[amount]={}&fixed_amount[currency]={currency}",
        row.shipping
    );
    let shipping_rate = office.post("/v1/shipping_rates", &form).unwrap_or_default();
    let (weight, units, slow) = (row.weight, row.units, row.slow);
    Market { weight, currency, tax_rate, taxed, prices, units, shipping_rate, slow }
}
