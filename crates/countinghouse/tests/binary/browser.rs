//! A person at a real browser: buys in the sandbox's shop with a partner's code, and finds the commission and its
//! explanation in the console. Skipped, aloud, where there is no Chromium.

use serde_json::Value;
use testkit::{Browser, TestDatabase};

use crate::house::{House, WEBHOOKS};
use crate::sandbox::Sandbox;
use crate::webdriver::{ENTER, TAB, WebDriver};

/// 29.90 less 20 % is 23.92, and 15 % of that is 3.588: the partner earns 3.58.
const UNIT_MINOR: i64 = 2990;
const RATE_BPS: i64 = 1500;
const PAID: &str = "23.92";
const COMMISSION: &str = "3.58";
const COMMISSION_MINOR: i64 = 358;

/// What every page owes everybody: each fault in words.
const FAULTS: &str = r"
    const faults = [], count = css => document.querySelectorAll(css).length;
    if (!document.title.trim()) faults.push('no title');
    if (!document.documentElement.lang) faults.push('no language');
    if (count('main') !== 1) faults.push(count('main') + ' main landmarks');
    if (count('h1') !== 1) faults.push(count('h1') + ' first headings');
    for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
        const named = [...field.labels].some(label => label.innerText.trim()) || field.ariaLabel;
        if (!named) faults.push('a field without a label: ' + field.outerHTML);
    }
    for (const button of document.querySelectorAll('button, a')) {
        if (!button.ariaLabel && !button.textContent.trim()) faults.push('no words: ' + button.outerHTML);
    }
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) faults.push('as wide as ' + wide + ' in a window of ' + innerWidth);
    return faults;";

