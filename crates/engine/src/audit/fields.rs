//! Anything of our own as its scalars under their paths, for comparing. It must not know what is compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::house::EngineError;

/// What is stored or exported, taken apart.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tree {
    Flag(bool),
    Number(i64),
    Text(String),
    Rows(Vec<Tree>),
    Fields(BTreeMap<String, Tree>),
    Nothing(()),
}

/// Every scalar under its path, as `lines.0.amount_minor`.
pub(crate) fn fields<T: Serialize>(of: &T) -> Result<BTreeMap<String, String>, EngineError> {
    let text = serde_json::to_string(of).map_err(EngineError::unreadable("fact"))?;
    let tree: Tree = serde_json::from_str(&text).map_err(EngineError::unreadable("fact"))?;
    let mut found = BTreeMap::new();
    flatten(tree, "", &mut found);
    Ok(found)
}

fn flatten(tree: Tree, path: &str, found: &mut BTreeMap<String, String>) {
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    let leaf = match tree {
        Tree::Fields(fields) => {
            return fields.into_iter().for_each(|(name, inner)| flatten(inner, &below(&name), found));
        }
        Tree::Rows(rows) => {
            return rows
                .into_iter()
                .enumerate()
                .for_each(|(place, inner)| flatten(inner, &below(&place.to_string()), found));
        }
        Tree::Flag(value) => value.to_string(),
        Tree::Number(value) => value.to_string(),
        Tree::Text(value) => value,
        Tree::Nothing(()) => "null".to_owned(),
    };
    found.insert(path.to_owned(), leaf);
}
