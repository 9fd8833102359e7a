//! One purchase whole: an object and what it is linked to, fetched. For a question about it, not for the books.

use std::collections::BTreeSet;

use kernel::{Book, Kind, ObjectKey};

use super::{FetchFailure, Fetched, Fetcher};

/// Objects fetched for one purchase; it consists of fewer.
const OBJECTS_MAX: usize = 16;

/// A fetched object under its key.
pub type Found = (ObjectKey, Fetched);

/// `start` and what names it or is named by it. What cannot be had besides `start` is left out and said.
pub fn purchase(
    fetcher: &dyn Fetcher,
    book: &Book,
    start: &ObjectKey,
) -> Result<(Vec<Found>, Vec<String>), FetchFailure> {
    let mut waiting = vec![start.clone()];
    let mut seen = BTreeSet::from([start.clone()]);
    let (mut found, mut gaps) = (Vec::new(), Vec::new());
    while let Some(key) = waiting.pop().filter(|_| found.len() < OBJECTS_MAX) {
        match fetcher.fetch(book, &key) {
            Ok(fetched) => {
                let mut named = linked(&key, &fetched);
                found.push((key.clone(), fetched));
                // An invoice does not name the session that began its subscription.
                if key.kind == Kind::Subscription && start.kind != Kind::Session {
                    match fetcher.sessions(book, &key) {
                        Ok(sessions) => named.extend(sessions),
                        Err(why) => gaps.push(format!("the sessions of {key}: {}", words(&why))),
                    }
                }
                waiting.extend(named.into_iter().filter(|other| seen.insert(other.clone())));
            }
            Err(why) if key == *start => return Err(why),
            Err(why) => gaps.push(format!("{key}: {}", words(&why))),
        }
    }
    Ok((found, gaps))
}

/// What this object names, as far as it may decide whose the purchase is.
fn linked(key: &ObjectKey, fetched: &Fetched) -> Vec<ObjectKey> {
    let version = Some(fetched.api_version.as_str());
    let said = facts::normalise_object(key.kind, version, 0, &key.id, &fetched.body);
    let known: BTreeSet<&ObjectKey> = said.facts.iter().map(|fact| &fact.object).collect();
    let wanted = |other: &&ObjectKey| {
        let decides = matches!(
            other.kind,
            Kind::Invoice | Kind::Session | Kind::Subscription | Kind::Intent | Kind::PromotionCode
        );
        // A subscription names its newest invoice, which may be another purchase.
        decides && !known.contains(other) && !(key.kind == Kind::Subscription && other.kind == Kind::Invoice)
    };
    said.links.iter().map(|link| &link.to).filter(wanted).cloned().collect()
}

/// A failure in words.
#[must_use]
pub fn words(failure: &FetchFailure) -> String {
    match failure {
        FetchFailure::Missing => "Stripe has no such object".to_owned(),
        FetchFailure::Refused(why) | FetchFailure::Later(why) => why.clone(),
        FetchFailure::Closing => "the program is ending".to_owned(),
    }
}
