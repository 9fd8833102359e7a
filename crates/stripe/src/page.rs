//! Lists, page by page, as one iterator. A list that changes meanwhile is followed by the ids seen, so nothing
//! comes twice; an error ends it.

use std::collections::VecDeque;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::answer::Answer;
use crate::client::{Client, Page, parse};
use crate::error::StripeError;
use crate::form::Form;

/// Stripe's most.
const PAGE_ITEMS_MAX: u32 = 100;

/// One page of a list, newest first, for who keeps the place himself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnePage {
    /// Each item's own bytes, as they were sent.
    pub items: Vec<Vec<u8>>,
    pub more: bool,
    /// When Stripe answered, by its own clock.
    pub answered_at_s: Option<i64>,
}

impl Client {
    /// The page behind the item `after`, of at most [`PAGE_ITEMS_MAX`].
    pub(crate) fn one_page(
        &self,
        path: &str,
        mut form: Form,
        after: Option<&str>,
    ) -> Result<OnePage, StripeError> {
        form.put("limit", PAGE_ITEMS_MAX).maybe("starting_after", after);
        self.only_page(path, form)
    }

    /// A list that has one page and takes no place.
    pub(crate) fn only_page(&self, path: &str, form: Form) -> Result<OnePage, StripeError> {
        let page = self.get::<Page>(path.to_owned(), form)?;
        let items = page.object.data.iter().map(|item| item.get().as_bytes().to_vec()).collect();
        Ok(OnePage { items, more: page.object.has_more, answered_at_s: page.answered_at_s })
    }
}

/// Items of a list; pages are fetched as they are needed.
pub struct Pages<T> {
    client: Client,
    path: &'static str,
    form: Form,
    /// `starting_after`, or `ending_before` for going from old to new.
    step: Step,
    cursor: Option<String>,
    waiting: VecDeque<Answer<T>>,
    more: bool,
    items: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Newest first.
    Older,
    /// From the cursor towards now, oldest first.
    Newer,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(crate) fn new(
        client: &Client,
        path: &'static str,
        form: Form,
        step: Step,
        cursor: Option<String>,
    ) -> Self {
        Self {
            client: client.clone(),
            path,
            form,
            step,
            cursor,
            waiting: VecDeque::new(),
            more: true,
            items: PhantomData,
        }
    }

    fn fetch(&mut self) -> Result<(), StripeError> {
        let mut form = self.form.clone();
        form.put("limit", PAGE_ITEMS_MAX);
        let name = match self.step {
            Step::Older => "starting_after",
            Step::Newer => "ending_before",
        };
        form.maybe(name, self.cursor.as_deref());
        let page = self.client.get::<Page>(self.path.to_owned(), form)?;
        let mut items = page.object.data;
        if self.step == Step::Newer {
            items.reverse();
        }
        let cursor = match items.last() {
            Some(last) => Some(parse::<Id>(last.get().as_bytes(), 200)?.id),
            None => None,
        };
        // Without progress the same page would come for ever.
        let moved = cursor.is_some() && cursor != self.cursor;
        self.more = page.object.has_more && moved;
        self.cursor = cursor.or(self.cursor.take());
        for item in items {
            self.waiting.push_back(Answer {
                object: parse(item.get().as_bytes(), 200)?,
                body: item.get().as_bytes().to_vec(),
                request_ref: page.request_ref.clone(),
                replayed: false,
                answered_at_s: page.answered_at_s,
            });
        }
        Ok(())
    }
}

impl<T: DeserializeOwned> Iterator for Pages<T> {
    type Item = Result<Answer<T>, StripeError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.waiting.is_empty() && self.more {
            if let Err(why) = self.fetch() {
                self.more = false;
                return Some(Err(why));
            }
        }
        self.waiting.pop_front().map(Ok)
    }
}
