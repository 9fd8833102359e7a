//! `webhooks check`: what differs from what it should be. Reading only.

use serde::Serialize;

use super::{Ask, Desk};
use crate::cli::{Common, WebhooksCheck};
use crate::config::Config;
use crate::outgoing::endpoints::{Difference, scope_of};
use crate::{Outcome, Stop, output};

/// One endpoint as `check` found it.
#[derive(Serialize)]
struct Checked {
    endpoint: Option<String>,
    url: Option<String>,
    differences: Vec<Difference>,
}

pub(super) fn run(common: &Common, config: &Config, args: &WebhooksCheck) -> Outcome {
    let ask = Ask { url: args.url.clone(), connect: args.connect, any_path: args.any_path };
    let desk = Desk::new(config, args.book.as_deref(), ask)?;
    let mut checked: Vec<Checked> = Vec::new();
    for endpoint in desk.endpoints()? {
        // Without an address, endpoints of the other scope are somebody else's question.
        if args.url.is_none() && scope_of(&endpoint) != desk.wanted.scope {
            continue;
        }
        let mut differences = desk.differences(&endpoint);
        let twin = checked.iter().find(|one| one.url.as_ref() == Some(&endpoint.url));
        if let Some(of) = twin.and_then(|twin| twin.endpoint.clone()) {
            differences.push(Difference::Duplicate { of });
        }
        checked.push(Checked { endpoint: Some(endpoint.id), url: Some(endpoint.url), differences });
    }
    if checked.is_empty() {
        checked.push(Checked {
            endpoint: None,
            url: args.url.clone(),
            differences: vec![Difference::Absent],
        });
    }
    if common.json {
        output::print_json(&checked)?;
    } else {
        for Checked { endpoint, url, differences } in &checked {
            let name = endpoint.as_deref().unwrap_or("-");
            let url = url.as_deref().unwrap_or("any address");
            if differences.is_empty() {
                output::print(&format!("ok    {name}  {url}\n"))?;
            }
            for difference in differences {
                output::print(&format!("MISS  {name}  {url}  {}\n", difference.words()))?;
            }
        }
    }
    match checked.iter().map(|one| one.differences.len()).sum::<usize>() {
        0 => Ok(()),
        count => Err(Stop::Found(format!("{count} difference(s); countinghouse webhooks setup mends most"))),
    }
}
