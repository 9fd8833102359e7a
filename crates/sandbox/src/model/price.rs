//! What is sold and for how much: products, and prices with their currencies and tiers. It must not know who
//! buys.

use kernel::Currency;

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub active: bool,
    pub description: Option<String>,
    pub default_price: Option<String>,
    pub images: Vec<String>,
    pub marketing_features: Vec<String>,
    /// Height, length, weight and width, as sent.
    pub package: Option<[String; 4]>,
    pub shippable: Option<bool>,
    pub statement_descriptor: Option<String>,
    pub tax_code: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    pub created_s: i64,
    pub updated_s: i64,
    pub metadata: Meta,
}

impl Product {
    #[must_use]
    pub fn blank(id: &str, name: &str, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            active: true,
            description: None,
            default_price: None,
            images: Vec::new(),
            marketing_features: Vec::new(),
            package: None,
            shippable: None,
            statement_descriptor: None,
            tax_code: None,
            unit_label: None,
            url: None,
            created_s,
            updated_s: created_s,
            metadata: Meta::new(),
        }
    }
}

/// A step of a tiered price: up to so many units, each for so much, and so much for the step itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tier {
    /// `None`: the rest.
    pub up_to: Option<i64>,
    pub unit_minor: Option<i64>,
    pub flat_minor: Option<i64>,
}

impl Tier {
    fn of(self, units: i64) -> i64 {
        self.unit_minor.unwrap_or(0) * units + self.flat_minor.unwrap_or(0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TiersMode {
    /// Each unit by the step it is in.
    Graduated,
    /// All units by the step the last one is in.
    Volume,
}

/// The price in a further currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CurrencyOption {
    pub currency: Currency,
    pub unit_minor: i64,
    pub tiers: Vec<Tier>,
    /// `exclusive`, `inclusive`, `unspecified`.
    pub tax_behavior: &'static str,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Price {
    pub id: String,
    pub product: String,
    /// The product's, for the lines of invoices.
    pub name: String,
    /// 0 of tiered ones.
    pub unit_minor: i64,
    pub currency: Currency,
    pub currency_options: Vec<CurrencyOption>,
    pub tiers_mode: Option<TiersMode>,
    /// Of tiered ones; the last has no end.
    pub tiers: Vec<Tier>,
    /// So many units are one package, and whether a begun one counts (`round: up`).
    pub package: Option<(i64, bool)>,
    /// `day`, `week`, `month`, `year`; `None` for one-time prices.
    pub interval: Option<&'static str>,
    pub interval_count: i64,
    pub trial_period_days: Option<i64>,
    pub active: bool,
    pub lookup_key: Option<String>,
    pub nickname: Option<String>,
    /// `exclusive`, `inclusive`, `unspecified`.
    pub tax_behavior: &'static str,
    pub created_s: i64,
    pub metadata: Meta,
}

impl Price {
    /// One amount per unit, once.
    #[must_use]
    pub fn blank(id: &str, product: &str, unit_minor: i64, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            product: product.to_owned(),
            name: String::new(),
            unit_minor,
            currency,
            currency_options: Vec::new(),
            tiers_mode: None,
            tiers: Vec::new(),
            package: None,
            interval: None,
            interval_count: 1,
            trial_period_days: None,
            active: true,
            lookup_key: None,
            nickname: None,
            tax_behavior: "unspecified",
            created_s,
            metadata: Meta::new(),
        }
    }

    /// One unit, where units have a price of their own.
    #[must_use]
    pub fn unit(&self) -> Option<i64> {
        self.tiers_mode.is_none().then_some(self.unit_minor)
    }

    /// The same price in that currency: its own, or one of its options.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<Self> {
        if currency == self.currency {
            return Some(self.clone());
        }
        let option = self.currency_options.iter().find(|option| option.currency == currency)?;
        Some(Self {
            currency,
            unit_minor: option.unit_minor,
            tiers: option.tiers.clone(),
            tax_behavior: option.tax_behavior,
            ..self.clone()
        })
    }

