//! Stripe's own lists of paths, and an object's JSON held against them: nothing that is not listed, nothing
//! missing that must be there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sandbox::{ModelEvent, Object, Version, deliver};
use serde_json::Value;

/// What one list says: path without marks -> its type, and the paths that must be there.
#[derive(Default)]
pub(crate) struct Listed {
    types: BTreeMap<String, String>,
    required: BTreeMap<String, Vec<String>>,
    roots: BTreeMap<String, String>,
}

impl Listed {
    fn read(file: &Path) -> Self {
        let mut listed = Self::default();
        let text = std::fs::read_to_string(file).expect("a path list");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((path, kind)) = line.split_once(": ") else { continue };
            let clean = path.replace("|null", "").replace('?', "");
            if !path.contains('?') {
                listed.require(&clean);
            }
            let (path_root, name) = (clean.clone(), kind.rsplit('<').next().unwrap_or(""));
            if kind.starts_with("object <") && is_section(&path_root) {
                listed.roots.entry(name.trim_end_matches('>').to_owned()).or_insert(path_root);
            }
            listed.types.insert(clean, kind.to_owned());
        }
        listed
    }

    /// `Invoice.lines.data[]` asks for `lines` of `Invoice`; `Invoice.discounts[]` for `discounts`.
    fn require(&mut self, clean: &str) {
        let path = clean.trim_end_matches("[]");
        let path = path.strip_suffix(".data").unwrap_or(path);
        if let Some((parent, leaf)) = path.rsplit_once('.') {
            self.required.entry(parent.to_owned()).or_default().push(leaf.to_owned());
        }
    }

    fn has_below(&self, path: &str) -> bool {
        let prefix = format!("{path}.");
        self.types.range(prefix.clone()..).next().is_some_and(|(key, _)| key.starts_with(&prefix))
    }
}

/// `Checkout.Session`, but not `Invoice.default_tax_rates[]`.
fn is_section(path: &str) -> bool {
    path.split('.').all(|part| part.starts_with(char::is_uppercase) && !part.ends_with("[]"))
}

pub(crate) struct Check<'a> {
    listed: &'a Listed,
    unlisted: BTreeSet<String>,
    missing: BTreeSet<String>,
}

impl Check<'_> {
    fn object(&mut self, path: &str, value: &Value) {
        let Value::Object(fields) = value else { return };
        for leaf in self.listed.required.get(path).into_iter().flatten() {
            if !fields.contains_key(leaf) && leaf != "data" {
                self.missing.insert(format!("{path}.{leaf}"));
            }
        }
        for (name, field) in fields {
            self.field(&format!("{path}.{name}"), field);
        }
    }

    fn field(&mut self, path: &str, value: &Value) {
        let (array, list) = (format!("{path}[]"), format!("{path}.data[]"));
        if self.listed.types.contains_key(&list) {
            for row in value["data"].as_array().into_iter().flatten() {
                self.below(&list, row);
            }
        } else if self.listed.types.contains_key(&array) {
            for row in value.as_array().into_iter().flatten() {
                self.below(&array, row);
            }
        } else if self.listed.types.contains_key(path) {
            self.below(path, value);
        } else {
            self.unlisted.insert(path.to_owned());
        }
    }

    /// Down into a listed object, or into the section of the resource it is.
    fn below(&mut self, path: &str, value: &Value) {
        if self.listed.types.get(path).is_some_and(|kind| kind.starts_with("map")) {
            return;
        }
        let root = value["object"].as_str().and_then(|name| self.listed.roots.get(name));
        match root {
            _ if self.listed.has_below(path) => self.object(path, value),
            Some(root) => self.object(&root.clone(), value),
            None => {}
        }
    }
}

/// Real fields that the lists leave out: unions too large to flatten, plain customer fields that only the
/// and account fields that only the longer endive list has, the most usual capability, and `discounts`, served to every version (STRIPE.md section 2).
const ALSO_SEEN: &[&str] = &[
    "Account.business_profile",
    "Account.business_type",
    "Account.capabilities.card_payments",
    "Account.created",
    "Account.future_requirements",
    "Account.object",
    "Account.tos_acceptance",
    "BalanceTransaction.source",
    "Charge.payment_method_details",
    "Checkout.Session.custom_text",
    "Checkout.Session.discounts",
    "Checkout.Session.payment_method_options",
    "Checkout.Session.shipping_options",
    "Customer.description",
    "Customer.invoice_prefix",
    "Customer.phone",
    "Customer.preferred_locales",
    "Customer.shipping",
    "Customer.tax_exempt",
    "Invoice.last_finalization_error",
    "Invoice.payment_settings.payment_method_options",
    "PaymentIntent.last_payment_error",
    "Payout.destination",
    "PaymentIntent.next_action",
    "PaymentIntent.payment_method_options",
    "PaymentMethod.allow_redisplay",
    "PaymentMethod.sepa_debit",
    "PaymentMethod.us_bank_account",
    "SetupIntent.last_setup_error",
    "SetupIntent.next_action",
    "SetupIntent.payment_method_options",
    "Subscription.payment_settings.payment_method_options",
];

