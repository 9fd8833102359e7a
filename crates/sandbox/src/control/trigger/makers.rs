//! What recipes need, by name, and the one call that makes each. A call names what it needs itself. It must
//! not know which event it is for.

pub(super) struct Maker {
    pub(super) name: &'static str,
    pub(super) step: &'static str,
    /// Where the id is in the answer.
    pub(super) pointer: &'static str,
}

pub(super) fn of(name: &str) -> Option<&'static Maker> {
    MAKERS.iter().find(|maker| maker.name == name)
}

const fn maker(name: &'static str, step: &'static str) -> Maker {
    Maker { name, step, pointer: "/id" }
}

const MAKERS: &[Maker] = &[
    maker("account", "POST /v1/accounts type=standard&country=US&email=partner@example.com"),
    maker(
        "asked",
        "POST /v1/customers name=Ada Asked&email=ada@example.com&payment_method=pm_card_threeDSecure2Required&invoice_settings[default_payment_method]=pm_card_threeDSecure2Required",
    ),
    maker("attached", "POST /v1/payment_methods/pm_card_visa/attach customer={nobody}"),
    maker(
        "broke",
        "POST /v1/customers name=Pat Broke&email=pat@example.com&payment_method=pm_card_chargeCustomerFail&invoice_settings[default_payment_method]=pm_card_chargeCustomerFail",
    ),
    Maker { name: "charge", step: "GET /v1/payment_intents/{intent}", pointer: "/latest_charge" },
    maker("clock", "POST /v1/test_helpers/test_clocks frozen_time={now}"),
    maker(
        "clocked",
        "POST /v1/customers name=Tim Clock&email=tim@example.com&test_clock={clock}&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa",
    ),
    maker("clocked_card", "POST /v1/payment_methods/pm_card_visa/attach customer={clocked_nobody}"),
    Maker {
        name: "clocked_item",
        step: "GET /v1/subscriptions/{clocked_subscription}",
        pointer: "/items/data/0/id",
    },
    maker("clocked_nobody", "POST /v1/customers name=Nia Clock&email=nia@example.com&test_clock={clock}"),
    maker("clocked_subscription", "POST /v1/subscriptions customer={clocked}&items[0][price]={price}"),
    maker(
        "clocked_trial",
        "POST /v1/subscriptions customer={clocked_nobody}&items[0][price]={price}&trial_period_days=2&trial_settings[end_behavior][missing_payment_method]=pause",
    ),
    maker("code", "POST /v1/promotion_codes promotion[type]=coupon&promotion[coupon]={coupon}"),
    maker("coupon", "POST /v1/coupons percent_off=10&duration=forever"),
    maker("credit_note", "POST /v1/credit_notes invoice={paid}&amount=500&credit_amount=500"),
    maker(
        "customer",
        "POST /v1/customers name=Jenny Rosen&email=jenny@example.com&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa",
    ),
    maker(
        "debit",
        "POST /v1/checkout/sessions mode=payment&line_items[0][price]={one_off}&line_items[0][quantity]=1&payment_method_types[]=sepa_debit&success_url=https://shop.example.com/thanks",
    ),
    Maker {
        name: "dispute",
        step: "GET /v1/disputes payment_intent={disputed}&limit=1",
        pointer: "/data/0/id",
    },
    maker(
        "disputed",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_card_createDispute&payment_method_types[]=card&confirm=true",
    ),
    maker("draft", "POST /v1/invoices customer={customer}&auto_advance=false"),
    maker("due", "POST /v1/invoices/{due_filled}/finalize"),
    maker(
        "due_draft",
        "POST /v1/invoices customer={clocked}&collection_method=send_invoice&days_until_due=10",
    ),
    Maker {
        name: "due_filled",
        step: "POST /v1/invoiceitems customer={clocked}&invoice={due_draft}&amount=2000&currency=usd",
        pointer: "/invoice",
    },
    Maker {
        name: "filled",
        step: "POST /v1/invoiceitems customer={customer}&invoice={draft}&amount=2000&currency=usd",
        pointer: "/invoice",
    },
    maker("finalized", "POST /v1/invoices/{filled}/finalize"),
    maker(
        "held",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_card_visa&payment_method_types[]=card&confirm=true&capture_method=manual",
    ),
    maker(
        "intent",
        "POST /v1/payment_intents amount=2000&currency=usd&customer={customer}&payment_method=pm_card_visa&payment_method_types[]=card&confirm=true",
    ),
    Maker { name: "item", step: "GET /v1/subscriptions/{subscription}", pointer: "/items/data/0/id" },
    Maker { name: "latest", step: "GET /v1/subscriptions/{subscription}", pointer: "/latest_invoice" },
    maker("nobody", "POST /v1/customers name=Sam Nocard&email=sam@example.com"),
    maker("one_off", "POST /v1/prices product={product}&currency=usd&unit_amount=1500"),
    maker("open_intent", "POST /v1/payment_intents amount=2000&currency=usd&payment_method_types[]=card"),
    maker("other_coupon", "POST /v1/coupons percent_off=20&duration=forever"),
    maker("paid", "POST /v1/invoices/{finalized}/pay"),
    maker("payout", "POST /v1/payouts amount=1000&currency=usd&method=instant&metadata[order]=6734"),
    maker(
        "price",
        "POST /v1/prices product={product}&currency=usd&unit_amount=2000&recurring[interval]=month",
    ),
    maker("product", "POST /v1/products name=Sandbox plan"),
    maker("refund", "POST /v1/refunds payment_intent={intent}&amount=500"),
    maker(
        "session",
        "POST /v1/checkout/sessions mode=payment&line_items[0][price]={one_off}&line_items[0][quantity]=1&success_url=https://shop.example.com/thanks",
    ),
    maker(
        "setup",
        "POST /v1/setup_intents customer={customer}&payment_method=pm_card_visa&payment_method_types[]=card&confirm=true",
    ),
    maker("subscription", "POST /v1/subscriptions customer={customer}&items[0][price]={price}"),
    maker("tax_id", "POST /v1/customers/{nobody}/tax_ids type=eu_vat&value=DE123456789"),
    maker(
        "there",
        "POST /v1/payment_intents amount=500000&currency=usd&payment_method=pm_card_bypassPending&payment_method_types[]=card&confirm=true",
    ),
    maker("transfer", "POST /v1/transfers amount=1000&currency=usd&destination={account}"),
    maker(
        "trial",
        "POST /v1/subscriptions customer={nobody}&items[0][price]={price}&trial_end={now+172800}&trial_settings[end_behavior][missing_payment_method]=pause",
    ),
    maker("unpaid_note", "POST /v1/credit_notes invoice={finalized}&amount=500"),
];

#[cfg(test)]
mod tests {
    use super::MAKERS;

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(MAKERS.is_sorted_by_key(|maker| maker.name));
        assert!(MAKERS.windows(2).all(|pair| pair[0].name != pair[1].name));
    }
}
