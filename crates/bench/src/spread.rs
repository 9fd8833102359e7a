//! Several measurements of one thing: smallest, median, largest.

use serde::Serialize;

#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Some(Self { min, median, max })
    }

    /// `12.3 (11.0..14.1)`
    pub(crate) fn show(&self, decimals: usize, unit: &str) -> String {
        let Self { min, median, max } = self;
        if min == max {
            return format!("{median:.decimals$}{unit}");
        }
        format!("{median:.decimals$}{unit} ({min:.decimals$}..{max:.decimals$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let spread = Spread::of([3.0, 1.0, 2.0]).expect("three");
        assert_eq!(spread.show(0, ""), "2 (1..3)");
        assert_eq!(Spread::of([4.0, 2.0]).expect("two").show(1, " ms"), "3.0 ms (2.0..4.0)");
        assert_eq!(Spread::of([7.0]).expect("one").show(0, "x"), "7x");
        assert!(Spread::of([]).is_none());
    }
}
