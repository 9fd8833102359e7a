//! One thing that happened, with the object as it was then. Ids and times are part of it, so that a
//! history is the same bytes every time. It must not know API versions, except which families had it.

use std::sync::Arc;

/// The enum of every object there is, and how a plain or shared one becomes it.
macro_rules! objects {
    ($($name:ident),+ $(,)?) => {
        /// An object as it was at one moment. Shared, never copied: an event costs a pointer.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Object {
            $($name(Arc<super::$name>),)+
        }

        impl Object {
            /// Stripe's id of it.
            #[must_use]
            pub fn id(&self) -> &str {
                match self {
                    $(Self::$name(row) => &row.id,)+
                }
            }
        }

        $(
            impl From<super::$name> for Object {
                fn from(row: super::$name) -> Self {
                    Self::$name(Arc::new(row))
                }
            }

            impl From<Arc<super::$name>> for Object {
                fn from(row: Arc<super::$name>) -> Self {
                    Self::$name(row)
                }
            }

            impl From<&Arc<super::$name>> for Object {
                fn from(row: &Arc<super::$name>) -> Self {
                    Self::$name(Arc::clone(row))
                }
            }
        )+
    };
}

objects!(
    Account,
    Capability,
    Customer,
    CustomerBalanceTransaction,
    TaxId,
    Product,
    Price,
    ShippingRate,
    TaxRate,
    Coupon,
    PromotionCode,
    Discount,
    Subscription,
    Invoice,
    InvoicePayment,
    Session,
    PaymentMethod,
    Intent,
    Charge,
    BalanceTransaction,
    Refund,
    Dispute,
    EarlyFraudWarning,
    SetupIntent,
    Transfer,
    TransferReversal,
    ApplicationFee,
    Payout,
    CreditNote,
    InvoiceItem,
    TestClock,
    WebhookEndpoint,
    Plain,
);

/// One field of `previous_attributes`: its name and its value as JSON.
pub type Previous = (&'static str, String);

/// The API call that made an event; `None` on the event: Stripe did it by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// `req_...`
    pub id: String,
    pub idempotency_key: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelEvent {
    pub id: String,
    /// Stripe's event type, `invoice.paid`.
    pub kind: &'static str,
    pub created_s: i64,
    /// A connected account's id; `None` for the own account.
    pub account: Option<String>,
    pub livemode: bool,
    pub object: Object,
    /// What some fields were before, written by hand.
    pub previous: Vec<Previous>,
    /// The object before the change: `previous_attributes` is what differs, in each version's own shape.
    pub before: Option<Object>,
    pub cause: Option<Cause>,
}
