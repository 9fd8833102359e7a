//! An example or more for every verb, shown under its `--help`. Each is a line that the command line accepts:
//! a test parses them all. The few that need more words than that have them in `cli.rs`. It must not know what a
//! verb does.

use clap::Command;

/// A verb with its words, and its lines without the program's name.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("demo", &["demo", "demo --once --json", "demo --seed 7 --months 3 --customers 40"]),
    (
        "serve",
        &[
            "serve",
            "serve --listen 0.0.0.0:4242 --database-url postgres://books@db/books",
            "serve --role worker --workers 1",
            "serve --gate-listen 0.0.0.0:4243",
            "serve --log-format json",
        ],
    ),
    (
        "partner add",
        &[
            "partner add anna --name 'Anna Smith' --email anna@example.com --rate-bps 1500",
            "partner add bob --name Bob --email bob@example.com --fixed-minor 500 --currency usd",
        ],
    ),
    ("partner list", &["partner list", "partner list --json"]),
    ("partner show", &["partner show anna"]),
    ("partner deactivate", &["partner deactivate anna", "partner deactivate anna --from 2026-12-01"]),
    ("partner activate", &["partner activate anna"]),
    (
        "code adopt",
        &[
            "code adopt anna --code ANNA20",
            "code adopt anna --promotion-code promo_1Pxyz",
            "code adopt anna --coupon SUMMER --book live",
        ],
    ),
    (
        "code create",
        &[
            "code create anna --code ANNA10 --percent-off 10 --duration repeating --months 3",
            "code create bob --code BOB5 --amount-off 500 --currency usd --currency-option eur=450",
            "code create eve --code EVE10 --coupon SUMMER10 --max-redemptions 100 --expires-at 2030-01-01",
            "code create --from-csv partners.csv --percent-off 10 --dry-run",
        ],
    ),
    (
        "code rotate",
        &["code rotate ANNA10 --code ANNA11", "code rotate promo_1Pxyz --code ANNA11 --book live"],
    ),
    ("code deactivate", &["code deactivate ANNA10"]),
    ("code drift", &["code drift", "code drift --fix", "code drift --book live --json"]),
    (
        "code intents",
        &[
            "code intents",
            "code intents intent_4f1a2b3c4d5e6f708192a3b4 --retry",
            "code intents --limit 10 --json",
        ],
    ),
    ("code end", &["code end anna --code ANNA20", "code end anna --code ANNA20 --from 2026-12-01"]),
    ("code list", &["code list", "code list --partner anna --json"]),
    ("code show", &["code show ANNA20", "code show promo_1Pxyz"]),
    (
        "terms set",
        &[
            "terms set anna --rate-bps 1000 --for new --from 2026-12-01",
            "terms set anna --rate-bps 1000 --product-rate prod_1Pxyz=2000 --for all --retroactive",
        ],
    ),
    ("terms show", &["terms show anna"]),
    ("program start", &["program start 2026-01-01", "program start 2026-01-01 --book live"]),
    ("attribute", &["attribute in_1PxyzAbc anna", "attribute sub_1PxyzAbc nobody --retroactive"]),
    ("explain", &["explain in_1PxyzAbc", "explain ch_3PxyzAbc --json"]),
    ("ledger show", &["ledger show", "ledger show --book live --as-of 2026-12-31"]),
    ("ledger verify", &["ledger verify", "ledger verify --deep"]),
    (
        "ledger export",
        &[
            "ledger export --format json",
            "ledger export --format csv --as-of 2026-12-31 > ledger.csv",
            "ledger export --format beancount --book live > live.beancount",
        ],
    ),
    (
        "events list",
        &["events list", "events list --state parked", "events list --type invoice.paid --limit 500 --json"],
    ),
    ("events show", &["events show evt_1PxyzAbc"]),
    ("alerts list", &["alerts list", "alerts list --all --json"]),
    ("alerts test", &["alerts test"]),
    ("leakage", &["leakage", "leakage --book live --limit 100", "leakage --json"]),
    ("events parked", &["events parked", "events parked --json"]),
    ("events retry", &["events retry evt_1PxyzAbc", "events retry --reason amounts", "events retry --all"]),
    (
        "events discard",
        &[
            "events discard evt_1PxyzAbc evt_1PxyzAbd --why 'made by a load test'",
            "events discard --reason amounts --why 'made by a load test'",
        ],
    ),
    ("events quarantine", &["events quarantine", "events quarantine 3", "events quarantine --json"]),
    ("events drain", &["events drain", "events drain --timeout-s 60 --json"]),
    ("events types", &["events types", "events types --thin", "events types --subscribed --json"]),
    (
        "events export",
        &[
            "events export inbox.jsonl.gz",
            "events export --book live --from 2026-01-01 --to 2026-02-01 --type invoice.paid > paid.jsonl",
        ],
    ),
    (
        "events import",
        &[
            "events import events.jsonl",
            "events import events.jsonl --account acct_1Pxyz",
            "events import inbox.jsonl.gz --json",
        ],
    ),
    (
        "events archive",
        &[
            "events archive --before 2025-01-01 --to /var/archive",
            "events archive --before 2025-01-01 --to 2024.jsonl.gz --shrink",
        ],
    ),
    ("events restore", &["events restore 2024.jsonl.gz"]),
    ("log export", &["log export log.jsonl", "log export > log.jsonl"]),
    ("log import", &["log import log.jsonl", "log import log.jsonl --json"]),
    ("catch-up", &["catch-up", "catch-up --book live --patience-s 60", "catch-up --history --json"]),
    ("backfill", &["backfill", "backfill --book live --dry-run", "backfill --book acct_1Pxyz --json"]),
    (
        "reconcile",
        &[
            "reconcile",
            "reconcile --book live --fix",
            "reconcile --last --json",
            "reconcile --money --book live",
        ],
    ),
    (
        "replay",
        &[
            "replay",
            "replay --verify",
            "replay --as-of 2026-12-31 --json",
            "replay --subject in_1PxyzAbc --as-of 2026-12-31T12:00:00Z",
        ],
    ),
    (
        "diff",
        &["diff --from 2026-12-01 --to 2027-01-01", "diff --from 2026-12-31T12:00:00Z --book live --json"],
    ),
    ("events replay", &["events replay evt_1PxyzAbc", "events replay evt_1PxyzAbc --apply"]),
    ("verify", &["verify", "verify --deep --json"]),
    ("webhooks check", &["webhooks check", "webhooks check --book test --json"]),
    ("config check", &["config check", "config check --json"]),
    ("config dump", &["config dump", "config dump --config countinghouse.toml"]),
];

