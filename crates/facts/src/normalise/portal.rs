//! The customer portal's configurations and sessions. A session's address is never read: it lets whoever knows it in.

use kernel::fact::{PortalConfiguration, PortalSession};
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0.
pub(crate) fn configuration(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::PortalConfiguration, object) else { return };
    let features = object.object("features");
    let feature = |name: &str| features.as_ref().and_then(|features| features.object(name));
    let enabled = |name: &str| feature(name).and_then(|feature| feature.flag("enabled"));
    let body = PortalConfiguration {
        active: object.flag("active").unwrap_or(true),
        is_default: object.flag("is_default").unwrap_or(false),
        name: object.text("name"),
        cancel_enabled: enabled("subscription_cancel"),
        cancel_mode: feature("subscription_cancel").and_then(|cancel| cancel.text("mode")),
        update_enabled: enabled("subscription_update"),
        method_update_enabled: enabled("payment_method_update"),
        updated_s: object.second("updated"),
        created_s: object.created(),
    };
    out.fact(&key, object, 0, Body::PortalConfiguration(body));
}

/// Rank: 0.
pub(crate) fn session(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::PortalSession, object) else { return };
    let body = PortalSession {
        customer: object.reference("customer"),
        configuration: object.reference("configuration"),
        flow: object.object("flow").and_then(|flow| flow.text("type")),
        created_s: object.created(),
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.link(&key, Kind::PortalConfiguration, body.configuration.as_ref());
    out.fact(&key, object, 0, Body::PortalSession(body));
}
