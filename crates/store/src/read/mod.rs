//! Reads made for pages: one file per page, each with its statements in a list of its own. They join and
//! sum for the eye; nothing that writes depends on them.

use crate::db::Stmt;

/// The statements of every page.
pub(crate) const ALL: &[&Stmt] = &[];
