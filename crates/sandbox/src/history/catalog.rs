//! Prices, coupons, codes and discounts in a history. It must not know who owns a code.

use std::sync::Arc;

use kernel::Currency;

use super::{DAY_S, History};
use crate::model::{Coupon, Customer, Discount, Duration, Object, Off, Price, PromotionCode};

impl History {
    /// A price; `interval` is `month`, `year` or none.
    pub fn price(&mut self, unit_minor: i64, currency: Currency, interval: Option<&'static str>) -> Price {
        let (id, product) = (self.id("price"), self.id("prod"));
        let blank = Price::blank(&id, &product, unit_minor, currency, self.now_s);
        let price = Price { name: "Example Pro".into(), interval, ..blank };
        self.emit("price.created", Object::from(price.clone()));
        price
    }

    /// A coupon whose id is its name, as people make them in the dashboard.
    pub fn coupon(&mut self, name: &str, off: Off, duration: Duration) -> Coupon {
        let coupon = Coupon { name: Some(name.to_owned()), duration, ..Coupon::blank(name, off, self.now_s) };
        self.emit("coupon.created", Object::from(coupon.clone()));
        coupon
    }

    pub fn promotion_code(&mut self, code: &str, coupon: &Coupon) -> PromotionCode {
        let id = self.id("promo");
        let promotion_code = PromotionCode::blank(&id, code, Arc::new(coupon.clone()), self.now_s);
        self.emit("promotion_code.created", Object::from(promotion_code.clone()));
        promotion_code
    }

    /// A code with a coupon of its own: what most cases need.
    pub fn code(&mut self, code: &str, off: Off, duration: Duration) -> PromotionCode {
        let coupon = self.coupon(&format!("{code}_COUPON"), off, duration);
        self.promotion_code(code, &coupon)
    }

    /// Codes can only be switched off, never deleted.
    pub fn deactivate(&mut self, code: &mut PromotionCode) {
        code.active = false;
        let previous = vec![("active", "true".to_owned())];
        self.emit_changed("promotion_code.updated", Object::from(code.clone()), previous);
    }

    /// A discount by a code, starting now. No event: whoever applies it says so.
    pub fn discount(&mut self, code: &PromotionCode, customer: Option<&Customer>) -> Discount {
        let discount = self.coupon_discount(&code.coupon, customer);
        Discount { promotion_code: Some(code.id.clone()), ..discount }
    }

    /// A discount by a bare coupon, starting now.
    pub fn coupon_discount(&mut self, coupon: &Coupon, customer: Option<&Customer>) -> Discount {
        let end_s = match coupon.duration {
            Duration::Months(months) => Some(self.now_s + months * 30 * DAY_S + months * DAY_S / 2),
            Duration::Once | Duration::Forever => None,
        };
        let blank = Discount::blank(&self.id("di"), Arc::new(coupon.clone()), self.now_s);
        Discount { customer: customer.map(|customer| customer.id.clone()), end_s, ..blank }
    }
}
