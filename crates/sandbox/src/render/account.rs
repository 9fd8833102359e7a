//! A connected account and its capabilities.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{Account, Capability};

pub(super) fn render(account: &Account, frame: Frame) -> String {
    let statuses =
        account.capabilities.iter().fold(Obj::new(), |object, row| object.str(&row.id, row.status));
    let due = account.currently_due.iter().map(String::as_str);
    let profile = Obj::new()
        .nulls("annual_revenue estimated_worker_count mcc")
        .empties("minority_owned_business_designation")
        .opt_str("name", account.business_name.as_deref())
        .nulls("product_description specified_commercial_transactions_act_url support_address")
        .nulls("support_email support_phone support_url")
        .opt_str("url", account.business_url.as_deref());
    let terms = Obj::new().opt_int("date", account.details_submitted.then_some(account.created_s));
    let object = Obj::resource("account", &account.id)
        .obj("business_profile", profile)
        .opt_str("business_type", account.business_type)
        .obj("capabilities", statuses)
        .bool("charges_enabled", account.charges_enabled)
        .obj("controller", controller(account))
        .str("country", &account.country)
        .int("created", account.created_s)
        .str("default_currency", &account.default_currency)
        .bool("details_submitted", account.details_submitted)
        .opt_str("email", account.email.as_deref())
        .obj("future_requirements", requirements([].into_iter(), None))
        .map("metadata", &account.metadata)
        .bool("payouts_enabled", account.payouts_enabled)
        .obj("requirements", requirements(due, account.disabled_reason))
        .obj("tos_acceptance", terms.nulls("ip user_agent").str("service_agreement", "full"))
        .str("type", account.kind);
    finish(object, frame)
}

fn controller(account: &Account) -> Obj {
    let rules = account.controller;
    Obj::new()
        .obj("fees", Obj::new().str("payer", rules.fees_payer))
        .bool("is_controller", true)
        .obj("losses", Obj::new().str("payments", rules.losses))
        .str("requirement_collection", rules.requirements)
        .obj("stripe_dashboard", Obj::new().str("type", rules.dashboard))
        .str("type", "application")
}

fn requirements<'a>(due: impl Iterator<Item = &'a str> + Clone, disabled_reason: Option<&str>) -> Obj {
    Obj::new()
        .empties("alternatives")
        .nulls("current_deadline")
        .strs("currently_due", due.clone())
        .opt_str("disabled_reason", disabled_reason)
        .empties("errors")
        .strs("eventually_due", due.clone())
        .strs("past_due", due)
        .empties("pending_verification")
}

pub(super) fn capability(row: &Capability, frame: Frame) -> String {
    let due = row.currently_due.iter().map(String::as_str);
    let object = Obj::resource("capability", &row.id)
        .str("account", &row.account)
        .obj("future_requirements", requirements([].into_iter(), None))
        .bool("requested", row.requested_s.is_some())
        .opt_int("requested_at", row.requested_s)
        .obj("requirements", requirements(due, None))
        .str("status", row.status);
    finish(object, frame)
}