    /// So many units in the price's own currency.
    #[must_use]
    pub fn total(&self, quantity: i64) -> i64 {
        match self.tiers_mode {
            None => self.unit_minor * self.packages(quantity),
            Some(TiersMode::Volume) => {
                let holds = |tier: &&Tier| tier.up_to.is_none_or(|up_to| quantity <= up_to);
                self.tiers.iter().find(holds).map_or(0, |tier| tier.of(quantity))
            }
            Some(TiersMode::Graduated) => self.graduated(quantity),
        }
    }

    fn packages(&self, quantity: i64) -> i64 {
        match self.package {
            None => quantity,
            Some((units, up)) if units > 0 => (quantity + if up { units - 1 } else { 0 }).div_euclid(units),
            Some(_) => 0,
        }
    }

    /// The first step's own amount is due even for nothing.
    fn graduated(&self, quantity: i64) -> i64 {
        let (mut from, mut sum) = (0, 0);
        for (index, tier) in self.tiers.iter().enumerate() {
            if index > 0 && quantity <= from {
                break;
            }
            let up_to = tier.up_to.unwrap_or(i64::MAX).min(quantity).max(from);
            sum += tier.of(up_to - from);
            from = up_to;
        }
        sum
    }
}

/// One end of an estimate: unit and how many.
pub(crate) type Bound = (&'static str, i64);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShippingRate {
    pub id: String,
    pub display_name: String,
    pub amount_minor: i64,
    pub currency: Currency,
    pub currency_options: Vec<(Currency, i64)>,
    pub active: bool,
    /// At least and at most: unit (`business_day`, `day`, `hour`, `month`, `week`) and how many.
    pub delivery: (Option<Bound>, Option<Bound>),
    /// `exclusive`, `inclusive`, `unspecified`.
    pub tax_behavior: &'static str,
    pub tax_code: Option<String>,
    pub created_s: i64,
    pub metadata: Meta,
}

impl ShippingRate {
    /// What it costs in that currency, where it is offered in it.
    #[must_use]
    pub fn amount_in(&self, currency: Currency) -> Option<i64> {
        let option = || self.currency_options.iter().find(|(option, _)| *option == currency);
        if currency == self.currency { Some(self.amount_minor) } else { option().map(|(_, minor)| *minor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiered(mode: TiersMode) -> Price {
        let usd = Currency::parse("usd").expect("a currency");
        let tier = |up_to, unit, flat| Tier { up_to, unit_minor: Some(unit), flat_minor: flat };
        Price {
            tiers_mode: Some(mode),
            tiers: vec![tier(Some(5), 700, None), tier(Some(10), 650, Some(100)), tier(None, 600, None)],
            ..Price::blank("price_1", "prod_1", 0, usd, 0)
        }
    }

    #[test]
    fn tiers_add_up_by_their_mode() {
        let rows = [
            (TiersMode::Graduated, 0, 0),
            (TiersMode::Graduated, 5, 3500),
            (TiersMode::Graduated, 6, 3500 + 650 + 100),
            (TiersMode::Graduated, 12, 3500 + 3250 + 100 + 1200),
            (TiersMode::Volume, 5, 3500),
            (TiersMode::Volume, 6, 4000),
            (TiersMode::Volume, 12, 7200),
        ];
        for (mode, quantity, expected) in rows {
            assert_eq!(tiered(mode).total(quantity), expected, "{mode:?} {quantity}");
        }
    }

    #[test]
    fn packages_round_as_they_say() {
        let usd = Currency::parse("usd").expect("a currency");
        for (up, quantity, expected) in [(true, 11, 300), (false, 11, 200), (true, 10, 200), (true, 0, 0)] {
            let price = Price { package: Some((5, up)), ..Price::blank("price_1", "prod_1", 100, usd, 0) };
            assert_eq!(price.total(quantity), expected, "{up} {quantity}");
        }
    }
}
