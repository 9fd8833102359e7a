//! A checkout session. `discounts` names ids only; a version of 2020 is shown without it when an invoice
//! tells the same, since old payloads are seen in both forms.

use super::payment_method::address;
use super::{Frame, automatic_tax, finish};
use crate::json::Obj;
use crate::model::{Address, Conversion, Mode, Session};

const DAY_S: i64 = 86_400;

pub(super) fn render(session: &Session, frame: Frame) -> String {
    let object = Obj::resource("checkout.session", &session.id);
    let object = money(object, session, frame);
    let object = links(object, session, frame);
    let object = form(object, session, frame);
    let object = if frame.version.basil() {
        object.nulls("collected_information permissions")
    } else {
        object.nulls("shipping_details")
    };
    let object = object
        .when(frame.version.clover(), |object| object.nulls("origin_context wallet_options"))
        .when(frame.version.dahlia(), |object| object.nulls("integration_identifier managed_payments"));
    finish(object, frame)
}

fn money(object: Obj, session: &Session, frame: Frame) -> Obj {
    let setup = session.mode == Mode::Setup;
    let some = |amount: i64| (!setup).then_some(amount);
    let hidden = frame.version.ancient() && session.invoice.is_some();
    let details = Obj::new()
        .int("amount_discount", session.discount)
        .int("amount_shipping", session.shipping)
        .int("amount_tax", session.tax());
    let shipping = Obj::new()
        .int("amount_subtotal", session.shipping)
        .int("amount_tax", 0)
        .int("amount_total", session.shipping)
        .str("shipping_rate", "shr_standard");
    object
        .opt_int("amount_subtotal", some(session.subtotal))
        .opt_int("amount_total", some(session.total()))
        .opt_str("currency", (!setup).then(|| session.currency.as_str()))
        .opt_raw("currency_conversion", session.conversion.as_ref().map(conversion))
        .when(!hidden, |object| object.array("discounts", session.discounts.iter().map(discount)))
        .str("payment_status", session.payment_status.as_str())
        .opt_raw("shipping_cost", (session.shipping > 0).then(|| shipping.close()))
        .opt_raw("total_details", (!setup).then(|| details.close()))
}

/// Before basil types did not list `discounts`, yet events carried them (STRIPE.md section 2).
fn discount((coupon, promotion_code): &(String, Option<String>)) -> String {
    Obj::new().str("coupon", coupon).opt_str("promotion_code", promotion_code.as_deref()).close()
}

fn conversion(conversion: &Conversion) -> String {
    Obj::new()
        .int("amount_subtotal", conversion.source_subtotal)
        .int("amount_total", conversion.source_total)
        .str("fx_rate", conversion.fx_rate)
        .str("source_currency", conversion.source_currency.as_str())
        .close()
}

fn links(object: Obj, session: &Session, frame: Frame) -> Obj {
    let payment = session.mode == Mode::Payment;
    let details = Obj::new()
        .obj("address", address(&Address::example("US")))
        .str("email", &session.email)
        .str("name", &session.name)
        .nulls("phone")
        .str("tax_exempt", "none")
        .empties("tax_ids");
    let details =
        details.when(frame.version.clover(), |object| object.nulls("business_name individual_name"));
    object
        .opt_str("client_reference_id", session.client_reference_id.as_deref())
        .opt_str("customer", session.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("customer_creation", payment.then_some("if_required"))
        .obj("customer_details", details)
        .nulls("customer_email")
        .opt_str("invoice", session.invoice.as_deref())
        .map("metadata", &session.metadata)
        .opt_str("payment_intent", session.intent.as_deref().filter(|_| payment))
        .opt_str("payment_link", session.payment_link.as_deref())
        .nulls("recovered_from setup_intent")
        .opt_str("subscription", session.subscription.as_deref())
}

fn form(object: Obj, session: &Session, frame: Frame) -> Obj {
    let tax = automatic_tax(frame, true);
    let text = Obj::new().nulls("after_submit shipping_address submit terms_of_service_acceptance");
    let creation = (session.mode == Mode::Payment).then(|| invoice_creation(session));
    let ui = if frame.version.dahlia() { "hosted_page" } else { "hosted" };
    object
        .when(frame.version.basil(), |object| {
            object.obj("adaptive_pricing", Obj::new().bool("enabled", false))
        })
        .nulls("after_expiration")
        .bool("allow_promotion_codes", true)
        .when(frame.version.endive(), |object| object.strs("allowed_payment_method_types", ["card"]))
        .obj("automatic_tax", tax)
        .str("billing_address_collection", "auto")
        .str("cancel_url", "https://example.com/cancel")
        .nulls("client_secret consent consent_collection")
        .int("created", session.created_s)
        .empties("custom_fields")
        .obj("custom_text", text)
        .int("expires_at", session.created_s + DAY_S)
        .opt_raw("invoice_creation", creation)
        .bool("livemode", frame.livemode)
        .nulls("locale")
        .str("mode", session.mode.as_str())
        .str("payment_method_collection", "if_required")
        .nulls("payment_method_configuration_details")
        .obj("payment_method_options", Obj::new())
        .strs("payment_method_types", ["card"])
        .obj("phone_number_collection", Obj::new().bool("enabled", false))
        .nulls("shipping_address_collection")
        .empties("shipping_options")
        .str("status", session.status)
        .nulls("submit_type")
        .str("success_url", "https://example.com/thanks?session={CHECKOUT_SESSION_ID}")
        .str("ui_mode", ui)
        .nulls("url")
}

fn invoice_creation(session: &Session) -> String {
    let data = Obj::new()
        .nulls("account_tax_ids custom_fields description footer issuer")
        .map("metadata", &[])
        .nulls("rendering_options");
    Obj::new().bool("enabled", session.invoice.is_some()).obj("invoice_data", data).close()
}
