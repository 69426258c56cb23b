use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::IpNet;
use proptest::prelude::*;

use super::*;

/// Allows `http` too, so that the name alone causes a refusal. The strictest workspace allows only
/// `https`.
fn parse(text: &str) -> Result<TargetUrl, BadUrl> {
    let own = ["api.gancho.example".to_owned(), "hooks.example.com".to_owned()];
    TargetUrl::parse(text, &UrlRules { plain_http: true, own_hosts: &own, exempt_hosts: &[] })
}

#[track_caller]
fn forbidden(list: &[&str]) {
    for text in list {
        assert_eq!(parse(text), Err(BadUrl::Forbidden), "{text}");
        let strict = TargetUrl::parse(text, &UrlRules::default());
        assert_eq!(strict, Err(BadUrl::Forbidden), "{text}");
    }
}

#[track_caller]
fn not_allowed(list: &[&str]) {
    for text in list {
        assert_eq!(parse(text), Err(BadUrl::NotAllowed), "{text:?}");
    }
}

#[test]
fn ss_01_a_v4_literal_in_any_spelling_is_forbidden() {
    forbidden(&[
        "http://127.0.0.1",
        "http://127.1",
        "http://2130706433",
        "http://0x7f.1",
        "http://0177.0.0.1",
        "http://0",
        "http://①②⑦.⓪.⓪.①",
        "http://%31%32%37.0.0.1",
        "http://127.0.0.1.",
        "https://127.0.0.1/",
        "https://8.8.8.8/",
    ]);
    not_allowed(&["https://1.2.3.4.5/", "https://256.1.1.1/", "https://example.0x7f/"]);
}

#[test]
fn ss_02_addresses_of_metadata_services_are_forbidden() {
    forbidden(&[
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://169.254.170.2/",
        "http://100.100.100.200/",
        "http://metadata.google.internal/",
    ]);
}

#[test]
fn ss_03_a_v6_literal_in_any_spelling_is_forbidden() {
    for host in [
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "ff02::1",
        "::5efe:7f00:1",
        "2606:4700::1111",
    ] {
        forbidden(&[&format!("http://[{host}]/")]);
        let judged = is_public(IpAddr::from_str(host).unwrap());
        assert_eq!(judged, host == "2606:4700::1111", "{host}");
    }
}

#[test]
fn ss_04_private_names_and_our_own_are_forbidden() {
    forbidden(&[
        "http://localhost",
        "http://LOCALHOST./",
        "https://a.localhost/",
        "https://x.internal/",
        "https://printer.local/",
        "https://intranet/",
        "https://com/",
        "https://a.b.home.arpa/",
    ]);
    for own in [
        "https://api.gancho.example./",
        "https://api.gancho.example/in/x",
        "https://HOOKS.example.com:8443/",
        "https://hooks.example.com./",
    ] {
        assert_eq!(parse(own), Err(BadUrl::Forbidden), "{own}");
    }
    assert!(parse("https://other.example.com/").is_ok());
    assert!(parse("https://notlocalhost.example/").is_ok());
    assert!(parse("https://mylocal.example.org/").is_ok());
}

#[test]
fn ss_09_only_http_and_https_are_allowed() {
    not_allowed(&[
        "gopher://example.com/",
        "file:///etc/passwd",
        "file://example.com/etc/passwd",
        "data:text/plain,x",
        "ftp://example.com/",
        "javascript:alert(1)",
        "ws://example.com/",
        "wss://example.com/",
        "http:/example.com",
        "http:example.com",
        "//example.com",
        "example.com",
        "https://",
        "https:///example.com",
        "https://?q",
        "",
        " https://example.com",
    ]);
    let plain = TargetUrl::parse("http://example.com/", &UrlRules::default());
    assert_eq!(plain, Err(BadUrl::NotAllowed), "http only where the workspace allows");
    assert!(parse("http://example.com/").is_ok());
    assert!(parse("HTTPS://EXAMPLE.com/").is_ok());
}

#[test]
fn ss_10_an_ambiguous_url_is_not_allowed() {
    let long = format!("https://example.com/{}", "a".repeat(LONGEST));
    not_allowed(&[
        "https://a@b.example/",
        "https://a:b@example.com/",
        "https://:b@example.com/",
        "https://good.com\\@evil.example/",
        "https://good.com#@evil.example/",
        "https://example.com/#",
        "https://exa\tmple.com/",
        "https://exa\r\nmple.com/",
        "https://example.com/\0",
        "https://example.com/a b",
        "https://exam\u{202e}ple.com/",
        "https://exam\u{200b}ple.com/",
        "https://ex%00ample.com/",
        "https://ex%2fample.com/",
        &long,
    ]);
    // A homograph is stored and shown in its ASCII form.
    let shown = parse("https://ex\u{430}mple.com/").unwrap();
    assert_eq!(shown.as_str(), "https://xn--exmple-4nf.com/");
    assert_eq!(
        parse("https://EXAMPLE.com:443/A?b=c").unwrap().as_str(),
        "https://example.com/A?b=c"
    );
}

