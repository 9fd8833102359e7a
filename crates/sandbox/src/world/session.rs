//! Checkout sessions.

use std::sync::Arc;

use super::Book;
use crate::model::Intent;

pub(super) fn intent_changed(_book: &mut Book, _intent: &Arc<Intent>) {}
pub(super) fn expire_due(_book: &mut Book, _id: &str) {}
