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
