//! What Stripe said, in as few words as a case needs. Times are days after 2026-01-01, amounts minor
//! units of usd unless said. Nothing here knows a rule.

use kernel::fact::{
    Discount, DiscountAmount, Invoice, InvoiceLine, InvoiceStatus, PaymentStatus, PromotionCode, Session,
    SessionMode, Subscription,
};
use kernel::{Book, Currency, Kind, ObjectKey, Ref};
use rules::view::{DiscountBook, SaleView, SubscriptionView};

pub(crate) const DAY_S: i64 = 86_400;
const START_S: i64 = 1_767_225_600;

pub(crate) fn day_s(day: i64) -> i64 {
    START_S + day * DAY_S
}

pub(crate) fn day(day: i64) -> i64 {
    day_s(day) * 1000
}

pub(crate) fn r(text: &str) -> Ref {
    Ref::parse(text).expect("a reference")
}

pub(crate) fn currency(text: &str) -> Currency {
    Currency::parse(text).expect("a currency")
}

pub(crate) fn key(id: &str) -> ObjectKey {
    let kind = match id.split('_').next() {
        Some("in") => Kind::Invoice,
        Some("cs") => Kind::Session,
        Some("pi") => Kind::Intent,
        Some("ch") => Kind::Charge,
        _ => panic!("no kind for {id}"),
    };
    ObjectKey::new(kind, r(id))
}

/// A sale being told. Each method adds one thing and returns it.
#[derive(Clone)]
pub(crate) struct Sale(pub(crate) SaleView);

fn bare(id: &str) -> SaleView {
    SaleView {
        book: Book::own(true),
        root: key(id),
        alias_of: Vec::new(),
        invoice: None,
        sessions: Vec::new(),
        subscription: None,
        invoice_payments: Vec::new(),
        payments: Vec::new(),
        credit_notes: Vec::new(),
        discounts: DiscountBook::default(),
    }
}

/// A paid invoice without tax and discounts, paid in cash.
pub(crate) fn invoice(id: &str, at: i64, total: i64) -> Sale {
    let invoice = Invoice {
        status: InvoiceStatus::Paid,
        currency: currency("usd"),
        total_minor: total,
        subtotal_minor: total,
        tax_inclusive_minor: 0,
        tax_exclusive_minor: 0,
        shipping_charged_minor: 0,
        shipping_net_minor: 0,
        discount_minor: 0,
        discounts: Vec::new(),
        discounts_said: false,
        amount_paid_minor: total.max(0),
        amount_due_minor: total.max(0),
        billing_reason: None,
        customer: Some(r("cus_1")),
        subscription: None,
        created_s: day_s(at),
        paid_at_s: Some(day_s(at)),
        partner_hint: None,
        metadata_snapshot: false,
        lines: Vec::new(),
        lines_truncated: false,
    };
    Sale(SaleView { invoice: Some(invoice), ..bare(id) })
}

pub(crate) fn a_session(at: i64, total: i64) -> Session {
    Session {
        mode: SessionMode::Payment,
        status: Some("complete".into()),
        payment_status: PaymentStatus::Paid,
        currency: Some(currency("usd")),
        total_minor: total,
        subtotal_minor: total,
        discount_minor: 0,
        tax_minor: 0,
        shipping_charged_minor: 0,
        shipping_net_minor: 0,
        presented: None,
        discounts: Vec::new(),
        customer: Some(r("cus_1")),
        subscription: None,
        invoice: None,
        intent: None,
        client_reference_id: None,
        partner_hint: None,
        created_s: day_s(at),
    }
}

/// A paid session in payment mode without an invoice.
pub(crate) fn session(id: &str, at: i64, total: i64) -> Sale {
    Sale(SaleView { sessions: vec![(r(id), a_session(at, total))], ..bare(id) })
}

/// A succeeded intent that nothing names, with a partner in its metadata.
pub(crate) fn intent(id: &str, at: i64, amount: i64, hint: Option<&str>) -> Sale {
    let mut sale = Sale(bare(id)).pay(id, at, amount);
    for intent in sale.0.payments.iter_mut().filter_map(|payment| payment.intent.as_mut()) {
        intent.partner_hint = hint.map(Into::into);
    }
    sale
}

