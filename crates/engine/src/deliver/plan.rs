//! What an intent says: fixed when it is written down, so that each try of it makes the same calls. Its id is
//! made of what is asked for and how often that was asked for before; coupon ids and idempotency keys are made
//! of its id. It must not know how far an intent has come.

use std::collections::BTreeSet;

use kernel::operator::{CodeMapping, Handle};
use kernel::{Book, Ref, UnixMs};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::stripe::{CouponTerms, Limits, Meta};

/// On both objects: which intent made them.
pub const META_INTENT: &str = "countinghouse_intent";
/// On both objects: whose they are. `partner_ref` is the partner's id, which is never reused either.
pub const META_PARTNER: &str = "partner_handle";
pub const META_PARTNER_REF: &str = "partner_ref";

/// The coupon a code is made on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponPlan {
    /// One of its own; its id is made of the intent's.
    Own(CouponTerms),
    /// One that is there.
    There(Ref),
    /// One that many codes share: made with these terms by whoever comes first.
    Shared(Ref, CouponTerms),
}

/// A code to be made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodePlan {
    pub text: String,
    pub coupon: CouponPlan,
    pub limits: Limits,
}

/// Whom it is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct For {
    pub partner: Handle,
    pub partner_ref: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Plan {
    /// Coupon, promotion code, mapping.
    Create { whose: For, code: CodePlan, from: Option<UnixMs> },
    /// A new code with the old one's coupon and terms; then the old one is made inactive and its mapping ended.
    Rotate { whose: For, code: CodePlan, old: Ref, ends: CodeMapping },
    /// Makes a code inactive and ends its mapping.
    Deactivate { text: String, code: Option<Ref>, ends: Option<CodeMapping> },
    /// Writes metadata that is missing.
    Describe { text: String, code: Ref, coupon: Option<Ref>, metadata: Meta },
}

/// What is to be done at Stripe, as written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Intent {
    pub id: String,
    pub book: Book,
    pub plan: Plan,
    pub made_by: String,
    pub recorded_at: UnixMs,
}

impl Plan {
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Create { .. } => "code_create",
            Self::Rotate { .. } => "code_rotate",
            Self::Deactivate { .. } => "code_deactivate",
            Self::Describe { .. } => "code_sync",
        }
    }

    /// The code it is about, as a customer types it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Create { code, .. } | Self::Rotate { code, .. } => &code.text,
            Self::Deactivate { text, .. } | Self::Describe { text, .. } => text,
        }
    }

    /// The mapping it ends.
    #[must_use]
    pub const fn ends(&self) -> Option<&CodeMapping> {
        match self {
            Self::Rotate { ends, .. } | Self::Deactivate { ends: Some(ends), .. } => Some(ends),
            _ => None,
        }
    }

    /// Every code it makes, changes or ends, by its text in lower case and by its id (which has an underscore, as no
    /// text may): nobody else works on one of these meanwhile.
    #[must_use]
    pub fn holds(&self) -> BTreeSet<String> {
        let id = match self {
            Self::Rotate { old, .. } => Some(old),
            Self::Deactivate { code, .. } => code.as_ref(),
            Self::Describe { code, .. } => Some(code),
            Self::Create { .. } => None,
        };
        let ended = self.ends().into_iter();
        let ended = ended.flat_map(|ends| ends.code.iter().map(|text| text.to_lowercase()));
        let ids = id.into_iter().chain(self.ends().and_then(|ends| ends.promotion_code.as_ref()));
        ended.chain(ids.map(ToString::to_string)).chain([self.text().to_lowercase()]).collect()
    }

    #[must_use]
    pub const fn code(&self) -> Option<&CodePlan> {
        match self {
            Self::Create { code, .. } | Self::Rotate { code, .. } => Some(code),
            Self::Deactivate { .. } | Self::Describe { .. } => None,
        }
    }

    #[must_use]
    pub const fn partner(&self) -> Option<&Handle> {
        match self {
            Self::Create { whose, .. } | Self::Rotate { whose, .. } => Some(&whose.partner),
            Self::Deactivate { ends: Some(ends), .. } => Some(&ends.partner),
            Self::Deactivate { ends: None, .. } | Self::Describe { .. } => None,
        }
    }
}

/// The hash by which two requests are the same one.
pub(crate) fn digest(book: &Book, plan: &Plan) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string(&(book.label(), plan))?;
    Ok(hex(&Sha256::digest(text)))
}

/// The id of what was asked for `before` times before.
pub(crate) fn id(digest: &str, before: usize) -> String {
    let hash = hex(&Sha256::digest(format!("{digest}/{before}")));
    format!("intent_{}", hash.get(..24).unwrap_or(&hash))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Intent {
    /// The id of a coupon made for this intent alone: readable in Stripe's dashboard, and no other intent's.
    #[must_use]
    pub fn own_coupon(&self, text: &str) -> Option<Ref> {
        let text: String = text.chars().take(40).collect();
        let tail = self.id.trim_start_matches("intent_");
        Ref::parse(&format!("{text}-{}", tail.get(..12).unwrap_or(tail)))
    }

    /// What both objects say about where they come from.
    #[must_use]
    pub fn metadata(&self) -> Meta {
        let mut metadata = Meta::from([(META_INTENT.to_owned(), self.id.clone())]);
        if let Plan::Create { whose, .. } | Plan::Rotate { whose, .. } = &self.plan {
            metadata.insert(META_PARTNER.to_owned(), whose.partner.to_string());
            metadata.insert(META_PARTNER_REF.to_owned(), whose.partner_ref.clone());
        }
        metadata
    }

    /// What a coupon says that many partners share.
    #[must_use]
    pub fn shared_metadata(&self) -> Meta {
        Meta::from([(META_INTENT.to_owned(), self.id.clone())])
    }

    /// Whether an object was made for this intent.
    #[must_use]
    pub fn made(&self, metadata: &Meta) -> bool {
        metadata.get(META_INTENT) == Some(&self.id)
    }
}