/// Objects that only look right, and their sections. Capabilities and applications have none.
pub(crate) const LOOKS: [(&str, &str); 7] = [
    ("application_fee", "ApplicationFee"),
    ("billing.alert_triggered", "Billing.AlertTriggered"),
    ("billing.credit_grant", "Billing.CreditGrant"),
    ("billing_portal.configuration", "BillingPortal.Configuration"),
    ("entitlements.active_entitlement_summary", "Entitlements.ActiveEntitlementSummary"),
    ("radar.early_fraud_warning", "Radar.EarlyFraudWarning"),
    ("subscription_schedule", "SubscriptionSchedule"),
];

fn section(object: &Object) -> Option<&'static str> {
    Some(match object {
        Object::Account(_) => "Account",
        Object::Customer(_) => "Customer",
        Object::CustomerBalanceTransaction(_) => "CustomerBalanceTransaction",
        Object::Product(_) => "Product",
        Object::TaxId(_) => "TaxId",
        Object::TaxRate(_) => "TaxRate",
        Object::Price(_) => "Price",
        Object::Coupon(_) => "Coupon",
        Object::PromotionCode(_) => "PromotionCode",
        Object::Discount(_) => "Discount",
        Object::Subscription(_) => "Subscription",
        Object::Invoice(_) => "Invoice",
        Object::InvoicePayment(_) => "InvoicePayment",
        Object::Session(_) => "Checkout.Session",
        Object::Intent(_) => "PaymentIntent",
        Object::Charge(_) => "Charge",
        Object::Refund(_) => "Refund",
        Object::Dispute(_) => "Dispute",
        Object::PaymentMethod(_) => "PaymentMethod",
        Object::Payout(_) => "Payout",
        Object::SetupIntent(_) => "SetupIntent",
        Object::BalanceTransaction(_) => "BalanceTransaction",
        Object::EarlyFraudWarning(_) => "Radar.EarlyFraudWarning",
        Object::Transfer(_) => "Transfer",
        Object::TransferReversal(_) => "TransferReversal",
        Object::ApplicationFee(_) => "ApplicationFee",
        Object::CreditNote(_) => "CreditNote",
        Object::InvoiceItem(_) => "InvoiceItem",
        Object::TestClock(_) => "TestHelpers.TestClock",
        Object::Plain(plain) => LOOKS.iter().find(|(name, _)| *name == plain.object)?.1,
        #[allow(unreachable_patterns, reason = "a new object is skipped until it is listed here")]
        _ => return None,
    })
}

/// The versions that have a list.
pub(crate) const VERSIONS: [Version; 5] = [
    Version::Acacia20241028,
    Version::Basil20250331,
    Version::Clover20250930,
    Version::Dahlia20260729,
    Version::Endive20261028,
];

/// Holds every object of the events against the list of every version; prints how many, and says what is
/// wrong. `None`: the lists are not installed.
#[allow(clippy::print_stdout, reason = "a test prints its counts")]
pub(crate) fn wrong(events: &[ModelEvent]) -> Option<String> {
    let shared = super::shared()?;
    let mut wrong = String::new();
    for version in VERSIONS {
        let file = shared.join(format!("stripe/paths/{}.txt", version.api_version()));
        let listed = Listed::read(&file);
        let mut check = Check { listed: &listed, unlisted: BTreeSet::new(), missing: BTreeSet::new() };
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for event in events {
            let Some(section) = section(&event.object) else { continue };
            if deliver(event, version).is_none() || !listed.has_below(section) {
                continue;
            }
            let body = sandbox::object(&event.object, version, false);
            let value: Value = serde_json::from_slice(&body).expect("valid JSON");
            check.object(section, &value);
            *counts.entry(section).or_default() += 1;
        }
        check.unlisted.retain(|path| !ALSO_SEEN.contains(&path.as_str()));
        let (unlisted, missing) = (check.unlisted.len(), check.missing.len());
        let count: usize = counts.values().sum();
        println!(
            "{}: {count} objects, {unlisted} unlisted, {missing} missing; {counts:?}",
            version.api_version()
        );
        let rows = |what: &str, paths: &BTreeSet<String>| -> String {
            paths.iter().map(|path| format!("{version:?} {what} {path}\n")).collect()
        };
        wrong.push_str(&rows("unlisted", &check.unlisted));
        wrong.push_str(&rows("missing", &check.missing));
    }
    Some(wrong)
}
