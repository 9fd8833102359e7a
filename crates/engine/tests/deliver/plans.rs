//! Intents to play through: each kind of plan once, about one old code of anna's and one new one.

use engine::deliver::plan::{CodePlan, CouponPlan, For};
use engine::deliver::stripe::{CouponTerms, Lasts, Limits, Meta, Off};
use engine::deliver::{Intent, Plan};
use kernel::operator::{CodeMapping, Handle};
use kernel::{Book, Ref};

pub(crate) fn id(text: &str) -> Ref {
    Ref::parse(text).expect("an id")
}

pub(crate) fn terms() -> CouponTerms {
    CouponTerms { off: Off::PercentBps(1_000), lasts: Lasts::Once, products: Vec::new() }
}

pub(crate) fn intent(plan: Plan) -> Intent {
    let book = Book::own(false);
    Intent { id: "intent_0123456789abcdef01234567".into(), book, plan, made_by: "jo".into(), recorded_at: 0 }
}

pub(crate) fn anna() -> For {
    For { partner: Handle::parse("anna").expect("a handle"), partner_ref: "prt_1".into() }
}

pub(crate) fn create(coupon: CouponPlan) -> Intent {
    let code = CodePlan { text: "ANNA10".into(), coupon, limits: Limits::default() };
    intent(Plan::Create { whose: anna(), code, from: None })
}

pub(crate) fn rotate() -> Intent {
    let coupon = CouponPlan::There(id("SUMMER"));
    let code = CodePlan { text: "ANNA10".into(), coupon, limits: Limits::default() };
    intent(Plan::Rotate { whose: anna(), code, old: id("promo_old"), ends: ends() })
}

/// The old code's mapping, as it is in the log.
pub(crate) fn ends() -> CodeMapping {
    CodeMapping {
        partner: anna().partner,
        book: Book::own(false),
        code: Some("OLD".into()),
        promotion_code: Some(id("promo_old")),
        coupon: None,
    }
}

pub(crate) fn deactivate() -> Intent {
    intent(Plan::Deactivate { text: "OLD".into(), code: Some(id("promo_old")), ends: Some(ends()) })
}

/// What `drift --fix` asks for: of a code that others made inactive, of one that was ended here and is still
/// active, and of one whose metadata do not say whose it is.
pub(crate) fn mends() -> [(&'static str, Intent); 3] {
    let text = || "OLD".to_owned();
    let metadata = Meta::from([("partner_handle".to_owned(), "anna".to_owned())]);
    let describe =
        Plan::Describe { text: text(), code: id("promo_old"), coupon: Some(id("SUMMER")), metadata };
    [
        ("fix: end the mapping", intent(Plan::Deactivate { text: text(), code: None, ends: Some(ends()) })),
        (
            "fix: deactivate at Stripe",
            intent(Plan::Deactivate { text: text(), code: Some(id("promo_old")), ends: None }),
        ),
        ("fix: describe", intent(describe)),
    ]
}
