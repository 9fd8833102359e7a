//! The difference between what the books should say and what they do say, as rows: sale rows, one balanced
//! entry per subject whose positions move, and the list of unlinked payments.

use std::collections::BTreeMap;

use kernel::fact::Body;
use kernel::operator::Handle;
use kernel::{Currency, Kind, UnixMs};
use ledger::{Account, PositionKey};
use rules::{Due, SaleView};
use store::Tx;
use store::entry::{EntryRow, PostingRow};
use store::mark::Mark;
use store::position::PositionRow;
use store::sale::SaleRow;
use store::subject::Subject;
use store::unlinked::UnlinkedRow;

use crate::house::EngineError;

type Positions = BTreeMap<PositionKey, i64>;

/// What a mirror says to those who name it: only what a rule reads, so that a counter does not wake anybody.
pub(crate) fn mirror_output(body: &Body) -> Result<String, EngineError> {
    let json = match body {
        Body::Discount(discount) => serde_json::to_string(discount),
        Body::PromotionCode(code) => serde_json::to_string(&(&code.code, &code.coupon)),
        _ => Ok(String::new()),
    };
    json.map_err(EngineError::unreadable("mirror"))
}

/// Collects what a batch says about its roots and writes it in a few statements.
pub(crate) struct Poster {
    book: i64,
    now: UnixMs,
    positions: BTreeMap<i64, Positions>,
    sales: BTreeMap<i64, Vec<SaleRow>>,
    unlinked: BTreeMap<i64, UnlinkedRow>,
    new_sales: Vec<(i64, Vec<SaleRow>)>,
    new_entries: Vec<(EntryRow, Vec<PostingRow>)>,
    revs: Vec<(i64, i64)>,
    new_positions: Vec<PositionRow>,
    new_unlinked: Vec<UnlinkedRow>,
    linked: Vec<i64>,
}

impl Poster {
    /// What the books say now about these subjects, which the caller has locked.
    pub(crate) fn load(tx: &mut Tx<'_>, book: i64, now: UnixMs, ids: &[i64]) -> Result<Self, EngineError> {
        let mut positions: BTreeMap<i64, Positions> = BTreeMap::new();
        for row in store::position::of_subjects(tx, ids)? {
            positions.entry(row.subject).or_default().insert(position_key(&row)?, row.minor);
        }
        let mut sales: BTreeMap<i64, Vec<SaleRow>> = BTreeMap::new();
        for row in store::sale::of_subjects(tx, ids)? {
            sales.entry(row.subject).or_default().push(row);
        }
        let unlinked =
            store::unlinked::of_subjects(tx, ids)?.into_iter().map(|row| (row.subject, row)).collect();
        Ok(Self {
            book,
            now,
            positions,
            sales,
            unlinked,
            new_sales: Vec::new(),
            new_entries: Vec::new(),
            revs: Vec::new(),
            new_positions: Vec::new(),
            new_unlinked: Vec::new(),
            linked: Vec::new(),
        })
    }

    /// Notes what the books should say about one root.
    pub(crate) fn say(
        &mut self,
        subject: &Subject,
        view: &SaleView,
        due: Option<Due>,
        causes: &[&Mark],
        newest_s: i64,
    ) -> Result<(), EngineError> {
        let rows = due.as_ref().map_or_else(Vec::new, |due| sale_rows(self.book, subject, view, due));
        if self.sales.remove(&subject.id).unwrap_or_default() != rows {
            self.new_sales.push((subject.id, rows));
        }
        let unlinked = if due.is_none() { unlinked(self.book, subject, view) } else { None };
        match (self.unlinked.remove(&subject.id), unlinked) {
            (was, Some(row)) if was.as_ref() != Some(&row) => self.new_unlinked.push(row),
            (Some(_), None) => self.linked.push(subject.id),
            _ => {}
        }
        let wanted = due.as_ref().map(rules::commission::positions).unwrap_or_default();
        self.entry(subject, due.as_ref(), &wanted, causes, newest_s)
    }

    fn entry(
        &mut self,
        subject: &Subject,
        due: Option<&Due>,
        wanted: &Positions,
        causes: &[&Mark],
        newest_s: i64,
    ) -> Result<(), EngineError> {
        let current = self.positions.remove(&subject.id).unwrap_or_default();
        let difference = ledger::difference(&current, wanted)
            .map_err(|why| EngineError::Unreadable { what: "positions", why: why.to_string() })?;
        let Some(entry) = difference else { return Ok(()) };
        let mut seqs: Vec<i64> = causes.iter().map(|mark| mark.seq).filter(|seq| *seq > 0).collect();
        seqs.sort_unstable();
        seqs.dedup();
        let lines = due.map(|due| due.lines.as_slice()).unwrap_or_default();
        let sale_at = due.map_or(0, |due| due.sale_at);
        let row = EntryRow {
            book: self.book,
            subject: subject.id,
            rev: subject.rev + 1,
            sale: subject.ref_.clone(),
            sale_at,
            effective_at: newest_s.saturating_mul(kernel::time::SECOND_MS).max(sale_at),
            recorded_at: self.now,
            reason: due.map_or_else(|| "alias".to_owned(), |due| wire(&due.attribution.reason)),
            terms_version: due.and_then(|due| due.terms_version),
            rules_version: rules::RULES_VERSION,
            lines: serde_json::to_string(lines).map_err(EngineError::unreadable("lines"))?,
            causes: serde_json::to_string(&seqs).map_err(EngineError::unreadable("causes"))?,
        };
        self.new_entries.push((row, entry.postings().iter().map(posting_row).collect()));
        self.revs.push((subject.id, subject.rev));
        let mut keys: Vec<&PositionKey> = current.keys().chain(wanted.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let minor = wanted.get(key).copied().unwrap_or(0);
            if current.get(key).copied().unwrap_or(0) != minor {
                self.new_positions.push(PositionRow {
                    subject: subject.id,
                    account: i64::from(key.account.code()),
                    partner: key.partner.to_string(),
                    currency: key.currency.to_string(),
                    minor,
                });
            }
        }
        Ok(())
    }

