//! What a connected account may do. A capability's id is one for each account, so its key is both.

use kernel::fact::Capability;
use kernel::{Body, Kind, NoteCode, ObjectKey, Ref};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0, every state can be left.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(named) = Out::key(Kind::Capability, object) else { return };
    let account = object.reference("account");
    let both = account
        .as_ref()
        .map_or_else(|| Some(named.id.clone()), |account| Ref::parse(&format!("{account}/{}", named.id)));
    let Some(id) = both else {
        return object.note(NoteCode::RefUnusable, "id", "too long together with its account's");
    };
    let key = ObjectKey::new(Kind::Capability, id);
    let body = Capability {
        capability: named.id.to_string(),
        status: object.text("status").unwrap_or_default(),
        requested: object.flag("requested").unwrap_or(false),
        account,
    };
    out.link(&key, Kind::Account, body.account.as_ref());
    out.fact(&key, object, 0, Body::Capability(body));
}
