//! A small business by seed: partners' codes, people who subscribe, buy, change their mind, want their money back and
//! go. Everything is a call of the API that may be refused, as a merchant's may. It must not know what anything earns.

use kernel::Book;
use kernel::operator::{Action, CodeMapping, HOLD_DAYS_DEFAULT, Handle, Pay, Terms};
use sandbox::{Method, Rng, Setup};
use serde_json::Value;

use crate::stripe::Stripe;

const DAY_S: i64 = 86_400;

/// Handle, code, coupon, rate.
const PARTNERS: [(&str, &str, &str, i64); 4] = [
    ("anna", "ANNA20", "percent_off=20&duration=forever", 2000),
    ("ben", "BEN10", "percent_off=10&duration=once", 1000),
    ("carla", "CARLA15", "percent_off=15&duration=repeating&duration_in_months=3", 1500),
    ("dora", "DORA5", "amount_off=500&currency=usd&duration=forever", 3000),
];

const CARDS: [&str; 6] =
    ["visa", "visa", "mastercard", "chargeCustomerFail", "createDispute", "createDisputeInquiry"];
const NUMBERS: [&str; 4] = ["4242424242424242", "5555555555554444", "4000000000000341", "4000000000000259"];

pub(crate) struct Business<'a> {
    pub(crate) stripe: &'a Stripe,
    rng: Rng,
    codes: Vec<(String, String)>,
    prices: Vec<String>,
    once: String,
    customers: Vec<String>,
    subscriptions: Vec<String>,
    tax: String,
}

impl<'a> Business<'a> {
    pub(crate) fn open(stripe: &'a Stripe, seed: u64) -> Self {
        let mut business = Self {
            stripe,
            rng: Rng::new(seed ^ 0xb05),
            codes: Vec::new(),
            prices: Vec::new(),
            once: String::new(),
            customers: Vec::new(),
            subscriptions: Vec::new(),
            tax: String::new(),
        };
        let product = business.made("/v1/products", "name=Harbour");
        let price = |more: &str| format!("product={product}&currency=usd&{more}");
        for more in [
            "unit_amount=2900&recurring[interval]=month",
            "unit_amount=29000&recurring[interval]=year",
            "unit_amount=990&recurring[interval]=week",
        ] {
            let id = business.made("/v1/prices", &price(more));
            business.prices.push(id);
        }
        business.once = business.made("/v1/prices", &price("unit_amount=9900"));
        business.tax = business.made("/v1/tax_rates", "display_name=VAT&percentage=19&inclusive=false");
        for (handle, text, coupon, _) in PARTNERS {
            let coupon = business.made("/v1/coupons", coupon);
            let form = format!(
                "promotion[type]=coupon&promotion[coupon]={coupon}&code={text}&metadata[partner_ref]={handle}"
            );
            let id = business.made("/v1/promotion_codes", &form);
            business.codes.push((text.to_owned(), id));
        }
        business
    }

    /// The operator's lines for these partners: codes by text, open to the past.
    pub(crate) fn setup() -> Vec<Setup> {
        let handle = |name: &str| Handle::parse(name).expect("a handle");
        let mut lines = Vec::new();
        for (name, code, _, bps) in PARTNERS {
            let terms = Terms { pay: Pay::RateBps(bps), products: Vec::new(), hold_days: HOLD_DAYS_DEFAULT };
            let email = format!("{name}@partners.example");
            lines.push(Action::PartnerAdd { handle: handle(name), name: name.to_owned(), email, terms });
            lines.push(Action::CodeMap(CodeMapping {
                partner: handle(name),
                book: Book::own(false),
                code: Some(code.to_owned()),
                promotion_code: None,
                coupon: None,
            }));
        }
        lines.into_iter().map(|action| Setup { action, effective_at: None }).collect()
    }

    /// Lets days go by, with something happening on most of them.
    pub(crate) fn days(&mut self, days: i64) {
        for _ in 0..days {
            self.stripe.tick(self.stripe.now_s() + self.rng.between(DAY_S / 2, DAY_S * 3 / 2));
            for _ in 0..self.rng.below(3) {
                self.something();
            }
        }
    }

    fn something(&mut self) {
        match self.rng.weighted(&[20, 14, 10, 9, 6, 6, 6, 4, 4, 3, 3, 3, 3]) {
            0 => self.subscribe(),
            1 => self.checkout(),
            2 => self.pay_once(),
            3 => self.refund(),
            4 => self.change_plan(),
            5 => self.change_discount(),
            6 => self.cancel(),
            7 => self.credit(),
            8 => self.answer_dispute(),
            9 => self.bill(),
            10 => self.leave(),
            11 => self.edit_metadata(),
            _ => self.edit_code(),
        }
    }

    fn call(&self, path: &str, form: &str) -> Option<Value> {
        let (status, body) = self.stripe.call(Method::Post, path, form);
        (status == 200).then_some(body)
    }

