//! The books as a whole, on both engines: cases, order, duplication, replay, isolation. Tests are data;
//! `world` alone knows the API.

mod alerts;
mod archive;
mod bodies;
mod cases;
mod fetch;
mod invariants;
mod leakage;
mod look;
mod mirror;
mod oracle;
mod order;
mod overflow;
mod parked;
mod preview;
mod recompute;
mod thin;
mod workers;
mod world;