impl Sale {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut SaleView)) -> Self {
        change(&mut self.0);
        self
    }

    pub(crate) fn inv(self, change: impl FnOnce(&mut Invoice)) -> Self {
        self.with(|view| change(view.invoice.as_mut().expect("an invoice")))
    }

    pub(crate) fn ses(self, change: impl FnOnce(&mut Session)) -> Self {
        self.with(|view| change(&mut view.sessions.first_mut().expect("a session").1))
    }

    pub(crate) fn cash(self, minor: i64) -> Self {
        self.inv(|invoice| invoice.amount_paid_minor = minor)
    }

    pub(crate) fn of(self, subscription: &str) -> Self {
        let id = r(subscription);
        self.with(|view| view.subscription = Some(id))
    }

    pub(crate) fn tax(self, inclusive: i64, exclusive: i64) -> Self {
        self.inv(|invoice| {
            (invoice.tax_inclusive_minor, invoice.tax_exclusive_minor) = (inclusive, exclusive)
        })
    }

    pub(crate) fn line(self, id: &str, product: &str, amount: i64) -> Self {
        let line = InvoiceLine {
            id: r(id),
            amount_minor: amount,
            discount_minor: 0,
            tax_inclusive_minor: 0,
            product: Some(r(product)),
            price: None,
            period_start_s: None,
            period_end_s: None,
        };
        self.inv(|invoice| invoice.lines.push(line))
    }

    /// A discount the invoice names, with what it took; explained.
    pub(crate) fn took(self, di: &str, (promo, coupon): (&str, &str), minor: i64, start: i64) -> Self {
        let fact = discount(promo, coupon, start);
        self.named(di, minor).with(|view| {
            view.discounts.discounts.insert(r(di), Some(fact));
        })
    }

    /// A discount the invoice names, known by nothing but its id.
    pub(crate) fn named(self, di: &str, minor: i64) -> Self {
        let sale = self.inv(|invoice| {
            invoice.discount_minor += minor;
            invoice.discounts.push(DiscountAmount { discount: r(di), amount_minor: minor });
        });
        sale.with(|view| {
            view.discounts.discounts.insert(r(di), None);
        })
    }

    /// The mirror knows this promotion code.
    pub(crate) fn mirrored(self, promo: &str, text: &str, coupon: &str) -> Self {
        let fact = promotion_code(text, coupon);
        self.with(|view| {
            view.discounts.promotion_codes.insert(r(promo), Some(fact));
        })
    }

    /// A session that names the sale's invoice.
    pub(crate) fn by(self, id: &str, at: i64, change: impl FnOnce(&mut Session)) -> Self {
        let mut made = a_session(at, 0);
        made.mode = SessionMode::Subscription;
        made.invoice = Some(self.0.root.id.clone());
        change(&mut made);
        self.with(|view| view.sessions.push((r(id), made)))
    }
}

/// `""` is none.
pub(crate) fn some(text: &str) -> Option<Ref> {
    Ref::parse(text)
}

pub(crate) fn discount(promo: &str, coupon: &str, start: i64) -> Discount {
    Discount {
        coupon: some(coupon),
        promotion_code: some(promo),
        customer: None,
        subscription: None,
        invoice: None,
        session: None,
        start_s: Some(day_s(start)),
        end_s: None,
        deleted: false,
    }
}

pub(crate) fn promotion_code(text: &str, coupon: &str) -> PromotionCode {
    PromotionCode {
        code: text.into(),
        coupon: some(coupon),
        active: false,
        customer: None,
        max_redemptions: Some(1),
        times_redeemed: 9,
        expires_at_s: Some(0),
        partner_hint: None,
        created_s: day_s(0),
    }
}

/// A subscription that began on that day and says nothing of its own.
pub(crate) fn subscription(id: &str, at: i64) -> SubscriptionView {
    let fact = Subscription {
        status: "active".into(),
        customer: Some(r("cus_1")),
        created_s: day_s(at),
        ..Subscription::default()
    };
    SubscriptionView {
        book: Book::own(true),
        id: r(id),
        subscription: Some(fact),
        sessions: Vec::new(),
        discounts: DiscountBook::default(),
        own_discounts: Vec::new(),
    }
}
