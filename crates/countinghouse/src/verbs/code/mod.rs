//! `code adopt | end | list | show`: which Stripe codes belong to whom. Making and changing them at Stripe is in
//! the files beside.

mod carry;
mod change;
mod create;
mod drift;
mod file;
mod intents;

use engine::operate::{Adopt, adopt};
use kernel::operator::{Action, CodeMapping, Handle};
use kernel::time::rfc3339;
use rules::registry::Mapping;
use serde::Serialize;

pub(super) use super::{actor, book, handle, house, open, reference, refused, time};
use crate::cli::{AdoptArgs, CodeVerb, Common};
use crate::{Outcome, Stop, clock, output};

pub(crate) fn run(common: &Common, verb: CodeVerb) -> Outcome {
    match verb {
        CodeVerb::Adopt(args) => adopt_code(common, &args),
        CodeVerb::Create(args) => create::run(common, &args),
        CodeVerb::Rotate(args) => change::rotate(common, &args),
        CodeVerb::Deactivate { code, book } => change::deactivate(common, &code, book.as_deref()),
        CodeVerb::Drift(args) => drift::run(common, &args),
        CodeVerb::Intents(args) => intents::run(common, &args),
        CodeVerb::End(args) => end(common, &args),
        CodeVerb::List { partner } => list(common, partner.as_deref()),
        CodeVerb::Show { code } => show(common, &code),
    }
}

fn adopt_code(common: &Common, args: &AdoptArgs) -> Outcome {
    let request = Adopt {
        actor: actor(),
        partner: handle(&args.handle)?,
        code: args.code.clone(),
        promotion_code: reference(args.promotion_code.as_deref())?,
        coupon: reference(args.coupon.as_deref())?,
        book: book(args.book.as_deref())?,
        from: time(args.from.as_deref())?,
        retroactive: args.retroactive,
    };
    let house = house(common)?;
    let adopted = adopt(&house, &request, clock::now()).map_err(|why| refused(common, why))?;
    super::remark_unless_level(&house)?;
    if common.json {
        return output::print_json(&adopted);
    }
    for one in adopted {
        let keys = [
            one.code.clone(),
            one.promotion_code.map(|id| id.to_string()),
            one.coupon.map(|id| id.to_string()),
        ];
        let keys = keys.into_iter().flatten().collect::<Vec<_>>().join(" / ");
        let state = match (one.unbound, args.promotion_code.is_some()) {
            (false, _) => "",
            (true, true) => {
                "; unbound until Stripe first mentions that id: is it the right one, in the right book?"
            }
            (true, false) => {
                "; unbound: it binds by itself when Stripe first mentions a promotion code of this text"
            }
        };
        output::print(&format!("{keys} now belongs to {} in the book {}{state}\n", args.handle, one.book))?;
    }
    Ok(())
}

fn end(common: &Common, args: &AdoptArgs) -> Outcome {
    let registry = house(common)?.current_registry()?;
    let partner = handle(&args.handle)?;
    let wanted = book(args.book.as_deref())?;
    let now = clock::now();
    let found: Vec<&Mapping> = registry
        .mappings()
        .filter(|mapping| mapping.partner == partner && mapping.holds_at(now))
        .filter(|mapping| wanted.as_ref().is_none_or(|book| mapping.book == *book))
        .filter(|mapping| args.code.as_ref().is_none_or(|code| same(mapping.code.as_deref(), code)))
        .filter(|mapping| {
            args.promotion_code
                .as_ref()
                .is_none_or(|id| same(mapping.promotion_code.as_ref().map(kernel::Ref::as_str), id))
        })
        .filter(|mapping| {
            args.coupon.as_ref().is_none_or(|id| same(mapping.coupon.as_ref().map(kernel::Ref::as_str), id))
        })
        .collect();
    let [mapping] = found.as_slice() else {
        if registry.partner(&partner).is_none() {
            return Err(super::no_partner(&partner));
        }
        let see = format!("see: countinghouse code list --partner {partner}");
        return Err(if found.is_empty() {
            Stop::Found(format!("{partner} has no such code; {see}"))
        } else {
            let several =
                "has several such codes; name one with --code, --promotion-code, --coupon or --book";
            Stop::Usage(format!("{partner} {several}; {see}"))
        });
    };
    let action = Action::CodeEnd(CodeMapping {
        partner: mapping.partner.clone(),
        book: mapping.book.clone(),
        code: mapping.code.clone(),
        promotion_code: mapping.promotion_code.clone(),
        coupon: mapping.coupon.clone(),
    });
    super::partner::act(common, action, args.from.as_deref(), args.retroactive)
}

fn same(left: Option<&str>, right: &str) -> bool {
    left.is_some_and(|left| left.to_lowercase() == right.to_lowercase())
}

#[derive(Serialize)]
struct MappingShown {
    partner: String,
    book: String,
    code: Option<String>,
    promotion_code: Option<String>,
    coupon: Option<String>,
    from: Option<String>,
    until: Option<String>,
    unbound: bool,
    /// At Stripe, as it last said: `active`, `inactive`; absent while it has said nothing.
    stripe_state: Option<&'static str>,
    times_redeemed: Option<i64>,
    max_redemptions: Option<i64>,
}

