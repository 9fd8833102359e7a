//! Reads from a request's headers where it comes from: this machine itself or elsewhere, this site's own
//! pages or another site's. Pure functions of headers and peer; decides nothing.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::request::Parts;
use axum::http::{HeaderMap, Version, header};

/// The address at the other end of the connection; put into every request by `serve`.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Headers that only a proxy adds: with one of them the peer's address says nothing about the person.
const FORWARDING: [&str; 12] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-host",
    "true-client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "client-ip",
    "cdn-loop",
    "x-envoy-external-address",
];

/// True only for a person or program on this machine who spoke to us directly: the peer is loopback, the
/// Host header names loopback (so no rebound DNS name), and no proxy left a trace. HTTP/1.0 is a trace:
/// proxies of that age speak it and add no header.
#[must_use]
pub fn is_local(parts: &Parts) -> bool {
    let peer = parts.extensions.get::<Peer>();
    let peer_is_loopback = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    peer_is_loopback
        && parts.version >= Version::HTTP_11
        && host(parts).is_some_and(names_loopback)
        && !forwarded(&parts.headers)
}

fn forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        FORWARDING.contains(&name) || name.starts_with("x-forwarded") || name.starts_with("cf-")
    })
}

/// The one Host header; `None` when there is none or several, or an absolute target names another.
pub(super) fn host(parts: &Parts) -> Option<&str> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    let target_agrees = parts.uri.authority().is_none_or(|authority| authority.as_str() == host);
    (hosts.next().is_none() && target_agrees).then_some(host)
}

fn names_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) if port.is_empty() || is_port(port) => return name == "::1",
            _ => return false,
        },
        None => {
            host.split_once(':').map_or(Some(host), |(name, _)| is_port(&host[name.len()..]).then_some(name))
        }
    };
    name.is_some_and(|name| name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1")
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':')
        .is_some_and(|port| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// May this request change something? Not when a browser says that another site made it.
#[must_use]
pub fn is_same_site(parts: &Parts) -> bool {
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let fetch_site_fits = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let origin_fits = text("origin").is_none_or(|origin| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some() && authority == host(parts)
    });
    fetch_site_fits && origin_fits
}

/// The proxy in front says that the person speaks https: the cookie may insist on it.
pub(crate) fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// What the login throttle knows a caller by: the peer, or what a proxy on this machine says. Of IPv6 the first
/// half: the rest is for anybody to choose who has one address.
pub(crate) fn caller(parts: &Parts) -> String {
    let Some(peer) = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical()) else {
        return "unknown".to_owned();
    };
    let nearest = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let nearest = nearest.and_then(|value| value.to_str().ok()).and_then(|list| list.rsplit(',').next());
    match nearest.map(str::trim) {
        Some(behind) if peer.is_loopback() && behind.len() <= 64 => match behind.parse::<IpAddr>() {
            Ok(address) => network(address.to_canonical()),
            Err(_) => behind.to_owned(),
        },
        _ => network(peer),
    }
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        IpAddr::V4(four) => four.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(peer: &str, headers: &[(&str, &str)]) -> Parts {
        let mut builder = Request::builder().uri("/").extension(Peer(peer.parse().expect("an address")));
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_caller_is_an_address_or_a_network_of_them() {
        let behind = |value: &'static str| ("x-forwarded-for", value);
        for (peer, headers, known_as) in [
            ("203.0.113.7:9", vec![], "203.0.113.7"),
            ("203.0.113.7:9", vec![behind("198.51.100.1")], "203.0.113.7"),
            ("127.0.0.1:9", vec![behind("10.0.0.1, 198.51.100.1")], "198.51.100.1"),
            ("127.0.0.1:9", vec![behind("unknown")], "unknown"),
            ("[2001:db8:1:2:3:4:5:6]:9", vec![], "2001:db8:1:2::/64"),
            ("[::1]:9", vec![behind("2001:db8:1:2:ffff::1")], "2001:db8:1:2::/64"),
            ("[::ffff:203.0.113.7]:9", vec![], "203.0.113.7"),
        ] {
            assert_eq!(caller(&parts(peer, &headers)), known_as, "{peer} {headers:?}");
        }
    }

    #[test]
    fn only_a_direct_caller_on_this_machine_is_local() {
        let here = "127.0.0.1:50000";
        for host in ["localhost", "LOCALHOST:4242", "127.0.0.1", "127.0.0.1:4242", "[::1]", "[::1]:4242"] {
            assert!(is_local(&parts(here, &[("host", host)])), "{host}");
        }
        for host in ["example.com", "localhost.example.com", "127.0.0.1.nip.io", "localhost:x", "[::1]x", ""]
        {
            assert!(!is_local(&parts(here, &[("host", host)])), "{host}");
        }
        assert!(is_local(&parts("[::ffff:127.0.0.1]:1", &[("host", "localhost")])));
        assert!(!is_local(&parts("10.0.0.9:50000", &[("host", "localhost")])));
        assert!(!is_local(&parts(here, &[])));
        assert!(!is_local(&parts(here, &[("host", "localhost"), ("host", "localhost")])));
        for name in ["forwarded", "via", "x-forwarded-for", "X-Forwarded-Proto", "x-real-ip", "cf-ray"] {
            assert!(!is_local(&parts(here, &[("host", "localhost"), (name, "x")])), "{name}");
        }
        let mut old = parts(here, &[("host", "127.0.0.1:4242")]);
        old.version = Version::HTTP_10;
        assert!(!is_local(&old), "an old proxy that adds no headers");
    }

    #[test]
    fn another_sites_page_may_not_change_anything() {
        let here = "127.0.0.1:50000";
        let host = ("host", "localhost:4242");
        assert!(is_same_site(&parts(here, &[host])));
        assert!(is_same_site(&parts(here, &[host, ("origin", "http://localhost:4242")])));
        assert!(is_same_site(&parts(here, &[host, ("sec-fetch-site", "same-origin")])));
        for origin in
            ["null", "http://evil.example", "http://localhost", "localhost:4242", "http://localhost:1"]
        {
            assert!(!is_same_site(&parts(here, &[host, ("origin", origin)])), "{origin}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert!(!is_same_site(&parts(here, &[host, ("sec-fetch-site", site)])), "{site}");
        }
    }
}