    fn made(&self, path: &str, form: &str) -> String {
        let (status, body) = self.stripe.call(Method::Post, path, form);
        assert_eq!(status, 200, "{path} {form}: {body}");
        body["id"].as_str().expect("an id").to_owned()
    }

    fn delete(&self, path: &str) {
        self.stripe.call(Method::Delete, path, "");
    }

    fn pick<'b>(&mut self, from: &'b [String]) -> Option<&'b String> {
        let index = self.rng.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(index).ok()?)
    }

    /// One of the newest hundred objects of a list, with a field of it.
    pub(crate) fn any(&mut self, path: &str, more: &str) -> Option<Value> {
        let (_, list) = self.stripe.call(Method::Get, path, &format!("limit=100{more}"));
        let rows = list["data"].as_array()?.clone();
        let index = self.rng.below(u64::try_from(rows.len()).unwrap_or(0));
        rows.get(usize::try_from(index).ok()?).cloned()
    }

    fn customer(&mut self) -> Option<String> {
        if self.rng.chance(300) && !self.customers.is_empty() {
            let known = self.customers.clone();
            return self.pick(&known).cloned();
        }
        let card = CARDS[self.rng.weighted(&[60, 20, 10, 6, 5, 3])];
        let method = format!("pm_card_{card}");
        let form = format!("payment_method={method}&invoice_settings[default_payment_method]={method}");
        let id = self.call("/v1/customers", &form)?["id"].as_str()?.to_owned();
        self.customers.push(id.clone());
        Some(id)
    }

    fn code(&mut self) -> Option<(String, String)> {
        let index = self.rng.below(6);
        self.codes.get(usize::try_from(index).ok()?).cloned()
    }

    fn subscribe(&mut self) {
        let Some(customer) = self.customer() else { return };
        let prices = self.prices.clone();
        let price = self.pick(&prices).cloned().unwrap_or_default();
        let mut form = format!("customer={customer}&items[0][price]={price}");
        if let Some((_, id)) = self.code() {
            form += &format!("&discounts[0][promotion_code]={id}");
        }
        if self.rng.chance(200) {
            form += "&trial_period_days=14";
        }
        if self.rng.chance(200) {
            form += &format!("&default_tax_rates[0]={}", self.tax);
        }
        if self.rng.chance(100) {
            form += "&metadata[partner_ref]=carla";
        }
        if let Some(made) = self.call("/v1/subscriptions", &form) {
            self.subscriptions.extend(made["id"].as_str().map(str::to_owned));
        }
    }

    fn checkout(&mut self) {
        let subscribes = self.rng.chance(600);
        let prices = self.prices.clone();
        let price = if subscribes { self.pick(&prices).cloned() } else { Some(self.once.clone()) };
        let mode = if subscribes { "subscription" } else { "payment" };
        let mut form = format!(
            "success_url=https://x.test/ok&cancel_url=https://x.test/no&allow_promotion_codes=true&mode={mode}&\
             line_items[0][price]={}&line_items[0][quantity]=1",
            price.unwrap_or_default()
        );
        if self.rng.chance(200) {
            form += "&client_reference_id=dora";
        }
        if !subscribes && self.rng.chance(300) {
            form += "&invoice_creation[enabled]=true";
        }
        let Some(session) = self.call("/v1/checkout/sessions", &form) else { return };
        let page = format!("/checkout/{}", session["id"].as_str().unwrap_or_default());
        if let Some((text, _)) = self.code() {
            self.stripe.browse(&page, &format!("action=code&code={text}"));
        }
        if self.rng.chance(850) {
            let number = NUMBERS[self.rng.weighted(&[70, 20, 5, 5])];
            let buyer = "action=pay&email=ada@x.test&name=Ada&country=US&expiry=12+/+31&cvc=123&number";
            self.stripe.browse(&page, &format!("{buyer}={number}"));
        }
    }

    /// A sale of Anna's, for certain.
    pub(crate) fn sell_once(&self) {
        let form = "amount=9900&currency=usd&confirm=true&payment_method=pm_card_visa&metadata[partner_ref]=anna&\
                    automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never";
        self.made("/v1/payment_intents", form);
    }

    fn pay_once(&mut self) {
        let amount = self.rng.between(500, 20_000);
        let mut form = format!(
            "amount={amount}&currency=usd&confirm=true&payment_method=pm_card_visa&\
             automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"
        );
        if self.rng.chance(500) {
            form += "&metadata[partner_ref]=anna";
        }
        if self.rng.chance(200) {
            form += "&capture_method=manual";
        }
        let made = self.call("/v1/payment_intents", &form);
        let open = made.filter(|intent| intent["status"] == "requires_capture");
        if let Some(id) = open.as_ref().and_then(|intent| intent["id"].as_str()) {
            let part = self.rng.between(100, amount);
            self.call(&format!("/v1/payment_intents/{id}/capture"), &format!("amount_to_capture={part}"));
        }
    }

    fn refund(&mut self) {
        let Some(charge) = self.any("/v1/charges", "") else { return };
        let id = charge["id"].as_str().unwrap_or_default();
        let amount = charge["amount"].as_i64().unwrap_or(1).max(1);
        let part = if self.rng.chance(500) { amount } else { self.rng.between(1, amount) };
        self.call("/v1/refunds", &format!("charge={id}&amount={part}"));
    }

    fn a_subscription(&mut self) -> Option<String> {
        let all = self.subscriptions.clone();
        self.pick(&all).cloned()
    }

    fn change_plan(&mut self) {
        let Some(subscription) = self.any("/v1/subscriptions", "") else { return };
        let id = subscription["id"].as_str().unwrap_or_default();
        let item = subscription["items"]["data"][0]["id"].as_str().unwrap_or_default();
        let prices = self.prices.clone();
        let price = self.pick(&prices).cloned().unwrap_or_default();
        let how = if self.rng.chance(500) { "always_invoice" } else { "create_prorations" };
        let form = format!("items[0][id]={item}&items[0][price]={price}&proration_behavior={how}");
        self.call(&format!("/v1/subscriptions/{id}"), &form);
    }

    fn change_discount(&mut self) {
        let Some(id) = self.a_subscription() else { return };
        match self.code() {
            Some((_, code)) => {
                self.call(
                    &format!("/v1/subscriptions/{id}"),
                    &format!("discounts[0][promotion_code]={code}"),
                );
            }
            None => self.delete(&format!("/v1/subscriptions/{id}/discount")),
        }
    }

    fn cancel(&mut self) {
        let Some(id) = self.a_subscription() else { return };
        if self.rng.chance(500) {
            self.delete(&format!("/v1/subscriptions/{id}"));
        } else {
            self.call(&format!("/v1/subscriptions/{id}"), "cancel_at_period_end=true");
        }
    }

    fn credit(&mut self) {
        let Some(invoice) = self.any("/v1/invoices", "&status=paid") else { return };
        let id = invoice["id"].as_str().unwrap_or_default();
        let most = invoice["total"].as_i64().unwrap_or(1).max(1);
        let amount = self.rng.between(1, most);
        let to = ["credit_amount", "refund_amount", "out_of_band_amount"][self.rng.weighted(&[1, 1, 1])];
        self.call("/v1/credit_notes", &format!("invoice={id}&amount={amount}&{to}={amount}"));
    }

    fn answer_dispute(&mut self) {
        let Some(dispute) = self.any("/v1/disputes", "") else { return };
        let id = dispute["id"].as_str().unwrap_or_default();
        let word = ["winning_evidence", "losing_evidence", "escalate_inquiry_evidence"]
            [self.rng.weighted(&[2, 1, 1])];
        self.call(&format!("/v1/disputes/{id}"), &format!("evidence[uncategorized_text]={word}"));
    }

    /// An invoice by hand, and one of its ends.
    fn bill(&mut self) {
        let Some(customer) = self.customer() else { return };
        let amount = self.rng.between(1_000, 9_000);
        let form = format!("customer={customer}&collection_method=send_invoice&days_until_due=30");
        let Some(made) = self.call("/v1/invoices", &form) else { return };
        let id = made["id"].as_str().unwrap_or_default();
        let item = format!("customer={customer}&invoice={id}&amount={amount}&currency=usd");
        self.call("/v1/invoiceitems", &item);
        match self.rng.below(5) {
            0 => self.delete(&format!("/v1/invoices/{id}")),
            end => {
                self.call(&format!("/v1/invoices/{id}/finalize"), "");
                let (path, form) =
                    [("pay", "paid_out_of_band=true"), ("void", ""), ("mark_uncollectible", ""), ("pay", "")]
                        [usize::try_from(end - 1).unwrap_or(0)];
                self.call(&format!("/v1/invoices/{id}/{path}"), form);
            }
        }
    }

    fn leave(&mut self) {
        let all = self.customers.clone();
        if let Some(id) = self.pick(&all).cloned() {
            self.delete(&format!("/v1/customers/{id}"));
            self.customers.retain(|known| *known != id);
        }
    }

    fn edit_metadata(&mut self) {
        let Some(id) = self.a_subscription() else { return };
        let partner = PARTNERS[self.rng.weighted(&[1, 1, 1, 1])].0;
        self.call(&format!("/v1/subscriptions/{id}"), &format!("metadata[partner_ref]={partner}"));
    }

    fn edit_code(&mut self) {
        let codes = self.codes.clone();
        let Some((_, id)) = codes.get(usize::try_from(self.rng.below(4)).unwrap_or(0)) else { return };
        let active = self.rng.chance(700);
        self.call(&format!("/v1/promotion_codes/{id}"), &format!("active={active}"));
    }
}

/// Of the own account in test mode, where all of it happens.
pub(crate) fn book() -> Book {
    Book::own(false)
}
