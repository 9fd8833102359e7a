//! Which event types we read, and whose object each carries. The table is also what the documentation and
//! the set-up of endpoints list. It must not know how an object is read.

use kernel::Kind;

use crate::json::{Fields, Node, Shape};

/// One event type and the kind of object that it carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle {
    pub event_type: &'static str,
    pub kind: Kind,
}

/// Every event type that we read. Sorted by type.
pub const HANDLES: &[Handle] = &[
    on("charge.captured", Kind::Charge),
    on("charge.dispute.closed", Kind::Dispute),
    on("charge.dispute.created", Kind::Dispute),
    on("charge.dispute.funds_reinstated", Kind::Dispute),
    on("charge.dispute.funds_withdrawn", Kind::Dispute),
    on("charge.dispute.updated", Kind::Dispute),
    on("charge.expired", Kind::Charge),
    on("charge.failed", Kind::Charge),
    on("charge.pending", Kind::Charge),
    on("charge.refund.updated", Kind::Refund),
    on("charge.refunded", Kind::Charge),
    on("charge.succeeded", Kind::Charge),
    on("charge.updated", Kind::Charge),
    on("checkout.session.async_payment_failed", Kind::Session),
    on("checkout.session.async_payment_succeeded", Kind::Session),
    on("checkout.session.completed", Kind::Session),
    on("checkout.session.expired", Kind::Session),
    on("coupon.created", Kind::Coupon),
    on("coupon.deleted", Kind::Coupon),
    on("coupon.updated", Kind::Coupon),
    on("credit_note.created", Kind::CreditNote),
    on("credit_note.updated", Kind::CreditNote),
    on("credit_note.voided", Kind::CreditNote),
    on("customer.created", Kind::Customer),
    on("customer.deleted", Kind::Customer),
    on("customer.discount.created", Kind::Discount),
    on("customer.discount.deleted", Kind::Discount),
    on("customer.discount.updated", Kind::Discount),
    on("customer.subscription.created", Kind::Subscription),
    on("customer.subscription.deleted", Kind::Subscription),
    on("customer.subscription.paused", Kind::Subscription),
    on("customer.subscription.pending_update_applied", Kind::Subscription),
    on("customer.subscription.pending_update_expired", Kind::Subscription),
    on("customer.subscription.resumed", Kind::Subscription),
    on("customer.subscription.trial_will_end", Kind::Subscription),
    on("customer.subscription.updated", Kind::Subscription),
    on("customer.updated", Kind::Customer),
    on("invoice.created", Kind::Invoice),
    on("invoice.finalization_failed", Kind::Invoice),
    on("invoice.finalized", Kind::Invoice),
    on("invoice.marked_uncollectible", Kind::Invoice),
    on("invoice.overdue", Kind::Invoice),
    on("invoice.overpaid", Kind::Invoice),
    on("invoice.paid", Kind::Invoice),
    on("invoice.payment_action_required", Kind::Invoice),
    on("invoice.payment_attempt_required", Kind::Invoice),
    on("invoice.payment_failed", Kind::Invoice),
    on("invoice.payment_succeeded", Kind::Invoice),
    on("invoice.sent", Kind::Invoice),
    on("invoice.updated", Kind::Invoice),
    on("invoice.voided", Kind::Invoice),
    on("invoice.will_be_due", Kind::Invoice),
    on("invoice_payment.paid", Kind::InvoicePayment),
    on("payment_intent.amount_capturable_updated", Kind::Intent),
    on("payment_intent.canceled", Kind::Intent),
    on("payment_intent.created", Kind::Intent),
    on("payment_intent.partially_funded", Kind::Intent),
    on("payment_intent.payment_failed", Kind::Intent),
    on("payment_intent.processing", Kind::Intent),
    on("payment_intent.requires_action", Kind::Intent),
    on("payment_intent.succeeded", Kind::Intent),
    on("promotion_code.created", Kind::PromotionCode),
    on("promotion_code.updated", Kind::PromotionCode),
    on("refund.created", Kind::Refund),
    on("refund.failed", Kind::Refund),
    on("refund.updated", Kind::Refund),
];

/// A preview of an invoice that does not exist, and a draft that no longer does: not even a note.
pub(crate) const SAYS_NOTHING: [&str; 2] = ["invoice.deleted", "invoice.upcoming"];

/// Types newer than this program: a type that begins so and carries this kind is read as well.
const FAMILIES: [(&str, Kind); 14] = [
    ("charge.", Kind::Charge),
    ("charge.dispute.", Kind::Dispute),
    ("charge.refund.", Kind::Refund),
    ("checkout.session.", Kind::Session),
    ("coupon.", Kind::Coupon),
    ("credit_note.", Kind::CreditNote),
    ("customer.", Kind::Customer),
    ("customer.discount.", Kind::Discount),
    ("customer.subscription.", Kind::Subscription),
    ("invoice.", Kind::Invoice),
    ("invoice_payment.", Kind::InvoicePayment),
    ("payment_intent.", Kind::Intent),
    ("promotion_code.", Kind::PromotionCode),
    ("refund.", Kind::Refund),
];

const fn on(event_type: &'static str, kind: Kind) -> Handle {
    Handle { event_type, kind }
}

/// The kind that an event of this type carries; `None` when it is none of ours.
pub(crate) fn kind_of(event_type: &str, object: Option<&Fields<'_>>) -> Option<Kind> {
    let known = HANDLES.binary_search_by(|handle| handle.event_type.cmp(event_type)).ok();
    if let Some(index) = known {
        return Some(HANDLES[index].kind);
    }
    let says = object?.get("object").map(Node::shape);
    let family = FAMILIES
        .iter()
        .find(|(begin, kind)| event_type.starts_with(begin) && says == Some(Shape::Text(kind.stripe_name())));
    family.map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_no_type_twice() {
        assert!(HANDLES.windows(2).all(|pair| pair[0].event_type < pair[1].event_type));
    }

    #[test]
    fn every_kind_has_a_type() {
        for kind in Kind::ALL {
            assert!(HANDLES.iter().any(|handle| handle.kind == kind), "{kind:?}");
        }
    }

    #[test]
    fn a_newer_type_of_a_known_family_is_read_when_its_object_agrees() {
        for (event_type, object, kind) in [
            ("invoice.reopened", "invoice", Some(Kind::Invoice)),
            ("charge.dispute.appealed", "dispute", Some(Kind::Dispute)),
            ("charge.dispute.appealed", "charge", Some(Kind::Charge)),
            ("customer.tax_id.created", "tax_id", None),
            ("customer.source.created", "card", None),
            ("plan.created", "plan", None),
        ] {
            let text = format!(r#"{{"object":"{object}"}}"#);
            assert_eq!(kind_of(event_type, Fields::parse(&text).as_ref()), kind, "{event_type} {object}");
        }
    }
}
