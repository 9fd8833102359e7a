//! The engine: takes events from the inbox, turns them into facts, and keeps the books true to the facts.
//!
//! - [`project`]: inbox row -> facts -> true-up (DESIGN.md 2a). The only writer of the books.
//! - [`operate`]: what operators tell the house, checked, previewed, appended to the operator log.
//! - [`explain`], [`export`], [`status`], [`events`], [`parked`], [`search`]: what people and programs ask.
//! - [`fetch`]: what events leave open, asked of Stripe. [`foresee`]: what would be booked, without booking it.
//! - [`deliver`]: what leaves the house, written down before it does.
//! - [`carry`]: the two inputs on their way out and in again. [`archive`]: bodies that leave the inbox, and come back.
//! - [`audit`]: verify and replay. [`alert`]: what is wrong, told to people.
//!
//! It knows no HTML, no SQL text and no money arithmetic. Time is always an argument.

mod address;
pub mod alert;
pub mod archive;
pub mod audit;
pub mod carry;
pub mod deliver;
mod depends;
pub mod effects;
pub mod events;
pub mod explain;
pub mod export;
pub mod fetch;
pub mod foresee;
mod house;
pub mod import;
pub mod lasting;
pub mod leakage;
pub mod mirror;
pub mod operate;
mod outward;
pub mod parked;
pub mod project;
mod rehearse;
pub mod search;
pub mod status;
pub mod timeline;
mod trace;
pub mod types;
pub mod worker;

pub use house::{EngineError, House};
