//! `webhooks setup`: makes the endpoint, or brings the one at this address to what it should be. The signing secret
//! is told once, so it is kept before anything else is done.

use serde::Serialize;
use stripe::{IdempotencyKey, WebhookEndpoint, WebhookEndpointChange};

use super::{Ask, Desk, said};
use crate::cli::{Common, WebhooksSetup};
use crate::config::Config;
use crate::outgoing::endpoints::{self, Difference, Scope, scope_of};
use crate::secrets_file::{Contents, Intent, SecretsFile};
use crate::{Outcome, Stop, clock, output};

/// Stripe keeps an idempotency key for 24 hours at least.
const INTENT_MS_MAX: i64 = 23 * 3_600_000;

/// What `setup` did. Field names are a contract: add, never rename.
#[derive(Serialize)]
struct Done {
    endpoint: String,
    url: String,
    book: String,
    scope: Scope,
    api_version: Option<String>,
    /// `created`, `updated`, `replaced` or `unchanged`.
    did: &'static str,
    /// The file that holds the signing secret now, if one was told.
    secret_file: Option<String>,
    /// Only with `--print-secret`.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// What could not be mended.
    differences: Vec<Difference>,
}

pub(super) fn run(common: &Common, config: &Config, args: &WebhooksSetup) -> Outcome {
    endpoints::check_url(&args.url).map_err(|why| Stop::Usage(format!("'{}' {why}", args.url)))?;
    if !args.any_path && !endpoints::leads_to_the_gate(&args.url) {
        return Err(Stop::Usage(format!(
            "'{}' does not lead to the gate, which listens at {} and {}: add the path, or say --any-path if a proxy in \
             front changes it",
            args.url,
            web::gate::PATHS[0],
            web::gate::PATHS[1]
        )));
    }
    let ask = Ask { url: Some(args.url.clone()), connect: args.connect, any_path: args.any_path };
    let desk = Desk::new(config, args.book.as_deref(), ask)?;
    let mut keeper = Keeper::open(config, args.print_secret)?;
    let found = match finish_intent(&desk, &mut keeper, args)? {
        Some(done) => return report(common, &desk, &done),
        None => desk.endpoints()?,
    };
    let mine = found.into_iter().find(|endpoint| scope_of(endpoint) == desk.wanted.scope);
    let done = match mine {
        None => create(&desk, &mut keeper, &args.url, "created")?,
        Some(old) if args.replace => {
            // The new one first: between the two every event comes twice, which is better than not at all.
            let done = create(&desk, &mut keeper, &args.url, "replaced")?;
            desk.client.delete_webhook_endpoint(&old.id).map_err(said)?;
            done
        }
        Some(old) => update(&desk, old)?,
    };
    report(common, &desk, &done)
}

/// A creation that was cut off is asked for again under its own key: Stripe makes it now, or repeats what it
/// answered, with the secret.
fn finish_intent(desk: &Desk<'_>, keeper: &mut Keeper, args: &WebhooksSetup) -> Result<Option<Done>, Stop> {
    let prefix = intent_prefix(desk);
    let Some(intent) = keeper.contents.intent.clone() else { return Ok(None) };
    let fresh = clock::now().saturating_sub(intent.made_at) < INTENT_MS_MAX;
    if !fresh || intent.url != args.url || !intent.key.starts_with(&prefix) {
        return Ok(None);
    }
    match create_as(desk, keeper, &intent, "created") {
        Ok(done) => Ok(Some(done)),
        // Made by a program that asked for other types: what is there is found by its address.
        Err(why) if why.refusal().is_some() => {
            keeper.contents.intent = None;
            keeper.save()?;
            Ok(None)
        }
        Err(why) => Err(said(why)),
    }
}

fn intent_prefix(desk: &Desk<'_>) -> String {
    format!("webhooks-setup/{}/{}/", desk.book.label(), desk.wanted.scope.name())
}

fn create(desk: &Desk<'_>, keeper: &mut Keeper, url: &str, did: &'static str) -> Result<Done, Stop> {
    let made_at = clock::now();
    let key = format!("{}{made_at}", intent_prefix(desk));
    let intent = Intent { key, made_at, url: url.to_owned() };
    keeper.contents.intent = Some(intent.clone());
    keeper.save()?;
    create_as(desk, keeper, &intent, did).map_err(said)
}

