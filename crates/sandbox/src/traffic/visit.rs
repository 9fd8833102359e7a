//! What somebody comes for, and who sent them. It must not know how it is bought.

use super::play::Play;
use super::shop::{BARE, LATE, WELCOME, Ware};

/// Somebody comes to buy.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    /// A number for their address.
    pub(super) who: u32,
    /// Who they are to the shop, when it knows them already.
    pub(super) customer: Option<String>,
    pub(super) market: usize,
    pub(super) taxed: bool,
    pub(super) wants: Wants,
    pub(super) by: By,
}

#[derive(Clone, Debug)]
pub(super) enum Wants {
    /// A subscription, at the checkout page.
    Plan { ware: Ware, seats: i64, trial: bool, set_up: bool },
    /// Something once, at the checkout page.
    Single { count: i64, ends: Ends },
    /// A subscription that the shop's server makes.
    Contract { ware: Ware, seats: i64, sent: bool, trial: bool },
    /// An invoice that the shop's server makes.
    Bill { sent: bool },
    /// A payment by the shop's own form: no session, no invoice.
    Form,
}

/// What is special about buying something once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ends {
    Plain,
    Guest,
    Shipped,
    Invoiced,
    /// Authorised now, captured later.
    Held,
    /// A bank debit.
    Slow,
}

/// Who sent them, and how the shop can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    /// A code they type.
    Code(usize),
    /// `client_reference_id`.
    Reference(&'static str),
    /// The session's metadata.
    Metadata(&'static str),
    /// The metadata of what is made: the subscription's or the intent's.
    Made(&'static str),
    /// A coupon the shop gives without a code.
    Coupon(&'static str),
    /// A code, and a reference to somebody else.
    Both(usize, &'static str),
    /// Two codes at once, where a shop's server can.
    Two(usize, usize),
    /// References that name nobody.
    Noise,
    Nobody,
}

impl Play {
    /// Somebody's recommendation, or none.
    pub(super) fn by(&mut self) -> By {
        let partner = self.partner();
        match self.rng.weighted(&[38, 8, 5, 6, 6, 4, 3, 4, 26]) {
            0 => By::Code(self.code()),
            1 => By::Reference(partner),
            2 => By::Metadata(partner),
            3 => By::Made(partner),
            4 => By::Coupon(BARE[self.pick(BARE.len())]),
            5 => By::Both(self.code(), partner),
            6 => By::Two(self.code(), self.code()),
            7 => By::Noise,
            _ => By::Nobody,
        }
    }

    pub(super) fn partner(&mut self) -> &'static str {
        let handles = super::partners::handles();
        let index = self.pick(handles.len());
        super::partners::handles().nth(index).unwrap_or_default()
    }

    /// One of the codes; the shop's own and a second share in a coupon among them.
    pub(super) fn code(&mut self) -> usize {
        self.pick(self.shop.codes.len())
    }

    /// Whether that code can be typed already.
    pub(super) fn typed(&self, code: usize) -> &'static str {
        match self.shop.codes.get(code) {
            Some(known) if known.text == LATE && known.id.is_none() => WELCOME,
            Some(known) => known.text,
            None => WELCOME,
        }
    }

    /// What a newcomer comes for.
    pub(super) fn wants(&mut self) -> Wants {
        match self.rng.weighted(&[56, 22, 10, 8, 4]) {
            0 => self.plan(),
            1 => {
                let all = [Ends::Plain, Ends::Guest, Ends::Shipped, Ends::Invoiced, Ends::Held, Ends::Slow];
                let ends = all[self.rng.weighted(&[20, 25, 18, 15, 9, 13])];
                Wants::Single { count: self.rng.between(1, 3), ends }
            }
            2 => {
                let (ware, seats) = self.ware();
                Wants::Contract { ware, seats, sent: self.rng.chance(350), trial: self.rng.chance(150) }
            }
            3 => Wants::Bill { sent: self.rng.chance(500) },
            _ => Wants::Form,
        }
    }

    /// A plan, chosen at the checkout page.
    pub(super) fn plan(&mut self) -> Wants {
        let (ware, seats) = self.ware();
        Wants::Plan { ware, seats, trial: self.rng.chance(180), set_up: self.rng.chance(90) }
    }

    fn ware(&mut self) -> (Ware, i64) {
        match self.rng.weighted(&[45, 25, 18, 12]) {
            0 => (Ware::Basic, 1),
            1 => (Ware::Pro, 1),
            2 => (Ware::Team, self.rng.between(2, 9)),
            _ => (Ware::Yearly, 1),
        }
    }
}