/// A house that the sandbox delivers to, with ada, who earns on ADA20, and a plan in the shop.
fn in_business(sandbox: &Sandbox) -> House {
    let endpoint = sandbox.call("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let secret = text(&endpoint["secret"]);
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_WEBHOOK_SECRET_TEST", &secret)]);
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_binary");
    house.serve();
    let endpoint = format!("/v1/webhook_endpoints/{}", text(&endpoint["id"]));
    sandbox.call(&endpoint, &format!("url=http://{}{WEBHOOKS}", house.address()));
    house.ok(&format!("partner add ada --name Ada --email ada@partners.example --rate-bps {RATE_BPS}"));
    house.ok("code create ada --code ADA20 --percent-off 20 --book test");
    let product = sandbox.call("/v1/products", "name=Almanac");
    let price = format!(
        "product={}&unit_amount={UNIT_MINOR}&currency=usd&recurring[interval]=month",
        text(&product["id"])
    );
    sandbox.call("/v1/prices", &price);
    house
}

fn is_sound(browser: &WebDriver, page: &str) {
    assert_eq!(browser.script(FAULTS), Value::Array(Vec::new()), "{page}");
    assert_eq!(browser.at_width(360, FAULTS), Value::Array(Vec::new()), "{page}, 360 pixels wide");
}

fn pays_with(browser: &WebDriver, card: &str) {
    browser.fill("#number", card);
    browser.fill("#expiry", "12 / 40");
    browser.fill("#cvc", "123");
    browser.click("button.go");
}

fn buys(browser: &WebDriver, sandbox: &Sandbox) {
    browser.open(&format!("http://{}/shop", sandbox.at));
    browser.sees(&["Demo shop", "Almanac", "$29.90 per month"]);
    is_sound(browser, "the shop");
    browser.press(&TAB.to_string());
    assert!(browser.focused().starts_with("Subscribe: Almanac"), "{}", browser.focused());
    browser.press(&ENTER.to_string());

    browser.sees(&["Checkout", "Promotion code", "$29.90"]);
    is_sound(browser, "the checkout page");
    browser.fill("#code", "ADA20");
    browser.press(&ENTER.to_string());
    browser.sees(&["Discount: ADA20", "−$5.98", "$23.92"]);

    browser.fill("#email", "buyer@customers.example");
    browser.fill("#name", "Bea Buyer");
    pays_with(browser, "4000 0000 0000 0002");
    browser.sees(&["Error: Checkout", "Your card was declined. Try a different card."]);
    assert_eq!(browser.focused(), "Card number", "what is wrong has the focus");
    is_sound(browser, "the checkout page after a declined card");

    pays_with(browser, "4000 0027 6000 3184");
    browser.sees(&["Your bank asks: is it you?"]);
    is_sound(browser, "the bank's page");
    browser.click("button[value=complete]");
    browser.sees(&["Thank you", &format!("Your payment of ${PAID} was received.")]);
    is_sound(browser, "the page of thanks");
}

/// The cells of the first row of the page's table that has this in it.
fn cells(browser: &WebDriver, wanted: &str) -> Vec<String> {
    let script = format!(
        "const row = [...document.querySelectorAll('tbody tr')].find(row => row.innerText.includes('{wanted}'));
         return [...(row?.cells ?? [])].map(cell => cell.innerText.replace(/\\s+/g, ' ').trim())"
    );
    let cells = browser.script(&script);
    cells.as_array().expect("cells").iter().map(|cell| cell.as_str().unwrap_or_default().to_owned()).collect()
}

fn reads_the_console(browser: &WebDriver, house: &House) {
    let console = format!("http://{}", house.address());
    let usd = |amount: &str| format!("{amount} usd");
    browser.open(&format!("{console}/"));
    browser.sees(&["Overview", "Through partners"]);
    let overview = cells(browser, PAID).iter().map(|cell| cell.to_lowercase()).collect::<Vec<_>>();
    let (paid, pending, zero) = (usd(PAID), usd(COMMISSION), usd("0.00"));
    assert_eq!(overview, ["usd", "1", &paid, &paid, &pending, &zero, &zero], "the overview");
    is_sound(browser, "the overview");

    browser.click("nav a[href^='/sales']");
    browser.sees(&["Newest first"]);
    is_sound(browser, "the sales");
    let sale = cells(browser, "ADA20").iter().map(|cell| cell.to_lowercase()).collect::<Vec<_>>();
    assert_eq!(sale[2..], ["ada", "promotion code ada20", &paid, &paid, &pending, "pending"], "{sale:?}");

    browser.click("tbody th a");
    browser.sees(&["Sale explained", "Arithmetic"]);
    is_sound(browser, "the explanation");
    let heading = browser.script("return document.querySelector('h2').innerText.replace(/\\s+/g, ' ')");
    let heading = heading.as_str().expect("a heading").to_lowercase();
    assert_eq!(heading, format!("ada · {pending}"), "whose it is, and what it earns");
    let steps = browser.script("return document.querySelector('ol.steps').innerText");
    let steps = steps.as_str().expect("steps");
    assert!(steps.contains("commission = floor(2392 x 1500 / 10000) = 358"), "{steps}");
    let chosen = cells(browser, "chosen");
    assert!(chosen[1] == "ada" && chosen[2].starts_with("ADA20 "), "{chosen:?}");
}

/// From the buyer's address to the customer, to an event of hers, and to what is read of it at all.
fn looks_around(browser: &WebDriver, house: &House) {
    let console = format!("http://{}", house.address());
    browser.open(&format!("{console}/"));
    browser.fill("#q", "BUYER@customers.example");
    browser.press(&ENTER.to_string());
    // The declined attempt was nobody's yet, so there is more than one thing of that address.
    browser.sees(&["Found"]);
    is_sound(browser, "what was found");
    browser.click("a[href^='/sales/customer/']");
    browser.sees(&["Customer", "The events that told of it"]);
    is_sound(browser, "the customer");
    browser.click("ol li:last-child a");
    browser.sees(&["What happened to it", "What it did to the books", "with what is personal hidden"]);
    is_sound(browser, "an event");
    let body = || browser.script("return document.querySelector('pre').innerText").to_string();
    assert!(!body().contains("Bea") && body().contains("(hidden)"), "{}", body());
    browser.click("form[action*='/body'] button");
    browser.sees(&["Body as received", "the operator log says so", "shown unredacted to console"]);
    is_sound(browser, "an event as received");
    assert!(!body().contains("(hidden)"), "{}", body());

    browser.open(&format!("{console}/events"));
    browser.click("a[href^='/events/types']");
    browser.sees(&["Handled events", "What it says"]);
    assert_eq!(cells(browser, "checkout.session.completed")[4], "1", "one was received");
    is_sound(browser, "the handled events");
    browser.click("nav a[href^='/reconcile']");
    browser.sees(&["Reconcile", "This book was not compared yet."]);
    is_sound(browser, "the page of reconciliations before the first");
    house.ok("reconcile --book test");
    browser.open(&format!("{console}/reconcile?book=test"));
    browser.sees(&["The last run", "no difference"]);
    is_sound(browser, "a reconciliation");
}

#[test]
fn a_purchase_with_a_partners_code_in_a_browser_appears_in_the_console_and_is_explained() {
    let programs = match Browser::find_or_install() {
        Ok(programs) => programs,
        Err(why) => return println!("SKIPPED: nothing is tested in a browser: {why}"),
    };
    let sandbox = Sandbox::start("");
    let house = in_business(&sandbox);
    let browser = WebDriver::start(&programs);
    buys(&browser, &sandbox);
    sandbox.call("/_sandbox/settle", "");
    house.audit();
    reads_the_console(&browser, &house);
    looks_around(&browser, &house);
    let books: Value = serde_json::from_str(&house.ok("ledger export --format json")).expect("JSON");
    assert_eq!(books[0]["commission_minor"], COMMISSION_MINOR, "{books}");
    println!("one purchase in {}: {COMMISSION} earned and explained", programs.browser.display());
}