/// Asks for the endpoint, and keeps the secret before anything else is done.
fn create_as(
    desk: &Desk<'_>,
    keeper: &mut Keeper,
    intent: &Intent,
    did: &'static str,
) -> Result<Done, stripe::StripeError> {
    let unsendable = || stripe::StripeError::Unsendable { what: intent.key.clone() };
    let key = IdempotencyKey::parse(&intent.key).ok_or_else(unsendable)?;
    let made = desk.client.create_webhook_endpoint(&desk.wanted.new_endpoint(&intent.url), &key)?.object;
    let secret = made.secret.as_ref().map(|secret| secret.reveal().to_owned());
    let mut differences = desk.wanted.differences(&made);
    match &secret {
        Some(secret) => keeper.contents.add(desk.setting(), secret),
        None if desk.has_secret() => {}
        None => differences.push(Difference::NoSecret { setting: desk.setting() }),
    }
    keeper.contents.intent = None;
    let kept = keeper.save();
    if let Err(Stop::Usage(why) | Stop::Found(why)) = &kept {
        // The endpoint is there: losing its secret now would be for good.
        output::complain(&format!("{why}; the signing secret is kept by Stripe, on the endpoint's page"));
        differences.push(Difference::NoSecret { setting: desk.setting() });
    }
    let print = keeper.file.is_none();
    Ok(Done {
        endpoint: made.id,
        url: made.url,
        book: desk.book.label(),
        scope: desk.wanted.scope,
        api_version: made.api_version,
        did,
        secret_file: keeper.shown().filter(|_| secret.is_some() && kept.is_ok()),
        secret: secret.filter(|_| print),
        differences,
    })
}

/// Brings what can be changed to what it should be.
fn update(desk: &Desk<'_>, old: WebhookEndpoint) -> Result<Done, Stop> {
    let differences = desk.differences(&old);
    let unmarked = !old.metadata.contains_key(endpoints::SCOPE);
    let (mend, rest): (Vec<_>, Vec<_>) = differences.into_iter().partition(Difference::can_be_updated);
    let did = if mend.is_empty() && !unmarked { "unchanged" } else { "updated" };
    if did == "updated" {
        let change = WebhookEndpointChange {
            enabled_events: Some(endpoints::types(&desk.wanted.version)),
            disabled: Some(false),
            metadata: desk.wanted.metadata(),
            ..WebhookEndpointChange::default()
        };
        // It says how things shall be, so a second time changes nothing: the key serves this run's tries.
        let key = IdempotencyKey::parse(&format!("webhooks-update/{}/{}", old.id, clock::now()))
            .ok_or_else(|| Stop::Found(format!("{} cannot be updated", old.id)))?;
        desk.client.update_webhook_endpoint(&old.id, &change, &key).map_err(said)?;
    }
    Ok(Done {
        endpoint: old.id,
        url: old.url,
        book: desk.book.label(),
        scope: desk.wanted.scope,
        api_version: old.api_version,
        did,
        secret_file: None,
        secret: None,
        differences: rest,
    })
}

fn report(common: &Common, desk: &Desk<'_>, done: &Done) -> Outcome {
    if common.json {
        output::print_json(done)?;
    } else {
        let Done { endpoint, url, did, book, .. } = done;
        output::print(&format!("{did} {endpoint}  {url}  (book {book}, {})\n", desk.wanted.scope.name()))?;
        if let Some(file) = &done.secret_file {
            output::print(&format!(
                "its signing secret is in {file}, where `serve` reads it at start: restart the server\n"
            ))?;
        }
        if let Some(secret) = &done.secret {
            output::print(&format!("{}={secret}\n", desk.setting()))?;
        }
        for difference in &done.differences {
            output::print(&format!("{endpoint} {}\n", difference.words()))?;
        }
    }
    match done.differences.len() {
        0 => Ok(()),
        count => Err(Stop::Found(format!("{count} thing(s) to mend"))),
    }
}

/// Where secrets go: the file, or nowhere but standard output.
struct Keeper {
    file: Option<SecretsFile>,
    contents: Contents,
}

impl Keeper {
    fn open(config: &Config, print: bool) -> Result<Self, Stop> {
        if print {
            return Ok(Self { file: None, contents: Contents::default() });
        }
        let file = SecretsFile::at(&config.secrets_file);
        let contents = file.read().map_err(Stop::Usage)?;
        Ok(Self { file: Some(file), contents })
    }

    fn save(&self) -> Result<(), Stop> {
        match &self.file {
            Some(file) => file.write(&self.contents).map_err(Stop::Usage),
            None => Ok(()),
        }
    }

    fn shown(&self) -> Option<String> {
        self.file.as_ref().map(|file| file.path().display().to_string())
    }
}
