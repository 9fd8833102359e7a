//! Seeds a business: plans, partners' codes, customers with cards and subscriptions, made by calls of the API
//! as a merchant would make them. What is chosen by chance follows from the sandbox's seed. It must not know
//! what any of it earns.

use serde_json::Value;

use super::Call;
use crate::api::{Method, Request};
use crate::json::Obj;
use crate::rng::Rng;
use crate::world::{BookKey, Kind, Refusal};

const PARTNERS: [(&str, &str, i64); 6] = [
    ("anna", "ANNA20", 20),
    ("ben", "BEN10", 10),
    ("carla", "CARLA15", 15),
    ("dora", "DORA50", 50),
    ("emil", "EMIL5", 5),
    ("fay", "FAY25", 25),
];
const CUSTOMERS_DEFAULT: i64 = 10;
const CUSTOMERS_MAX: i64 = 10_000;
/// Of a thousand customers, so many come by a partner's code.
const BY_CODE: u64 = 600;

pub(super) fn seed(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let customers = params.at_least("customers", 0)?.unwrap_or(CUSTOMERS_DEFAULT).min(CUSTOMERS_MAX);
    let partners = params.at_least("partners", 0)?.unwrap_or(3);
    params.finish()?;
    call.book(&key)?;
    let partners = usize::try_from(partners).unwrap_or(0).min(PARTNERS.len());
    let mut shop = Shop { call, key };
    let product = shop.made("/v1/products", "name=Harbour&description=Seats for small teams")?;
    let price = |more: &str| format!("product={product}&currency=usd&{more}");
    let monthly = shop.made("/v1/prices", &price("unit_amount=2900&recurring[interval]=month"))?;
    let yearly = shop.made("/v1/prices", &price("unit_amount=29000&recurring[interval]=year"))?;
    let once = shop.made("/v1/prices", &price("unit_amount=9900"))?;
    let mut codes = Vec::new();
    for (partner, text, percent) in PARTNERS.iter().take(partners) {
        codes.push(shop.code(partner, text, *percent)?);
    }
    let mut rng = Rng::new(shop.call.state.seed ^ 0xb051_4e55);
    for number in 0..customers {
        let price = if rng.chance(200) { &yearly } else { &monthly };
        let code = if rng.chance(BY_CODE) { pick(&mut rng, &codes) } else { None };
        shop.customer(number, price, code)?;
    }
    Ok(Obj::new()
        .str("product", &product)
        .strs("prices", [monthly.as_str(), yearly.as_str(), once.as_str()])
        .strs("promotion_codes", codes.iter().map(String::as_str))
        .int("customers", customers)
        .close())
}

fn pick<'a>(rng: &mut Rng, codes: &'a [String]) -> Option<&'a str> {
    let index = rng.below(u64::try_from(codes.len()).unwrap_or(0));
    codes.get(usize::try_from(index).ok()?).map(String::as_str)
}

struct Shop<'a, 'b> {
    call: &'a mut Call<'b>,
    key: BookKey,
}

impl Shop<'_, '_> {
    fn code(&mut self, partner: &str, text: &str, percent: i64) -> Result<String, Refusal> {
        let form = format!("percent_off={percent}&duration=forever&metadata[partner_ref]={partner}");
        let coupon = self.made("/v1/coupons", &form)?;
        let form = format!(
            "promotion[type]=coupon&promotion[coupon]={coupon}&code={text}&metadata[partner_ref]={partner}"
        );
        self.made("/v1/promotion_codes", &form)
    }

    fn customer(&mut self, number: i64, price: &str, code: Option<&str>) -> Result<(), Refusal> {
        let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
        let form = format!("name=Customer {number}&email=customer{number}@example.com&{card}");
        let customer = self.made("/v1/customers", &form)?;
        let code = code.map(|code| format!("&discounts[0][promotion_code]={code}")).unwrap_or_default();
        let form = format!("customer={customer}&items[0][price]={price}{code}");
        self.made("/v1/subscriptions", &form).map(drop)
    }

    /// The id of what a call makes.
    fn made(&mut self, path: &str, form: &str) -> Result<String, Refusal> {
        let mode = if self.key.livemode { "live" } else { "test" };
        let request = Request {
            method: Method::Post,
            path: path.to_owned(),
            query: String::new(),
            body: form.as_bytes().to_vec(),
            authorization: Some(format!("Bearer sk_{mode}_seed")),
            version: None,
            idempotency_key: None,
            account: self.key.account.clone(),
        };
        let answer = self.call.state.api(&request);
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        body["id"].as_str().map(str::to_owned).ok_or_else(|| {
            let why = body["error"]["message"].as_str().unwrap_or_default();
            Refusal::plain(answer.status, Kind::InvalidRequest, format!("POST {path}: {why}"))
        })
    }
}
