//! What the desk makes (catalogue, people, codes, accounts) against Stripe's own list of paths of every version:
//! nothing that is not listed, nothing missing that must be there.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;
#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

use call::{START_S, get, id, post};
use sandbox::{CustomerBalanceTransaction, ModelEvent, World, currency};

const PRODUCT: &str = "id=pro&name=Pro&description=d&images[]=https://a.test/i&marketing_features[0][name]=Fast\
    &package_dimensions[height]=1.5&package_dimensions[length]=2&package_dimensions[weight]=3\
    &package_dimensions[width]=4&shippable=true&statement_descriptor=PRO&tax_code=txcd_1&unit_label=seat\
    &url=https://a.test&metadata[a]=b";
const TIERED: &str = "product=pro&currency=usd&billing_scheme=tiered&tiers_mode=graduated&tiers[0][up_to]=5\
    &tiers[0][unit_amount]=700&tiers[1][up_to]=inf&tiers[1][flat_amount]=600&recurring[interval]=week\
    &recurring[trial_period_days]=7&lookup_key=k&nickname=n";
const PACKED: &str = "product=pro&currency=usd&unit_amount=5&transform_quantity[divide_by]=3\
    &transform_quantity[round]=up&currency_options[eur][unit_amount]=4";
const CUSTOMER: &str = "email=a@b.test&name=Ann&business_name=Ann+Ltd&individual_name=Ann+A&description=d&phone=1\
    &address[line1]=1&shipping[name]=Ann&shipping[address][city]=X&invoice_settings[footer]=f\
    &invoice_settings[custom_fields][0][name]=a&invoice_settings[custom_fields][0][value]=b\
    &preferred_locales[]=de&tax_exempt=reverse&payment_method=pm_card_visa\
    &invoice_settings[default_payment_method]=pm_card_visa&tax_id_data[0][type]=eu_vat&tax_id_data[0][value]=DE1";
const CODE: &str = "promotion[type]=coupon&promotion[coupon]=FIX&code=ANNA&expires_at=1790000000&max_redemptions=5\
    &restrictions[minimum_amount]=900&restrictions[minimum_amount_currency]=usd&metadata[partner]=anna";
const ACCOUNT: &str = "type=express&email=a@b.test&capabilities[transfers][requested]=true\
    &capabilities[card_payments][requested]=true&business_type=company&business_profile[url]=https://a.test";

/// Everything with as much said as can be, as its events show it.
fn happened() -> Vec<ModelEvent> {
    let mut world = World::new(1, START_S);
    post(&mut world, "/v1/products", PRODUCT);
    post(&mut world, "/v1/prices", TIERED);
    post(&mut world, "/v1/prices", PACKED);
    post(
        &mut world,
        "/v1/coupons",
        "id=FIX&amount_off=500&currency=usd&duration=repeating&duration_in_months=3",
    );
    post(&mut world, "/v1/coupons", "id=TEN&percent_off=12.5&duration=forever&redeem_by=1790000000&name=n");
    let customer = id(&post(&mut world, "/v1/customers", CUSTOMER));
    post(&mut world, "/v1/promotion_codes", &format!("{CODE}&customer={customer}"));
    let account = id(&post(&mut world, "/v1/accounts", ACCOUNT));
    post(&mut world, &format!("/v1/accounts/{account}"), "business_profile[name]=Ann");
    post(
        &mut world,
        "/v1/tax_rates",
        "display_name=VAT&percentage=19&inclusive=true&country=DE&tax_type=vat",
    );
    let moved =
        post(&mut world, &format!("/v1/customers/{customer}/balance_transactions"), "amount=-5&currency=usd");
    let mut events: Vec<ModelEvent> =
        world.take_events().iter().map(|event| ModelEvent::clone(event)).collect();
    let moved = CustomerBalanceTransaction {
        id: id(&moved),
        customer,
        kind: "adjustment",
        amount: -5,
        ending_balance: -5,
        currency: currency("usd"),
        invoice: None,
        credit_note: None,
        checkout_session: None,
        description: None,
        created_s: START_S,
        metadata: Vec::new(),
    };
    let like = events.first().cloned().expect("an event");
    events.push(ModelEvent { id: "evt_moved".into(), object: moved.into(), before: None, ..like });
    assert_eq!(get(&mut world, "/v1/customers", "")["data"][0]["shipping"]["name"], "Ann");
    events
}

#[test]
fn what_the_desk_makes_has_the_paths_of_its_version_and_no_others() {
    match common::paths::wrong(&happened()) {
        None => println!("skipped: no shared/ folder with Stripe's path lists"),
        Some(wrong) => assert!(wrong.is_empty(), "{wrong}"),
    }
}
