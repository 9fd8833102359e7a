//! The canonical rows as comma-separated values, with a header, and safe to open in a spreadsheet.

use super::ExportRow;
use crate::house::EngineError;

/// RFC 4180 with `\n`; text that a spreadsheet would take for a formula gets a leading apostrophe.
pub fn to_csv(rows: &[ExportRow]) -> Result<String, EngineError> {
    let mut out = line(fields(&ExportRow::blank())?.0.into_iter().map(|(name, _)| name));
    for row in rows {
        out.push_str(&line(fields(row)?.0.into_iter().map(|(_, value)| value)));
    }
    Ok(out)
}

fn fields(row: &ExportRow) -> Result<Fields, EngineError> {
    let text = serde_json::to_string(row).map_err(EngineError::unreadable("row"))?;
    serde_json::from_str(&text).map_err(EngineError::unreadable("row"))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    format!("{}\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let number = !cell.is_empty() && cell.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    let risky = !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let cell = if risky { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// The row's fields in their declared order, each as the text of one cell.
struct Fields(Vec<(String, String)>);

impl<'de> serde::Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fields;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a flat row")
            }
            fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut fields = Vec::new();
                while let Some((name, Cell(value))) = map.next_entry::<String, Cell>()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[derive(serde::Deserialize)]
#[serde(from = "Scalar")]
struct Cell(String);

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Scalar {
    Null(()),
    Bool(bool),
    Int(i64),
    Text(String),
}

impl From<Scalar> for Cell {
    fn from(scalar: Scalar) -> Self {
        Self(match scalar {
            Scalar::Null(()) => String::new(),
            Scalar::Bool(value) => value.to_string(),
            Scalar::Int(value) => value.to_string(),
            Scalar::Text(value) => value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_never_a_formula() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("-5", "-5"),
            ("-cmd", "'-cmd"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("@x", "'@x"),
            ("anna", "anna"),
        ] {
            assert_eq!(quoted(cell), safe);
        }
    }
}
