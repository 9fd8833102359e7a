//! Tax rows of invoices and their lines, in the shape before basil (`inclusive`) and since
//! (`tax_behavior`). It must not know what else the object holds.

use kernel::NoteCode;

use crate::object::Obj;

/// Tax inside the prices and on top of them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Tax {
    pub(crate) inclusive: i64,
    pub(crate) exclusive: i64,
}

/// `None` when neither list has a row: an older shape may say more.
pub(crate) fn rows(object: &Obj<'_>, before_basil: &str, since_basil: &str) -> Option<Tax> {
    let old = object.objects(before_basil);
    let rows = if old.is_empty() { object.objects(since_basil) } else { old };
    let mut tax = Tax::default();
    for row in &rows {
        let side = if is_inclusive(row) { &mut tax.inclusive } else { &mut tax.exclusive };
        *side = side.saturating_add(row.amount("amount"));
    }
    (!rows.is_empty()).then_some(tax)
}

fn is_inclusive(row: &Obj<'_>) -> bool {
    if let Some(inclusive) = row.flag("inclusive") {
        return inclusive;
    }
    match row.text("tax_behavior").as_deref() {
        Some("inclusive") => true,
        Some("exclusive") | None => false,
        Some(other) => {
            row.note_newer(NoteCode::EnumUnknown, "tax_behavior", other);
            false
        }
    }
}