/// The command line with its examples.
pub(crate) fn added_to(command: Command) -> Command {
    EXAMPLES.iter().fold(command, |command, (verb, lines)| {
        let words: Vec<&str> = verb.split(' ').collect();
        show(command, &words, lines)
    })
}

fn show(command: Command, words: &[&str], lines: &[&str]) -> Command {
    match words.split_first() {
        Some((verb, rest)) => {
            let (verb, rest) = ((*verb).to_owned(), rest.to_vec());
            let known = command.get_subcommands().any(|found| found.get_name() == verb);
            if known { command.mut_subcommand(verb, |found| show(found, &rest, lines)) } else { command }
        }
        None => {
            let title = if lines.len() > 1 { "Examples" } else { "Example" };
            let lines: Vec<String> = lines.iter().map(|line| format!("  countinghouse {line}")).collect();
            command.after_help(format!("{title}:\n{}", lines.join("\n")))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    /// Every verb that has no verbs below it, by its words.
    fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            let path = format!("{path} {}", verb.get_name()).trim().to_owned();
            if verb.has_subcommands() {
                assert!(verb.get_about().is_some(), "{path} does not say what it is");
                leaves(verb, &path, found);
            } else {
                found.push((path, verb.clone()));
            }
        }
    }

    fn all() -> Vec<(String, Command)> {
        let mut found = Vec::new();
        leaves(&added_to(Cli::command()), "", &mut found);
        found
    }

    #[test]
    fn every_verb_says_what_it_does_and_shows_an_example_and_every_flag_says_what_it_is() {
        for (path, verb) in all() {
            assert!(verb.get_about().is_some(), "{path} does not say what it does");
            let after = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains(&format!("countinghouse {path}")), "{path} shows no example of itself");
            for arg in verb.get_arguments().filter(|arg| !arg.is_hide_set()) {
                let id = arg.get_id();
                assert!(
                    ["help", "version"].contains(&id.as_str()) || arg.get_help().is_some(),
                    "{path}: {id}"
                );
            }
        }
    }

    #[test]
    fn examples_are_about_verbs_that_exist_and_are_accepted() {
        let verbs: BTreeSet<String> = all().into_iter().map(|(path, _)| path).collect();
        for (path, lines) in EXAMPLES {
            assert!(verbs.contains(*path), "there is no verb {path}");
            for line in *lines {
                let typed = line.split(" > ").next().unwrap_or_default();
                let parts = typed.split('\'').enumerate();
                let words = parts.flat_map(|(index, part)| match index % 2 {
                    0 => part.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>(),
                    _ => vec![part.to_owned()],
                });
                let words = std::iter::once("countinghouse".to_owned()).chain(words);
                let refused = added_to(Cli::command()).try_get_matches_from(words).err();
                assert!(
                    refused.is_none(),
                    "{line}: {}",
                    refused.map(|why| why.to_string()).unwrap_or_default()
                );
            }
        }
    }
}
