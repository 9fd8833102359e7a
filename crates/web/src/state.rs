//! What every handler is given: the house, the clock, the secrets, who may look, and counters. Made once
//! by the binary; cheap to clone.

use std::ops::Deref;
use std::sync::Arc;

use engine::House;
use engine::deliver::Stripe;
use kernel::UnixMs;

use crate::access::{Access, NoRandomness};
use crate::config::{AccessConfig, Limits, Secret};
use crate::error::Trouble;
use crate::gate::{Budget, LetterBox};
use crate::metrics::{Metrics, SinkCounts};
use crate::rim::Requests;

/// What time it is, as an argument.
pub type Clock = Arc<dyn Fn() -> UnixMs + Send + Sync>;

/// What the binary hands over.
pub struct Setup {
    pub house: House,
    /// Calls Stripe where there is a key.
    pub stripe: Arc<dyn Stripe>,
    pub letterbox: Arc<dyn LetterBox>,
    pub clock: Clock,
    pub secrets: Vec<Secret>,
    pub access: AccessConfig,
    pub limits: Limits,
    /// What has been told to the outside, for `/metrics`.
    pub sinks: Vec<Arc<SinkCounts>>,
}

pub struct Inner {
    pub house: House,
    /// Calls Stripe where there is a key.
    pub stripe: Arc<dyn Stripe>,
    pub letterbox: Arc<dyn LetterBox>,
    pub clock: Clock,
    pub secrets: Vec<Secret>,
    pub access: Access,
    pub limits: Limits,
    pub metrics: Metrics,
    pub budget: Budget,
    pub sinks: Vec<Arc<SinkCounts>>,
    pub requests: Requests,
}

#[derive(Clone)]
pub struct App(Arc<Inner>);

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub fn try_new(setup: Setup) -> Result<Self, NoRandomness> {
        let Setup { house, stripe, letterbox, clock, secrets, access, limits, sinks } = setup;
        let mut process = [0; 8];
        getrandom::fill(&mut process).map_err(|_| NoRandomness)?;
        Ok(Self(Arc::new(Inner {
            house,
            stripe,
            letterbox,
            clock,
            secrets,
            access: Access::try_new(access)?,
            limits,
            metrics: Metrics::default(),
            budget: Budget::new(limits.bodies_bytes_max),
            sinks,
            requests: Requests::new(process),
        })))
    }

    #[must_use]
    pub fn now(&self) -> UnixMs {
        (self.clock)()
    }

    /// Runs a question to the house where blocking is allowed.
    pub(crate) async fn ask<T, E>(
        &self,
        question: impl FnOnce(&House) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Trouble>
    where
        T: Send + 'static,
        E: Into<Trouble> + Send + 'static,
    {
        let (house, span) = (self.house.clone(), tracing::Span::current());
        match tokio::task::spawn_blocking(move || span.in_scope(|| question(&house))).await {
            Ok(answer) => answer.map_err(Into::into),
            Err(_) => Err(Trouble::internal("a question to the house broke off")),
        }
    }
}
