//! Stripe's parameters: form-encoded pairs whose names nest, `items[0][price]=price_1&expand[]=customer`.
//! It must not know which parameters exist.

/// A parameter as sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Param {
    Text(String),
    /// Names in the order sent.
    Map(Vec<(String, Param)>),
    List(Vec<Param>),
}

/// How deep names may nest, and how many pairs a call may have: enough for any real one.
const DEPTH_MAX: usize = 8;
const PAIRS_MAX: usize = 5_000;

/// Why a body is no form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BadForm(pub(crate) String);

/// Reads `a=1&b[c]=2&d[]=3&e[0][f]=4`.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, Param)>, BadForm> {
    let mut root = Vec::new();
    for (index, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if index >= PAIRS_MAX {
            return Err(BadForm("Too many parameters".into()));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        let steps = steps(&name)?;
        let Some((first, rest)) = steps.split_first() else { continue };
        place(&mut root, first, rest, value, &name)?;
    }
    Ok(root)
}

/// Plain fields, as a browser's form sends them; `None` when it is no form.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decoded(name).ok()?, decoded(value).ok()?))
    };
    text.split('&').filter(|text| !text.is_empty()).take(PAIRS_MAX).map(pair).collect()
}

/// `a[b][]` is `a`, `b` and an empty step.
fn steps(name: &str) -> Result<Vec<String>, BadForm> {
    let bad = || BadForm(format!("Invalid parameter name: {name}"));
    let Some((first, mut rest)) = name.split_once('[') else { return Ok(vec![name.to_owned()]) };
    let mut steps = vec![first.to_owned()];
    loop {
        let (step, after) = rest.split_once(']').ok_or_else(bad)?;
        steps.push(step.to_owned());
        if steps.len() > DEPTH_MAX {
            return Err(bad());
        }
        match after.strip_prefix('[') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(steps),
            None => return Err(bad()),
        }
    }
}

fn place(
    map: &mut Vec<(String, Param)>,
    first: &str,
    rest: &[String],
    value: String,
    name: &str,
) -> Result<(), BadForm> {
    let index = match map.iter().position(|(key, _)| key == first) {
        Some(index) => index,
        None => {
            map.push((first.to_owned(), empty(rest)));
            map.len() - 1
        }
    };
    let Some((_, slot)) = map.get_mut(index) else { return Ok(()) };
    fill(slot, rest, value, name)
}

/// What a name with these steps left begins as.
fn empty(rest: &[String]) -> Param {
    match rest.first() {
        None => Param::Text(String::new()),
        Some(step) if is_index(step) => Param::List(Vec::new()),
        Some(_) => Param::Map(Vec::new()),
    }
}

fn is_index(step: &str) -> bool {
    step.bytes().all(|byte| byte.is_ascii_digit())
}

fn fill(slot: &mut Param, rest: &[String], value: String, name: &str) -> Result<(), BadForm> {
    match (slot, rest.split_first()) {
        (Param::Text(text), None) => *text = value,
        (Param::Map(map), Some((step, rest))) if !is_index(step) => place(map, step, rest, value, name)?,
        (Param::List(list), Some((step, rest))) if is_index(step) => {
            let index =
                if step.is_empty() { new_index(list, rest) } else { step.parse().unwrap_or(usize::MAX) };
            if index > list.len() {
                return Err(BadForm(format!(
                    "Invalid array: {name}: indexes must begin at 0 and leave no gap"
                )));
            }
            if index == list.len() {
                list.push(empty(rest));
            }
            if let Some(slot) = list.get_mut(index) {
                fill(slot, rest, value, name)?;
            }
        }
        _ => return Err(BadForm(format!("Invalid parameter: {name} is given in two forms"))),
    }
    Ok(())
}

/// Where `a[][b]=..` goes: on into the last element until one of its names comes again.
fn new_index(list: &[Param], rest: &[String]) -> usize {
    match (list.last(), rest.first()) {
        (Some(Param::Map(map)), Some(step)) if !map.iter().any(|(key, _)| key == step) => list.len() - 1,
        _ => list.len(),
    }
}

fn decoded(text: &str) -> Result<String, BadForm> {
    let bad = || BadForm("Invalid percent-encoding".into());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut nibble = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = nibble().zip(nibble()).ok_or_else(bad)?;
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| bad())?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| BadForm("Parameters must be UTF-8".into()))
}

#[cfg(test)]
mod tests {
    use super::{Param, parse};

    #[test]
    fn names_nest_as_stripe_nests_them() {
        let rows = [
            ("", "{}"),
            ("a=1&b=x+y%20z", "{a:1,b:x y z}"),
            ("a[b]=1&a[c][d]=2", "{a:{b:1,c:{d:2}}}"),
            ("e[]=1&e[]=2", "{e:[1,2]}"),
            ("e[0][f]=4&e[0][g]=5&e[1][f]=6", "{e:[{f:4,g:5},{f:6}]}"),
            ("e[][f]=4&e[][g]=5&e[][f]=6", "{e:[{f:4,g:5},{f:6}]}"),
            ("m[order_1]=%F0%9F%98%80", "{m:{order_1:😀}}"),
            ("a=1&a=2", "{a:2}"),
        ];
        for (text, shown) in rows {
            let parsed = parse(text).map(|root| show(&Param::Map(root)));
            assert_eq!(parsed.as_deref(), Ok(shown), "{text}");
        }
        for bad in
            ["a[=1", "a[b]c=1", "a=1&a[b]=2", "e[1]=x", "a=%G1", "a=%ff", "a[b][c][d][e][f][g][h][i]=1"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    fn show(param: &Param) -> String {
        match param {
            Param::Text(text) => text.clone(),
            Param::Map(map) => {
                let rows: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key}:{}", show(value))).collect();
                format!("{{{}}}", rows.join(","))
            }
            Param::List(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(",")),
        }
    }
}
