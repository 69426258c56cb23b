//! Which URLs may be named as a destination, and which addresses are ever dialled (`DESIGN 7`,
//! `CATALOGUE F` and its section 4).
//!
//! Naming is judged here when a URL is saved and again before each request; the addresses that a
//! name leads to are judged when it is resolved ([`is_public`]), because names can change their mind.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::{Host, Url};

/// The longest URL, in bytes.
pub const LONGEST: usize = 2_048;
/// Ports that may be dialled.
const PORTS: [u16; 3] = [443, 80, 8443];
/// Endings of names that lead inside a network.
const LOCAL_ENDINGS: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "onion",
    "test",
    "invalid",
];

/// A destination, in its canonical spelling. It was allowed when it was parsed; whether it still is
/// is asked again before each request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetUrl(Url);

/// What a workspace and a deployment allow.
#[derive(Debug, Clone, Copy, Default)]
pub struct UrlRules<'r> {
    /// Whether `http` may be named.
    pub plain_http: bool,
    /// Our own names: the API's and every custom domain's (`CATALOGUE OF-06`).
    pub own_hosts: &'r [String],
    /// Names that may lead anywhere, on any port and without TLS: the local host's own inbox. A
    /// deployment names none.
    pub exempt_hosts: &'r [String],
}

/// Why a URL may not be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is not an absolute URL of an allowed scheme, or holds what does not belong there.
    #[error("not an allowed URL")]
    NotAllowed,
    /// It leads to an address or a name inside a network, or to ourselves.
    #[error("leads to a forbidden address")]
    Forbidden,
}

impl TargetUrl {
    /// Reads a URL that a person or a row names.
    pub fn parse(text: &str, rules: &UrlRules<'_>) -> Result<Self, BadUrl> {
        // The parser drops tabs and line ends, and a backslash becomes a slash: not guessed at here.
        let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || is_direction(c);
        if text.len() > LONGEST || text.chars().any(odd) || !has_authority(text) {
            return Err(BadUrl::NotAllowed);
        }
        let url = Url::parse(text).map_err(|_| BadUrl::NotAllowed)?;
        let this = Self(url);
        this.check(rules)?;
        Ok(this)
    }

    /// Whether it may be named under these rules.
    pub fn check(&self, rules: &UrlRules<'_>) -> Result<(), BadUrl> {
        let url = &self.0;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BadUrl::NotAllowed);
        }
        let exempt = url.host_str().is_some_and(|host| names(rules.exempt_hosts, host));
        match url.host() {
            Some(Host::Domain(name)) if exempt => allowed_characters(name)?,
            Some(Host::Domain(name)) => check_name(name, rules)?,
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(BadUrl::Forbidden),
            None => return Err(BadUrl::NotAllowed),
        }
        let secure = url.scheme() == "https" || rules.plain_http || exempt;
        let plain = url.username().is_empty() && url.password().is_none();
        let port = url.port_or_known_default();
        let port = exempt || port.is_some_and(|port| PORTS.contains(&port));
        if secure && plain && port && url.fragment().is_none() {
            Ok(())
        } else {
            Err(BadUrl::NotAllowed)
        }
    }

    /// The parsed URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The first 32 hexadecimal digits of its SHA-256: what failures by URL are counted under.
    pub fn fingerprint(&self) -> String {
        let digest = hex::encode(Sha256::digest(self.0.as_str()));
        digest.chars().take(32).collect()
    }
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// `https://` and `http://` with both slashes; the parser would make up what is missing.
fn has_authority(text: &str) -> bool {
    let rest = text.split_once("://").map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#']))
}

/// Characters that turn the direction of what follows, or are not seen at all.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a list names a host; an entry that begins with a full stop names every host under it.
pub fn names(list: &[String], host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    list.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        if name.starts_with('.') {
            host.len() > name.len() && host.ends_with(&name)
        } else {
            host == name
        }
    })
}

fn check_name(name: &str, rules: &UrlRules<'_>) -> Result<(), BadUrl> {
    allowed_characters(name)?;
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let local = LOCAL_ENDINGS
        .iter()
        .any(|end| name == *end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')));
    let own = rules.own_hosts.iter().any(|own| own.eq_ignore_ascii_case(&name));
    // Numbers that the parser did not read as an address (`1.2.3.4.5`) are nobody's name either.
    let numeric =
        name.rsplit('.').next().is_some_and(|end| end.bytes().all(|b| b.is_ascii_digit()));
    if local || own || numeric || !name.contains('.') {
        return Err(BadUrl::Forbidden);
    }
    Ok(())
}

/// What a name is made of once the parser has turned it into ASCII.
fn allowed_characters(name: &str) -> Result<(), BadUrl> {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let parts = name.trim_end_matches('.').split('.').all(|part| (1..=63).contains(&part.len()));
    if name.len() <= 253 && parts && name.bytes().all(good) {
        Ok(())
    } else {
        Err(BadUrl::NotAllowed)
    }
}

/// Whether an address may be dialled.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let forbidden = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !forbidden
}

/// Only `2000::/3`, less what carries another address or is for examples.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = a & 0xe000 == 0x2000;
    let special =
        (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    global && !special
}

#[cfg(test)]
#[path = "target_url_tests.rs"]
mod tests;
