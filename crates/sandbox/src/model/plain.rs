//! An object that looks right and has no life: for events of what the sandbox does not model. It must not be
//! used for anything that another object depends on.

/// What it looks like is `render`'s; what it refers to are ids made from its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plain {
    pub id: String,
    /// Stripe's name of the object: `subscription_schedule`.
    pub object: &'static str,
    pub created_s: i64,
    /// Fields that differ from how it usually looks, as JSON.
    pub fields: Vec<(&'static str, String)>,
}
