//! Where alerts go: a hook, a chat's URL, mail. When an alert is due and how often it is tried is the engine's
//! business.

mod hook;
mod mail;
mod post;
mod settings;
mod slack;

use engine::alert::Sink;

use crate::Stop;

pub(crate) use settings::{AlertsFile, Dump, Settings};

/// The sinks that are configured.
pub(crate) fn sinks(settings: &Settings) -> Result<Vec<Box<dyn Sink>>, Stop> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if let Some((url, secret)) = &settings.hook {
        sinks.push(Box::new(hook::Hook::new(url, secret)));
    }
    if let Some(url) = &settings.slack {
        sinks.push(Box::new(slack::Slack::new(url)));
    }
    if let Some(mail) = &settings.mail {
        sinks.push(Box::new(mail::Mail::try_new(mail).map_err(Stop::Usage)?));
    }
    Ok(sinks)
}
