//! What a test does to a house: operator lines in, deliveries in, canonical rows out.

use engine::export::{ExportOptions, ExportRow, export, to_json};
use engine::operate::{Request, operate};
use engine::{House, project};
use kernel::Book;
use sandbox::traffic::Due;
use sandbox::{Delivery, Setup};
use store::{Append, Source};
use testkit::TestDatabase;

/// The wall clock of every test: after all simulated dates, so that nothing depends on it.
pub(crate) const NOW: i64 = 1_900_000_000_000;

pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) engine: &'static str,
    _database: TestDatabase,
}

impl World {
    pub(crate) fn new(database: TestDatabase) -> Self {
        let house = House::open(&database.url).expect("a fresh database opens");
        Self { house, engine: database.engine, _database: database }
    }

    /// One of each engine that can be had.
    pub(crate) fn each() -> Vec<Self> {
        TestDatabase::each_of_many().into_iter().map(Self::new).collect()
    }

    pub(crate) fn sqlite() -> Self {
        Self::new(TestDatabase::sqlite())
    }

    pub(crate) fn operator(&self, lines: &[Setup]) {
        for line in lines {
            let request = Request {
                actor: "test".into(),
                effective_at: line.effective_at,
                action: line.action.clone(),
                retroactive: true,
            };
            operate(&self.house, &request, NOW).unwrap_or_else(|why| panic!("{:?}: {why}", line.action));
        }
    }

    pub(crate) fn receive(&self, deliveries: &[Delivery]) {
        let batch: Vec<Append> = deliveries.iter().map(append).collect();
        self.house.inbox().append(&batch).expect("appended");
    }

    pub(crate) fn drain(&self) {
        project::drain(&self.house, NOW).expect("drained");
    }

    pub(crate) fn rows(&self) -> Vec<ExportRow> {
        let export = export(&self.house, &ExportOptions::default()).expect("exported");
        assert!(export.level, "books are level after a drain");
        export.rows
    }

    pub(crate) fn canonical(&self) -> String {
        to_json(&self.rows()).expect("JSON")
    }

    /// Every invariant that can be checked by looking.
    pub(crate) fn verify(&self) {
        let report = engine::audit::verify(&self.house, true).expect("verified");
        assert!(report.sound(), "{:#?}", report.findings);
    }
}

pub(crate) fn append(delivery: &Delivery) -> Append {
    let envelope = facts::Envelope::parse(&delivery.body).expect("a rendered event has an envelope");
    Append {
        book: Book { account: envelope.account.clone(), livemode: envelope.livemode },
        event_ref: envelope.id,
        event_type: envelope.event_type,
        api_version: envelope.api_version,
        created_s: envelope.created_s,
        received_at: NOW,
        source: Source::Webhook,
        headers: "{}".into(),
        body: delivery.body.clone(),
        body_hash: sha2::Digest::finalize(sha2::Digest::chain_update(
            <sha2::Sha256 as sha2::Digest>::new(),
            &delivery.body,
        ))
        .into(),
    }
}

/// What the books say of one sale, in the oracle's words.
pub(crate) fn due(row: &ExportRow) -> Due {
    Due {
        sale: row.sale.clone(),
        partner: row.partner.clone(),
        currency: row.currency.clone(),
        total_minor: row.total_minor,
        paid_minor: row.paid_minor,
        lost_minor: (row.refunded_minor + row.disputed_minor).min(row.paid_minor),
        base_minor: row.net_minor,
        commission_minor: row.commission_minor,
    }
}