    /// Writes everything noted. Revisions are compared and set: a subject somebody else moved fails here.
    pub(crate) fn write(self, tx: &mut Tx<'_>) -> Result<(), EngineError> {
        let (subjects, rows): (Vec<i64>, Vec<Vec<SaleRow>>) = self.new_sales.into_iter().unzip();
        if !subjects.is_empty() {
            store::sale::replace_all(tx, &subjects, &rows.concat())?;
        }
        store::subject::bump_revs(tx, &self.revs)?;
        store::entry::append_all(tx, &self.new_entries)?;
        store::position::set(tx, &self.new_positions)?;
        store::unlinked::set(tx, &self.new_unlinked)?;
        store::unlinked::clear(tx, &self.linked)?;
        Ok(())
    }
}

fn position_key(row: &PositionRow) -> Result<PositionKey, EngineError> {
    let broken = || EngineError::Unreadable { what: "position", why: format!("subject {}", row.subject) };
    Ok(PositionKey {
        account: Account::from_code(row.account).ok_or_else(broken)?,
        partner: Handle::parse(&row.partner).ok_or_else(broken)?,
        currency: Currency::parse(&row.currency).ok_or_else(broken)?,
    })
}

fn posting_row(posting: &ledger::Posting) -> PostingRow {
    PostingRow {
        debit: i64::from(posting.debit.code()),
        credit: i64::from(posting.credit.code()),
        partner: posting.partner.to_string(),
        currency: posting.money.currency.to_string(),
        amount_minor: posting.money.minor,
    }
}

/// The stable wire name of a closed list's member.
pub(crate) fn wire<T: serde::Serialize>(member: &T) -> String {
    match serde_json::to_string(member) {
        Ok(quoted) => quoted.trim_matches('"').to_owned(),
        Err(_) => String::new(),
    }
}

fn sale_rows(book: i64, subject: &Subject, view: &SaleView, due: &Due) -> Vec<SaleRow> {
    let amounts = &due.amounts;
    due.shares
        .iter()
        .map(|share| SaleRow {
            subject: subject.id,
            partner: share.partner.as_ref().map(ToString::to_string).unwrap_or_default(),
            book,
            sale: view.root.id.to_string(),
            kind: i64::from(view.root.kind.code()),
            code: due.attribution.code.clone(),
            reason: wire(&due.attribution.reason),
            share_bps: share.share_bps,
            currency: amounts.currency.to_string(),
            gross_minor: amounts.gross_minor,
            discount_minor: amounts.discount_minor,
            tax_minor: amounts.tax_minor,
            shipping_minor: amounts.shipping_minor,
            total_minor: amounts.total_minor,
            paid_minor: amounts.paid_minor,
            refunded_minor: amounts.refunded_minor,
            disputed_minor: amounts.disputed_minor,
            net_sold_minor: amounts.net_sold_minor,
            net_minor: amounts.base_minor,
            rate_bps: due.rate_bps,
            terms_version: due.terms_version,
            commission_minor: share.commission_minor,
            earned_minor: share.earned_minor,
            held: due.held,
            partly_paid: due.partly_paid,
            stripe_invoice_ref: due.refs.invoice.as_ref().map(ToString::to_string),
            stripe_session_ref: due.refs.session.as_ref().map(ToString::to_string),
            stripe_payment_intent_ref: due.refs.intent.as_ref().map(ToString::to_string),
            stripe_customer_ref: due.refs.customer.as_ref().map(ToString::to_string),
            stripe_subscription_ref: due.refs.subscription.as_ref().map(ToString::to_string),
            sale_at: due.sale_at,
            available_at: due.available_at,
        })
        .collect()
}

/// A succeeded intent or charge that nothing claims.
fn unlinked(book: i64, subject: &Subject, view: &SaleView) -> Option<UnlinkedRow> {
    if !view.alias_of.is_empty() {
        return None;
    }
    let payment = view.payments.first()?;
    let (currency, amount_minor, created_s) = match view.root.kind {
        Kind::Intent => {
            let intent = payment.intent.as_ref().filter(|intent| intent.status == "succeeded")?;
            (intent.currency, intent.amount_received_minor, intent.created_s)
        }
        Kind::Charge => {
            let (_, charge) = payment.charges.first().filter(|(_, charge)| charge.status == "succeeded")?;
            (charge.currency, charge.amount_captured_minor, charge.created_s)
        }
        _ => return None,
    };
    Some(UnlinkedRow {
        subject: subject.id,
        book,
        ref_: view.root.id.to_string(),
        currency: currency.to_string(),
        amount_minor,
        created_at: created_s.saturating_mul(kernel::time::SECOND_MS),
    })
}