#[test]
fn ss_11_only_three_ports_may_be_dialled() {
    for port in [0, 22, 25, 81, 6379, 8080, 9001, 65535] {
        not_allowed(&[&format!("https://example.com:{port}/")]);
    }
    not_allowed(&[
        "https://example.com:65536/",
        "https://example.com:-1/",
        "https://example.com:x/",
    ]);
    for port in [80, 443, 8443] {
        assert!(parse(&format!("https://example.com:{port}/")).is_ok(), "{port}");
    }
}

#[test]
fn ss_13_the_lambda_runtime_is_forbidden() {
    forbidden(&[
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://169.254.100.1:9001/",
    ]);
    forbidden(&["http://localhost:9001/"]);
}

#[test]
fn ss_07_a_url_from_an_edited_row_is_checked_again() {
    let edited: TargetUrl = serde_json::from_str("\"http://169.254.169.254/\"").unwrap();
    assert_eq!(edited.check(&UrlRules::default()), Err(BadUrl::Forbidden));
    let good: TargetUrl = serde_json::from_str("\"https://example.com/\"").unwrap();
    assert_eq!(good.check(&UrlRules::default()), Ok(()));
}

#[test]
fn an_exempt_host_is_a_name_and_never_an_address() {
    let exempt = ["inbox.gancho.localhost".to_owned(), "127.0.0.1".to_owned()];
    let rules = UrlRules { exempt_hosts: &exempt, ..UrlRules::default() };
    assert!(TargetUrl::parse("http://inbox.gancho.localhost:1234/x", &rules).is_ok());
    let literal = TargetUrl::parse("http://127.0.0.1:1234/", &rules);
    assert_eq!(literal, Err(BadUrl::Forbidden));
    let other = TargetUrl::parse("http://outbox.gancho.localhost:1234/x", &rules);
    assert_eq!(other, Err(BadUrl::Forbidden));
}

/// The list of `CATALOGUE` 4, as it stands there.
const FORBIDDEN: [&str; 29] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/8",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// The expected result by the list; of IPv6 only `2000::/3` is ever public.
fn oracle(address: IpAddr) -> bool {
    let listed = FORBIDDEN.iter().any(|net| IpNet::from_str(net).unwrap().contains(&address));
    let unicast = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(_) => IpNet::from_str("2000::/3").unwrap().contains(&address),
    };
    unicast && !listed
}

/// Addresses in, and just outside, the networks of the list.
fn near() -> impl Strategy<Value = IpAddr> {
    let net = prop::sample::select(FORBIDDEN.to_vec());
    (net, any::<u128>(), -2i8..=2, any::<bool>()).prop_map(|(net, inside, step, edge)| {
        match IpNet::from_str(net).unwrap() {
            IpNet::V4(net) => {
                let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
                let at = if edge { last } else { first };
                let low = u32::try_from(inside & 0xffff_ffff).unwrap();
                let bits = low & u32::from(net.hostmask());
                let inner = if inside & 1 == 0 { at } else { first | bits };
                IpAddr::V4(Ipv4Addr::from(inner.wrapping_add_signed(step.into())))
            }
            IpNet::V6(net) => {
                let (first, last) = (u128::from(net.network()), u128::from(net.broadcast()));
                let at = if edge { last } else { first };
                let bits = inside & u128::from(net.hostmask());
                let inner = if inside & 1 == 0 { at } else { first | bits };
                IpAddr::V6(Ipv6Addr::from(inner.wrapping_add_signed(step.into())))
            }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn ss_03_an_address_is_public_as_the_list_says(address in near()) {
        prop_assert_eq!(is_public(address), oracle(address), "{}", address);
    }

    #[test]
    fn ss_03_any_v4_address_is_public_as_the_list_says(bits: u32) {
        let address = IpAddr::V4(bits.into());
        prop_assert_eq!(is_public(address), oracle(address), "{}", address);
    }

    #[test]
    fn ss_03_any_v6_address_is_public_as_the_list_says(bits: u128, unicast: bool) {
        // Half of them are in the public range.
        let bits = if unicast { (bits >> 3) | (1 << 125) } else { bits };
        let address = IpAddr::V6(bits.into());
        prop_assert_eq!(is_public(address), oracle(address), "{}", address);
    }

    #[test]
    fn ss_10_a_parsed_url_is_canonical_and_parses_to_itself(text in "https?://[ -~é①\u{430}]{1,40}") {
        if let Ok(url) = parse(&text) {
            prop_assert_eq!(parse(url.as_str()), Ok(url));
        }
    }
}

#[test]
fn an_entry_that_begins_with_a_full_stop_names_every_host_under_it() {
    let list = [".gancho.localhost".to_owned(), "Inbox.local".to_owned()];
    let under =
        ["a.gancho.localhost", "A.B.Gancho.LocalHost", "a.gancho.localhost.", "inbox.local"];
    for host in under {
        assert!(names(&list, host), "{host}");
    }
    let others =
        ["gancho.localhost", ".gancho.localhost", "agancho.localhost", "x.inbox.local", ""];
    for host in others {
        assert!(!names(&list, host), "{host}");
    }
}