type Mirrored = (kernel::Book, kernel::Ref, kernel::fact::PromotionCode);

/// What Stripe last said of the code a mapping means: by its id, else by its text, an active one first.
fn said<'a>(mapping: &Mapping, mirrored: &'a [Mirrored]) -> Option<&'a kernel::fact::PromotionCode> {
    let of_book = || mirrored.iter().filter(|(book, ..)| *book == mapping.book);
    if let Some(id) = &mapping.promotion_code {
        return of_book().find(|(_, known, _)| known == id).map(|(.., code)| code);
    }
    let text = mapping.code.as_deref()?;
    let mut of_text: Vec<_> = of_book().filter(|(.., code)| same(Some(&code.code), text)).collect();
    of_text.sort_by_key(|(.., code)| !code.active);
    of_text.first().map(|(.., code)| code)
}

/// A mapping by a text that the mirror knows is bound.
fn shown(mapping: &Mapping, mirrored: &[Mirrored]) -> MappingShown {
    let said = said(mapping, mirrored);
    MappingShown {
        partner: mapping.partner.to_string(),
        book: mapping.book.label(),
        code: mapping.code.clone(),
        promotion_code: mapping.promotion_code.as_ref().map(ToString::to_string),
        coupon: mapping.coupon.as_ref().map(ToString::to_string),
        from: mapping.from.map(rfc3339),
        until: mapping.until.map(rfc3339),
        unbound: mapping.is_unbound() && said.is_none(),
        stripe_state: said.map(|code| if code.active { "active" } else { "inactive" }),
        times_redeemed: said.map(|code| code.times_redeemed),
        max_redemptions: said.and_then(|code| code.max_redemptions),
    }
}

/// How a mapping is called in a list: its text, else its ids.
pub(crate) fn name(mapping: &Mapping) -> String {
    let ids = mapping.promotion_code.as_ref().or(mapping.coupon.as_ref()).map(ToString::to_string);
    mapping.code.clone().or(ids).unwrap_or_default()
}

fn list(common: &Common, partner: Option<&str>) -> Outcome {
    let partner = partner.map(handle).transpose()?;
    let house = house(common)?;
    let registry = house.current_registry()?;
    if let Some(unknown) = partner.as_ref().filter(|wanted| registry.partner(wanted).is_none()) {
        return Err(super::no_partner(unknown));
    }
    if common.json {
        let mirrored = engine::mirror::promotion_codes(&house)?;
        let mappings: Vec<MappingShown> = registry
            .mappings()
            .filter(|mapping| partner.as_ref().is_none_or(|wanted| mapping.partner == *wanted))
            .map(|mapping| shown(mapping, &mirrored))
            .collect();
        return output::print_json(&mappings);
    }
    print_mappings(&house, &registry, partner.as_ref())
}

pub(crate) fn print_mappings(
    house: &engine::House,
    registry: &rules::Registry,
    partner: Option<&Handle>,
) -> Outcome {
    let mirrored = engine::mirror::promotion_codes(house)?;
    let rows = registry
        .mappings()
        .filter(|mapping| partner.is_none_or(|wanted| mapping.partner == *wanted))
        .map(|mapping| {
            let shown = shown(mapping, &mirrored);
            vec![
                shown.partner,
                shown.book,
                shown.code.unwrap_or_default(),
                shown
                    .promotion_code
                    .unwrap_or_else(|| if shown.unbound { "(unbound)".into() } else { String::new() }),
                shown.coupon.unwrap_or_default(),
                shown.from.unwrap_or_else(|| "always".into()),
                shown.until.unwrap_or_default(),
                shown.stripe_state.unwrap_or("not heard of").to_owned(),
                match (shown.times_redeemed, shown.max_redemptions) {
                    (Some(times), Some(most)) => format!("{times} of {most}"),
                    (Some(times), None) => times.to_string(),
                    (None, _) => String::new(),
                },
            ]
        })
        .collect();
    let header =
        ["partner", "book", "code", "promotion code", "coupon", "from", "until", "at Stripe", "redeemed"];
    output::print_table(&header, &["redeemed"], rows)
}

fn show(common: &Common, code: &str) -> Outcome {
    let mirrored = engine::mirror::codes(&house(common)?, code)?;
    if mirrored.is_empty() {
        return Err(Stop::Found(format!("Stripe has not mentioned '{code}' yet")));
    }
    if common.json {
        return output::print_json(&mirrored);
    }
    let rows = mirrored
        .into_iter()
        .map(|code| {
            vec![
                code.book,
                code.code.unwrap_or_default(),
                code.promotion_code.unwrap_or_default(),
                code.coupon.unwrap_or_default(),
                code.takes,
                code.duration,
                code.redeemed,
                if code.active { "active" } else { "inactive" }.to_owned(),
                code.owner.unwrap_or_else(|| "nobody".into()),
            ]
        })
        .collect();
    let header =
        ["book", "code", "promotion code", "coupon", "takes", "duration", "redeemed", "state", "owner"];
    output::print_table(&header, &["takes", "redeemed"], rows)
}
