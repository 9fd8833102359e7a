//! A commission rate as typed: basis points, and a helpful word for who types a percentage. It must not know
//! what a rate is for.

/// `1500`. What looks like a percentage is refused with the number that was probably meant.
pub(crate) fn bps(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| match percent(text) {
        // Half of those who write 0.15 mean a fraction.
        Some(meant) if meant < 100 && !text.contains('%') => format!(
            "a rate is given in basis points, and {text} may mean two things: {} is {}; {} is {meant}",
            words(meant * 100),
            meant * 100,
            words(meant)
        ),
        Some(meant) => format!("a rate is given in basis points: for {text} write {meant}"),
        None => "a rate is a whole number of basis points, 1500 for 15 %".to_owned(),
    })
}

/// `15 %`, `12.50 %` of basis points.
pub(crate) fn words(bps: i64) -> String {
    if bps % 100 == 0 { format!("{} %", bps / 100) } else { crate::output::share(bps) }
}

/// `500`. What has decimals is refused: how many minor units it is depends on its currency.
pub(crate) fn minor(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| match percent(text).filter(|_| !text.contains('%')) {
        Some(meant) => format!(
            "an amount is given in minor units: for {text} write {meant}, in a currency of two decimals like usd"
        ),
        None => "an amount is a whole number of minor units: 500 for 5.00 usd".to_owned(),
    })
}

/// `15%`, `12.5 %` and `12,5` as basis points; exact, or nothing.
fn percent(text: &str) -> Option<i64> {
    let number = text.trim().trim_end_matches('%').trim_end();
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{bps, minor};

    #[test]
    fn an_amount_with_decimals_is_answered_with_its_minor_units() {
        assert_eq!(minor("500"), Ok(500));
        for (typed, word) in [
            ("5.00", "for 5.00 write 500,"),
            ("4,5", "for 4,5 write 450,"),
            ("5%", "500 for 5.00 usd"),
            ("x", "500"),
        ] {
            let refused = minor(typed).expect_err(typed);
            assert!(refused.contains(word), "{typed}: {refused}");
        }
    }

    #[test]
    fn a_percentage_is_answered_with_its_basis_points() {
        assert_eq!(bps("1500"), Ok(1500));
        for (typed, word) in [
            ("15%", "for 15% write 1500"),
            ("15 %", "for 15 % write 1500"),
            ("12.5%", "for 12.5% write 1250"),
            ("12,25", "for 12,25 write 1225"),
            ("0.05%", "for 0.05% write 5"),
            ("0.15", "15 % is 1500; 0.15 % is 15"),
            ("0,125", "1500 for 15 %"),
            ("0.001%", "1500 for 15 %"),
            ("a lot", "1500 for 15 %"),
            ("", "1500 for 15 %"),
            ("%", "1500 for 15 %"),
            ("99999999999999999999%", "1500 for 15 %"),
        ] {
            let refused = bps(typed).expect_err(typed);
            assert!(refused.ends_with(word), "{typed}: {refused}");
        }
    }
}
