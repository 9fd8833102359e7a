//! What a restricted key may do, found out without changing anything: a read is tried on one object, a write is
//! tried with a request that cannot pass validation. Stripe checks permission first, so 403 means that the key
//! may not, and any other refusal that it may. Such a request lacks what the call requires and carries a parameter
//! that does not exist: two reasons why it can have no effect.

use ureq::http::Method;

use crate::client::{Call, Client};
use crate::error::StripeError;
use crate::form::Form;

/// A resource of Stripe's key page, and what of it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Permission {
    ReadCoupons,
    WriteCoupons,
    ReadPromotionCodes,
    WritePromotionCodes,
    ReadEvents,
    ReadInvoices,
    ReadSessions,
    ReadSubscriptions,
    ReadCustomers,
    ReadCharges,
    ReadIntents,
    ReadDisputes,
    ReadCreditNotes,
    ReadProducts,
    ReadPrices,
    ReadBalance,
    ReadPayouts,
    ReadTransfers,
    ReadApplicationFees,
    ReadAccounts,
    ReadSetupIntents,
    ReadPaymentMethods,
    ReadFraudWarnings,
    ReadReviews,
    ReadCreditGrants,
    ReadMeters,
    ReadPortal,
    ReadTaxIds,
    ReadEntitlements,
    ReadTestClocks,
    ReadWebhookEndpoints,
    WriteWebhookEndpoints,
    /// Never needed; probed to be named as unneeded.
    WriteCharges,
    WriteCustomers,
    WriteSubscriptions,
    WritePayouts,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permitted {
    Yes,
    No,
    /// There is no such call: an emulator that does not have it.
    Unknown,
}

impl Permission {
    pub const ALL: [Self; 36] = [
        Self::ReadCoupons,
        Self::WriteCoupons,
        Self::ReadPromotionCodes,
        Self::WritePromotionCodes,
        Self::ReadEvents,
        Self::ReadInvoices,
        Self::ReadSessions,
        Self::ReadSubscriptions,
        Self::ReadCustomers,
        Self::ReadCharges,
        Self::ReadIntents,
        Self::ReadDisputes,
        Self::ReadCreditNotes,
        Self::ReadProducts,
        Self::ReadPrices,
        Self::ReadBalance,
        Self::ReadPayouts,
        Self::ReadTransfers,
        Self::ReadApplicationFees,
        Self::ReadAccounts,
        Self::ReadSetupIntents,
        Self::ReadPaymentMethods,
        Self::ReadFraudWarnings,
        Self::ReadReviews,
        Self::ReadCreditGrants,
        Self::ReadMeters,
        Self::ReadPortal,
        Self::ReadTaxIds,
        Self::ReadEntitlements,
        Self::ReadTestClocks,
        Self::ReadWebhookEndpoints,
        Self::WriteWebhookEndpoints,
        Self::WriteCharges,
        Self::WriteCustomers,
        Self::WriteSubscriptions,
        Self::WritePayouts,
    ];

