//! The API version families, and the questions a renderer asks about them. Order is time.

/// One per family whose shapes differ, and one that does not exist yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Version {
    V2020_08_27,
    Acacia20241028,
    Basil20250331,
    Clover20250930,
    Dahlia20260729,
    Endive20261028,
    Unknown2099,
}

impl Version {
    pub const ALL: [Self; 7] = [
        Self::V2020_08_27,
        Self::Acacia20241028,
        Self::Basil20250331,
        Self::Clover20250930,
        Self::Dahlia20260729,
        Self::Endive20261028,
        Self::Unknown2099,
    ];

    /// `api_version` as events carry it.
    #[must_use]
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::V2020_08_27 => "2020-08-27",
            Self::Acacia20241028 => "2024-10-28.acacia",
            Self::Basil20250331 => "2025-03-31.basil",
            Self::Clover20250930 => "2025-09-30.clover",
            Self::Dahlia20260729 => "2026-07-29.dahlia",
            Self::Endive20261028 => "2026-10-28.endive",
            Self::Unknown2099 => "2099-01-01.future",
        }
    }

    /// What an account has that never chose.
    pub const DEFAULT: Self = Self::Dahlia20260729;

    /// The family of a version: by its name, else by its date the nearest at or below (the oldest for older
    /// ones). `None` when it does not begin with a date.
    #[must_use]
    pub fn at(api_version: &str) -> Option<Self> {
        let (date, name) = api_version.split_once('.').unwrap_or((api_version, ""));
        let digits = |from: usize, to: usize| {
            date.get(from..to).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let dashes = date.get(4..5) == Some("-") && date.get(7..8) == Some("-");
        if date.len() != 10 || !dashes || !digits(0, 4) || !digits(5, 7) || !digits(8, 10) {
            return None;
        }
        let named = |version: &&Self| version.api_version().get(11..) == Some(name);
        if let Some(family) = Self::ALL.iter().find(named) {
            return Some(*family);
        }
        let below = |version: &&Self| version.api_version().get(..10).is_some_and(|start| start <= date);
        Some(Self::ALL.iter().rev().find(below).copied().unwrap_or(Self::V2020_08_27))
    }

    /// `parent`, `total_taxes`, `pricing`; no `charge.invoice`; out-of-band money counts as paid.
    #[must_use]
    pub fn basil(self) -> bool {
        self >= Self::Basil20250331
    }

    /// `discount.source`, `promotion_code.promotion`.
    #[must_use]
    pub fn clover(self) -> bool {
        self >= Self::Clover20250930
    }

    #[must_use]
    pub fn dahlia(self) -> bool {
        self >= Self::Dahlia20260729
    }

    #[must_use]
    pub fn endive(self) -> bool {
        self >= Self::Endive20261028
    }

    /// Before 2022: charges inside intents, refunds inside charges, no `latest_charge`.
    #[must_use]
    pub fn ancient(self) -> bool {
        self == Self::V2020_08_27
    }

    #[must_use]
    pub fn unknown(self) -> bool {
        self == Self::Unknown2099
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_version_belongs_to_the_nearest_family_at_or_below() {
        let rows = [
            ("2020-08-27", Some(Version::V2020_08_27)),
            ("2019-01-01", Some(Version::V2020_08_27)),
            ("2023-10-16", Some(Version::V2020_08_27)),
            ("2024-12-18.acacia", Some(Version::Acacia20241028)),
            ("2025-08-27.basil", Some(Version::Basil20250331)),
            ("2026-07-29.dahlia", Some(Version::Dahlia20260729)),
            ("2026-03-25.dahlia", Some(Version::Dahlia20260729)),
            ("2026-09-30.endive", Some(Version::Endive20261028)),
            ("2024-09-30.acacia", Some(Version::Acacia20241028)),
            ("2027-01-01.fennel", Some(Version::Endive20261028)),
            ("2099-01-01.future", Some(Version::Unknown2099)),
            ("latest", None),
            ("2026-7-29", None),
        ];
        for (text, expected) in rows {
            assert_eq!(Version::at(text), expected, "{text}");
        }
    }
}
