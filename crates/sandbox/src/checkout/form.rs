//! The right side of the page: who buys and how it is paid, with what is wrong where it is wrong. It must not
//! know what is bought beyond what the button says.

use std::fmt::Write as _;

use super::entered::{Entered, Mistake};
use super::html::{money, text};
use crate::model::{Mode, Session};

const COUNTRIES: &[(&str, &str)] = &[
    ("US", "United States"),
    ("AT", "Austria"),
    ("CH", "Switzerland"),
    ("DE", "Germany"),
    ("ES", "Spain"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("NL", "Netherlands"),
];

pub(super) fn side(session: &Session, entered: &Entered, wrong: Option<&Mistake>, pays: bool) -> String {
    let mut form = Form { out: String::new(), entered, wrong };
    form.out.push_str("<section class=\"pay\" aria-label=\"Payment\"><h2>Your details</h2>");
    if let Some(wrong) = wrong {
        let _ =
            write!(form.out, "<p class=\"alert\" role=\"alert\" id=\"alert\">{}</p>", text(&wrong.message));
    }
    form.out
        .push_str("<form method=\"post\" novalidate><input type=\"hidden\" name=\"action\" value=\"pay\">");
    form.input("email", "Email", "type=\"email\" autocomplete=\"email\"");
    form.input("name", "Name", "autocomplete=\"name\"");
    if session.ask_phone {
        form.input("phone", "Phone", "type=\"tel\" autocomplete=\"tel\"");
    }
    form.ship_to(session);
    if pays {
        form.methods(session);
    }
    form.select("country", "Country or region", "autocomplete=\"country\"", COUNTRIES);
    form.input("postal_code", "Postal code", "autocomplete=\"postal-code\"");
    let _ = write!(form.out, "<button class=\"go\">{}</button></form>", text(&button(session)));
    form.out.push_str(
        "<h2>Test cards</h2><p class=\"soft\">4242 4242 4242 4242 pays. 4000 0000 0000 0002 is declined. \
         4000 0027 6000 3184 asks you to authenticate. Any date to come, any three digits.</p></section>",
    );
    form.out
}

fn button(session: &Session) -> String {
    let trial = session.trial_days.is_some() || session.trial_end_s.is_some();
    match (session.mode, session.submit_type) {
        (Mode::Setup, _) => "Save".into(),
        (Mode::Subscription, _) if trial => "Start trial".into(),
        (Mode::Subscription, _) => "Subscribe".into(),
        (Mode::Payment, Some("book")) => "Book".into(),
        (Mode::Payment, Some("donate")) => "Donate".into(),
        (Mode::Payment, _) => format!("Pay {}", money(session.total(), session.currency)),
    }
}

struct Form<'a> {
    out: String,
    entered: &'a Entered,
    wrong: Option<&'a Mistake>,
}

impl Form<'_> {
    fn mistake(&self, name: &str) -> Option<String> {
        self.wrong.filter(|wrong| wrong.field == name).map(|wrong| wrong.message.clone())
    }

    /// Marks and explains a field that is wrong; the first thing to go to.
    fn marks(&self, name: &str) -> String {
        match self.mistake(name) {
            Some(_) => format!(" aria-invalid=\"true\" aria-describedby=\"{name}-error\" autofocus"),
            None => String::new(),
        }
    }

    fn explain(&mut self, name: &str) {
        if let Some(message) = self.mistake(name) {
            let _ = write!(self.out, "<p class=\"error\" id=\"{name}-error\">{}</p>", text(&message));
        }
    }

    fn input(&mut self, name: &str, label: &str, attributes: &str) {
        let (marks, value) = (self.marks(name), text(self.entered.get(name)));
        let _ = write!(
            self.out,
            "<div><label for=\"{name}\">{label}</label>\
             <input id=\"{name}\" name=\"{name}\" value=\"{value}\" {attributes}{marks}>"
        );
        self.explain(name);
        self.out.push_str("</div>");
    }

    fn select(&mut self, name: &str, label: &str, attributes: &str, options: &[(&str, &str)]) {
        let marks = self.marks(name);
        let _ = write!(
            self.out,
            "<div><label for=\"{name}\">{label}</label><select id=\"{name}\" name=\"{name}\" {attributes}{marks}>"
        );
        for (code, shown) in options {
            let chosen = if *code == self.entered.get(name) { " selected" } else { "" };
            let _ = write!(self.out, "<option value=\"{}\"{chosen}>{}</option>", text(code), text(shown));
        }
        self.out.push_str("</select>");
        self.explain(name);
        self.out.push_str("</div>");
    }

    fn ship_to(&mut self, session: &Session) {
        let Some(countries) = &session.ship_countries else { return };
        self.out.push_str("<h2>Shipping address</h2>");
        self.input("ship_line1", "Street", "autocomplete=\"shipping address-line1\"");
        self.input("ship_city", "City", "autocomplete=\"shipping address-level2\"");
        self.input("ship_postal_code", "Postal code for shipping", "autocomplete=\"shipping postal-code\"");
        let options: Vec<(&str, &str)> =
            countries.iter().map(|code| (code.as_str(), code.as_str())).collect();
        self.select("ship_country", "Country for shipping", "autocomplete=\"shipping country\"", &options);
    }

    fn methods(&mut self, session: &Session) {
        self.out.push_str("<h2>Payment method</h2>");
        let kind = self.entered.kind(session);
        if session.method_types.len() > 1 {
            self.out.push_str("<fieldset><legend>Pay with</legend>");
            for one in &session.method_types {
                let chosen = if *one == kind { " checked" } else { "" };
                let shown = match *one {
                    "us_bank_account" => "US bank account",
                    "sepa_debit" => "SEPA debit",
                    _ => "Card",
                };
                let _ = write!(
                    self.out,
                    "<label class=\"choice\"><input type=\"radio\" name=\"method\" value=\"{one}\"{chosen}>{shown}</label>"
                );
            }
            self.out.push_str("</fieldset>");
        }
        for one in &session.method_types {
            match *one {
                "us_bank_account" => {
                    self.input("account", "Account number", "inputmode=\"numeric\" autocomplete=\"off\"")
                }
                "sepa_debit" => self.input("iban", "IBAN", "autocomplete=\"off\""),
                _ => self.card(),
            }
        }
    }

    fn card(&mut self) {
        self.input(
            "number",
            "Card number",
            "inputmode=\"numeric\" autocomplete=\"cc-number\" placeholder=\"1234 1234 1234 1234\"",
        );
        self.out.push_str("<div class=\"row\">");
        self.input("expiry", "Expiration (MM / YY)", "autocomplete=\"cc-exp\" placeholder=\"MM / YY\"");
        self.input(
            "cvc",
            "Security code (CVC)",
            "inputmode=\"numeric\" autocomplete=\"cc-csc\" placeholder=\"CVC\"",
        );
        self.out.push_str("</div>");
    }
}
