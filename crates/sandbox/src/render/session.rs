//! A checkout session. `discounts` names ids only; a version of 2020 is shown without it when an invoice
//! tells the same, since old payloads are seen in both forms.

use std::sync::Arc;

use super::payment_method::{address, ship_to};
use super::{Frame, automatic_tax, catalog, finish};
use crate::json::Obj;
use crate::model::{Conversion, Discount, Mode, Session, SessionItem, Tax, TaxRate};

pub(super) fn render(session: &Session, frame: Frame) -> String {
    let object = Obj::resource("checkout.session", &session.id);
    let object = money(object, session, frame);
    let object = links(object, session, frame);
    let object = form(object, session, frame);
    let object = if frame.version.basil() {
        object.opt_raw("collected_information", collected(session, frame)).nulls("permissions")
    } else {
        object.opt_raw("shipping_details", session.ship_to.as_ref().map(|to| ship_to(to).close()))
    };
    let object = object
        .when(frame.version.clover(), |object| object.nulls("origin_context wallet_options"))
        .when(frame.version.dahlia(), |object| object.nulls("integration_identifier managed_payments"));
    finish(object, frame)
}

fn collected(session: &Session, frame: Frame) -> Option<String> {
    let to = session.ship_to.as_ref()?;
    let to = Obj::new().obj("address", address(&to.address)).str("name", &to.name);
    let details = Obj::new()
        .when(frame.version.clover(), |object| object.nulls("business_name individual_name"))
        .obj("shipping_details", to);
    Some(details.close())
}

