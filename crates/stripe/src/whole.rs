//! Objects whole: lists that came with only their first rows are paged to their end, and what has no address of its
//! own is asked for by what names it. Bounded; what is longer stays marked as cut off.

use kernel::{Kind, Ref};
use serde_json::Value;

use crate::answer::Answer;
use crate::client::{Client, Page, path_of};
use crate::error::StripeError;
use crate::form::Form;
use crate::retrieve::Stub;

/// Pages of one list, of a hundred rows each.
const PAGES_MAX: usize = 100;

const PAGE_ITEMS_MAX: u32 = 100;

/// A list inside an object, and where the rest of it is.
struct Cut {
    field: &'static str,
    path: String,
    form: Form,
}

impl Client {
    /// An event of the v2 API: with the data that its notification left out.
    pub fn v2_event(&self, id: &Ref) -> Result<Answer<Stub>, StripeError> {
        self.get(path_of("/v2/core/events", id.as_str())?, Form::default())
    }

    /// The object with everything that explains its discounts, and with all rows of its lists.
    pub fn retrieve_whole(&self, kind: Kind, id: &Ref) -> Result<Answer<Stub>, StripeError> {
        match kind {
            Kind::Entitlements => self.entitlements(id),
            Kind::Capability => self.capability(id),
            _ => {
                let answer = self.retrieve_explained(kind, id)?;
                self.completed(kind, id, answer)
            }
        }
    }

    fn completed(&self, kind: Kind, id: &Ref, answer: Answer<Stub>) -> Result<Answer<Stub>, StripeError> {
        let Some(cut) = cut(kind, id)? else { return Ok(answer) };
        let Ok(mut object) = serde_json::from_slice::<Value>(&answer.body) else { return Ok(answer) };
        let Some(list) = object.get_mut(cut.field).filter(|list| list["has_more"] == Value::Bool(true))
        else {
            return Ok(answer);
        };
        let rows = list["data"].as_array().cloned().unwrap_or_default();
        let (rows, more) = self.rest(&cut, rows)?;
        list["data"] = Value::Array(rows);
        list["has_more"] = Value::Bool(more);
        Ok(Answer { body: object.to_string().into_bytes(), ..answer })
    }

    /// All rows behind those given, and whether there are still more.
    fn rest(&self, cut: &Cut, mut rows: Vec<Value>) -> Result<(Vec<Value>, bool), StripeError> {
        for _ in 0..PAGES_MAX {
            let last = rows.last().and_then(|row| row["id"].as_str());
            let mut form = cut.form.clone();
            form.put("limit", PAGE_ITEMS_MAX).maybe("starting_after", last);
            let page = self.get::<Page>(cut.path.clone(), form)?.object;
            let read =
                |row: &serde_json::value::RawValue| serde_json::from_str(row.get()).unwrap_or(Value::Null);
            let before = rows.len();
            rows.extend(page.data.iter().map(|row| read(row)));
            if !page.has_more || rows.len() == before {
                return Ok((rows, false));
            }
        }
        Ok((rows, true))
    }

    /// A summary as its event has it, made of the list: the summary itself cannot be asked for.
    fn entitlements(&self, customer: &Ref) -> Result<Answer<Stub>, StripeError> {
        let mut form = Form::default();
        form.put("customer", customer);
        let mut first = form.clone();
        first.put("limit", PAGE_ITEMS_MAX);
        let path = "/v1/entitlements/active_entitlements";
        let answer = self.get::<Page>(path.to_owned(), first)?;
        let read = |row: &serde_json::value::RawValue| serde_json::from_str(row.get()).unwrap_or(Value::Null);
        let rows: Vec<Value> = answer.object.data.iter().map(|row| read(row)).collect();
        let cut = Cut { field: "entitlements", path: path.to_owned(), form };
        let (rows, more) = if answer.object.has_more { self.rest(&cut, rows)? } else { (rows, false) };
        let object = "entitlements.active_entitlement_summary";
        let summary = serde_json::json!({
            "object": object,
            "customer": customer.as_str(),
            "entitlements": {"object": "list", "data": rows, "has_more": more},
        });
        Ok(Answer {
            object: Stub {
                id: customer.to_string(),
                object: object.to_owned(),
                livemode: None,
                deleted: false,
            },
            body: summary.to_string().into_bytes(),
            request_ref: answer.request_ref,
            replayed: answer.replayed,
            answered_at_s: answer.answered_at_s,
        })
    }

    /// A capability is named by its account and its own name.
    fn capability(&self, id: &Ref) -> Result<Answer<Stub>, StripeError> {
        let unsendable = || StripeError::Unsendable { what: format!("capability {id}") };
        let (account, name) = id.as_str().split_once('/').ok_or_else(unsendable)?;
        let path = path_of(&format!("{}/capabilities", path_of("/v1/accounts", account)?), name)?;
        self.get(path, Form::default())
    }
}

fn cut(kind: Kind, id: &Ref) -> Result<Option<Cut>, StripeError> {
    let mut form = Form::default();
    let (field, path) = match kind {
        Kind::Invoice => {
            form.list("expand", ["data.discounts", "data.discounts.promotion_code"]);
            ("lines", format!("{}/lines", path_of("/v1/invoices", id.as_str())?))
        }
        Kind::Subscription => {
            form.put("subscription", id);
            ("items", "/v1/subscription_items".to_owned())
        }
        Kind::Charge => {
            form.put("charge", id);
            ("refunds", "/v1/refunds".to_owned())
        }
        _ => return Ok(None),
    };
    Ok(Some(Cut { field, path, form }))
}