    /// As Stripe's page for restricted keys words it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.probe().0
    }

    #[must_use]
    pub const fn is_write(self) -> bool {
        self.probe().1
    }

    /// Name, whether it writes, and the path that is tried.
    const fn probe(self) -> (&'static str, bool, &'static str) {
        match self {
            Self::ReadCoupons => ("Coupons: Read", false, "/v1/coupons"),
            Self::WriteCoupons => ("Coupons: Write", true, "/v1/coupons"),
            Self::ReadPromotionCodes => ("Promotion Codes: Read", false, "/v1/promotion_codes"),
            Self::WritePromotionCodes => ("Promotion Codes: Write", true, "/v1/promotion_codes"),
            Self::ReadEvents => ("Events: Read", false, "/v1/events"),
            Self::ReadInvoices => ("Invoices: Read", false, "/v1/invoices"),
            Self::ReadSessions => ("Checkout Sessions: Read", false, "/v1/checkout/sessions"),
            Self::ReadSubscriptions => ("Subscriptions: Read", false, "/v1/subscriptions"),
            Self::ReadCustomers => ("Customers: Read", false, "/v1/customers"),
            Self::ReadCharges => ("Charges and Refunds: Read", false, "/v1/charges"),
            Self::ReadIntents => ("Payment Intents: Read", false, "/v1/payment_intents"),
            Self::ReadDisputes => ("Disputes: Read", false, "/v1/disputes"),
            Self::ReadCreditNotes => ("Credit Notes: Read", false, "/v1/credit_notes"),
            Self::ReadProducts => ("Products: Read", false, "/v1/products"),
            Self::ReadPrices => ("Prices: Read", false, "/v1/prices"),
            Self::ReadBalance => ("Balance: Read", false, "/v1/balance_transactions"),
            Self::ReadPayouts => ("Payouts: Read", false, "/v1/payouts"),
            Self::ReadTransfers => ("Transfers: Read", false, "/v1/transfers"),
            Self::ReadApplicationFees => ("Application Fees: Read", false, "/v1/application_fees"),
            Self::ReadAccounts => ("Connected Accounts: Read", false, "/v1/accounts"),
            Self::ReadSetupIntents => ("Setup Intents: Read", false, "/v1/setup_intents"),
            Self::ReadPaymentMethods => ("Payment Methods: Read", false, "/v1/payment_methods"),
            Self::ReadFraudWarnings => {
                ("Radar Early Fraud Warnings: Read", false, "/v1/radar/early_fraud_warnings")
            }
            Self::ReadReviews => ("Reviews: Read", false, "/v1/reviews"),
            Self::ReadCreditGrants => ("Billing Credit Grants: Read", false, "/v1/billing/credit_grants"),
            Self::ReadMeters => ("Billing Meters: Read", false, "/v1/billing/meters"),
            Self::ReadPortal => ("Customer Portal: Read", false, "/v1/billing_portal/configurations"),
            Self::ReadTaxIds => ("Tax IDs: Read", false, "/v1/tax_ids"),
            Self::ReadEntitlements => ("Entitlements: Read", false, "/v1/entitlements/active_entitlements"),
            Self::ReadTestClocks => ("Test Clocks: Read", false, "/v1/test_helpers/test_clocks"),
            Self::ReadWebhookEndpoints => ("Webhook Endpoints: Read", false, "/v1/webhook_endpoints"),
            Self::WriteWebhookEndpoints => ("Webhook Endpoints: Write", true, "/v1/webhook_endpoints"),
            Self::WriteCharges => ("Charges and Refunds: Write", true, "/v1/refunds"),
            Self::WriteCustomers => ("Customers: Write", true, IMPOSSIBLE_CUSTOMER),
            Self::WriteSubscriptions => ("Subscriptions: Write", true, "/v1/subscriptions"),
            Self::WritePayouts => ("Payouts: Write", true, "/v1/payouts"),
        }
    }
}

/// A customer can be made from nothing at all, so it is one that does not exist which would be changed.
const IMPOSSIBLE_CUSTOMER: &str = "/v1/customers/cus_countinghouse_permission_probe";

/// No call of Stripe's takes it: a request with it is refused for it, if not for want of permission before.
const IMPOSSIBLE_PARAMETER: &str = "countinghouse_permission_probe";

impl Client {
    /// `Err` when that cannot be found out: no answer, or the key is refused as a whole.
    pub fn permitted(&self, permission: Permission) -> Result<Permitted, StripeError> {
        let (_, write, path) = permission.probe();
        let mut form = Form::default();
        let method = if write {
            form.put(IMPOSSIBLE_PARAMETER, 1);
            Method::POST
        } else {
            form.put("limit", 1);
            Method::GET
        };
        // No idempotency key: a refused request is not remembered, and must not be taken for another.
        match self.call(&Call { method, path: path.to_owned(), form, key: None }) {
            Ok(_) => Ok(Permitted::Yes),
            Err(why) if why.is_forbidden() => Ok(Permitted::No),
            Err(why) if why.is_key_refused() => Err(why),
            Err(StripeError::Refused(said)) if said.status == 404 && said.code.is_none() => {
                Ok(Permitted::Unknown)
            }
            Err(StripeError::Refused(_)) => Ok(Permitted::Yes),
            Err(why) => Err(why),
        }
    }
}