fn money(object: Obj, session: &Session, frame: Frame) -> Obj {
    let setup = session.mode == Mode::Setup;
    let some = |amount: i64| (!setup).then_some(amount);
    let hidden = frame.version.ancient() && session.invoice.is_some();
    let shipped = session.shipping > 0 || (session.shipping_rate.is_some() && !session.items.is_empty());
    let details = Obj::new()
        .int("amount_discount", session.discount)
        .int("amount_shipping", session.shipping)
        .int("amount_tax", session.tax());
    let shipping = Obj::new()
        .int("amount_subtotal", session.shipping)
        .int("amount_tax", 0)
        .int("amount_total", session.shipping)
        .opt_str("shipping_rate", session.shipping_rate.as_deref());
    object
        .opt_int("amount_subtotal", some(session.subtotal))
        .opt_int("amount_total", some(session.total()))
        .opt_str("currency", (!setup).then(|| session.currency.as_str()))
        .opt_raw("currency_conversion", session.conversion.as_ref().map(conversion))
        .when(!hidden, |object| object.array("discounts", session.discounts.iter().map(discount)))
        .str("payment_status", session.payment_status.as_str())
        .opt_raw("shipping_cost", shipped.then(|| shipping.close()))
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
        .obj("address", address(&session.address))
        .str("email", &session.email)
        .str("name", &session.name)
        .opt_str("phone", session.phone.as_deref())
        .str("tax_exempt", "none")
        .empties("tax_ids");
    let details =
        details.when(frame.version.clover(), |object| object.nulls("business_name individual_name"));
    object
        .opt_str("client_reference_id", session.client_reference_id.as_deref())
        .opt_str("customer", session.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("customer_creation", payment.then_some(session.customer_creation))
        .opt_raw("customer_details", (!session.email.is_empty()).then(|| details.close()))
        .opt_str("customer_email", session.customer_email.as_deref())
        .opt_str("invoice", session.invoice.as_deref())
        .map("metadata", &session.metadata)
        .opt_str("payment_intent", session.intent.as_deref().filter(|_| payment))
        .opt_str("payment_link", session.payment_link.as_deref())
        .nulls("recovered_from")
        .opt_str("setup_intent", session.setup_intent.as_deref())
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
        .opt_raw("allow_promotion_codes", session.allow_codes.map(|allowed| allowed.to_string()))
        .when(frame.version.endive(), |object| {
            object.strs("allowed_payment_method_types", session.method_types.iter().copied())
        })
        .obj("automatic_tax", tax)
        .str("billing_address_collection", session.billing_address)
        .opt_str("cancel_url", session.cancel_url.as_deref())
        .nulls("client_secret consent consent_collection")
        .int("created", session.created_s)
        .empties("custom_fields")
        .obj("custom_text", text)
        .int("expires_at", session.expires_s)
        .opt_raw("invoice_creation", creation)
        .bool("livemode", frame.livemode)
        .opt_str("locale", session.locale.as_deref())
        .str("mode", session.mode.as_str())
        .str("payment_method_collection", session.collect_method)
        .nulls("payment_method_configuration_details")
        .obj("payment_method_options", Obj::new())
        .strs("payment_method_types", session.method_types.iter().copied())
        .obj("phone_number_collection", Obj::new().bool("enabled", session.ask_phone))
        .opt_raw(
            "shipping_address_collection",
            session.ship_countries.as_ref().map(|countries| {
                Obj::new().strs("allowed_countries", countries.iter().map(String::as_str)).close()
            }),
        )
        .array(
            "shipping_options",
            session.shipping_options.iter().map(|rate| {
                let amount = rate.amount_in(session.currency).unwrap_or(rate.amount_minor);
                Obj::new().int("shipping_amount", amount).str("shipping_rate", &rate.id).close()
            }),
        )
        .str("status", session.status)
        .opt_str("submit_type", session.submit_type)
        .opt_str("success_url", session.success_url.as_deref())
        .str("ui_mode", ui)
        .opt_str("url", session.url.as_deref())
}

fn invoice_creation(session: &Session) -> String {
    let data = Obj::new()
        .nulls("account_tax_ids custom_fields")
        .opt_str("description", session.invoice_creation.as_ref().and_then(|(_, text)| text.as_deref()))
        .nulls("footer issuer")
        .map("metadata", session.invoice_creation.as_ref().map_or(&[], |(meta, _)| meta))
        .nulls("rendering_options");
    let enabled = session.invoice_creation.is_some() || session.invoice.is_some();
    Obj::new().bool("enabled", enabled).obj("invoice_data", data).close()
}

/// What each discount took off and each tax came to, with the objects whole.
pub(crate) fn breakdown(
    discounts: &[(Arc<Discount>, i64)],
    taxes: &[(Arc<TaxRate>, Tax)],
    frame: Frame,
) -> String {
    let discounts = discounts.iter().map(|(discount, amount)| {
        Obj::new().int("amount", *amount).raw("discount", &super::discount::render(discount, frame)).close()
    });
    let taxes = taxes.iter().map(|(rate, tax)| {
        Obj::new()
            .int("amount", tax.amount)
            .raw("rate", &super::tax_rate::render(rate, frame))
            .nulls("taxability_reason")
            .int("taxable_amount", tax.taxable)
            .close()
    });
    Obj::new().array("discounts", discounts).array("taxes", taxes).close()
}

/// One thing on the page, as `line_items` lists it.
pub(crate) fn item(item: &SessionItem, session: &Session, frame: Frame) -> String {
    let adjustable = item.adjustable.map(|(minimum, maximum)| {
        Obj::new().bool("enabled", true).int("maximum", maximum).int("minimum", minimum).close()
    });
    Obj::resource("item", &item.id)
        .when(frame.version.dahlia(), |object| object.opt_raw("adjustable_quantity", adjustable))
        .int("amount_discount", item.discount)
        .int("amount_subtotal", item.subtotal)
        .int("amount_tax", item.tax_exclusive + item.tax_inclusive)
        .int("amount_total", item.subtotal - item.discount + item.tax_exclusive)
        .str("currency", session.currency.as_str())
        .str("description", &item.price.name)
        .when(frame.version.dahlia(), |object| object.map("metadata", &[]))
        .raw("price", &catalog::price(&item.price, frame))
        .int("quantity", item.quantity)
        .close()
}
