//! The account a key belongs to: `/v1/account`.

use serde::Deserialize;

use crate::answer::Answer;
use crate::client::Client;
use crate::error::StripeError;
use crate::form::Form;

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Account {
    pub id: String,
    #[serde(default)]
    pub default_currency: Option<String>,
}

impl Client {
    pub fn account(&self) -> Result<Answer<Account>, StripeError> {
        self.get("/v1/account".to_owned(), Form::default())
    }
}
