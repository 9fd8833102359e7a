//! The migration makes the views that are declared: `UPDATE_MIRROR=1 cargo test -p store mirror` writes them anew.

use super::{INTS, PART_INTS, PART_TEXTS, TABLES, TEXTS};
use crate::db::Col;

const MARK: &str = "-- --- made of what store::mirror declares; its test writes what follows ---\n";

fn view(name: &str, from: &str, kind: i16, first: &str, cols: &[Col], most: (usize, usize)) -> String {
    let (mut texts, mut ints) = (0, 0);
    let mut columns = String::new();
    for col in cols {
        let (letter, number) = if col.is_int() { ("i", &mut ints) } else { ("t", &mut texts) };
        *number += 1;
        columns.push_str(&format!(",\n  {letter}{number} AS {}", col.name));
    }
    assert!(texts <= most.0 && ints <= most.1, "{name} has more columns than there are");
    format!("\nCREATE VIEW {name} AS SELECT {first}{columns}\nFROM {from} WHERE kind = {kind};\n")
}

#[test]
fn the_migration_makes_the_views_that_are_declared() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/books_0004.sql");
    let text = std::fs::read_to_string(path).expect("a migration");
    let (by_hand, made) = text.split_once(MARK).expect("the mark");
    let mut declared = String::new();
    for table in TABLES {
        let (first, kind) = ("book, ref, is_stub, deleted, known_at_s", table.kind.code());
        declared.push_str(&view(table.name, "mirror", kind, first, table.cols, (TEXTS, INTS)));
        if let Some(children) = table.children {
            let first = format!("book, parent_ref AS {}, ref", children.parent);
            let most = (PART_TEXTS, PART_INTS);
            declared.push_str(&view(children.name, "mirror_part", kind, &first, children.cols, most));
        }
    }
    if std::env::var_os("UPDATE_MIRROR").is_some() {
        std::fs::write(path, format!("{by_hand}{MARK}{declared}")).expect("written");
    } else {
        assert_eq!(made, declared, "UPDATE_MIRROR=1 writes it");
    }
}

#[test]
fn the_views_are_in_the_order_of_the_kinds() {
    for (table, kind) in TABLES.iter().zip(kernel::Kind::ALL) {
        assert_eq!(table.kind, kind, "{}", table.name);
        assert!(!table.cols.is_empty() && table.name.starts_with("stripe_"), "{}", table.name);
    }
}
