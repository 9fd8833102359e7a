//! Values on the wire.

use postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::classify;
use crate::db::put::ColType;
use crate::db::{StoreError, Value};

/// One column of many rows as an array.
pub(super) fn column(rows: &[Vec<Value>], index: usize, kind: ColType) -> Box<dyn ToSql + Sync + '_> {
    let cells = rows.iter().map(move |row| &row[index]);
    match kind {
        ColType::Int => Box::new(
            cells.map(|cell| if let Value::Int(v) = cell { Some(*v) } else { None }).collect::<Vec<_>>(),
        ),
        ColType::Text => Box::new(
            cells
                .map(|cell| if let Value::Text(v) = cell { Some(v.as_str()) } else { None })
                .collect::<Vec<_>>(),
        ),
        ColType::Blob => Box::new(
            cells
                .map(|cell| if let Value::Bytes(v) = cell { Some(v.as_slice()) } else { None })
                .collect::<Vec<_>>(),
        ),
    }
}

pub(super) fn cell(row: &postgres::Row, index: usize) -> Result<Value, StoreError> {
    let wrong = |error| classify(&error, "reading a row");
    let kind = row.columns()[index].type_();
    Ok(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map_err(wrong)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map_err(wrong)?.map(i64::from).into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).map_err(wrong)?.into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<&str>>(index).map_err(wrong)?.into()
        }
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index).map_err(wrong)?.into(),
        _ => return Err(StoreError::Unreadable(format!("a column of type {kind}"))),
    })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Self::Int(value) if *kind == Type::INT8 => value.to_sql(kind, out),
            Self::Text(value) if *kind == Type::TEXT => value.to_sql(kind, out),
            Self::Bytes(value) if *kind == Type::BYTEA => value.to_sql(kind, out),
            Self::IntList(values) if *kind == Type::INT8_ARRAY => values.to_sql(kind, out),
            Self::TextList(values) if *kind == Type::TEXT_ARRAY => values.to_sql(kind, out),
            Self::KeyList(values) if *kind == Type::TEXT => serde_json::to_string(values)?.to_sql(kind, out),
            Self::PairList(values) if *kind == Type::TEXT => serde_json::to_string(values)?.to_sql(kind, out),
            _ => Err(format!("a value that is no {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
