//! Rules for the URLs of endpoints and for the addresses that are ever dialled (`DESIGN 7`,
//! `CATALOGUE F` and its section 4).
//!
//! A URL is checked when it is saved and again before each request. The addresses of its host are
//! checked when the name is resolved ([`is_public`]), because DNS records can change.

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
/// Endings of host names that belong to a private network.
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

/// A target URL, in its canonical spelling. It was allowed when it was parsed, and is checked again
/// before each request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetUrl(Url);

/// The rules of a workspace and a deployment.
#[derive(Debug, Clone, Copy, Default)]
pub struct UrlRules<'r> {
    /// `true` allows `http`.
    pub plain_http: bool,
    /// Gancho's own host names: the API's and every custom domain's (`CATALOGUE OF-06`).
    pub own_hosts: &'r [String],
    /// Host names that are exempt from the rules for names, ports and TLS: the inbox of the local
    /// host. A deployment has none.
    pub exempt_hosts: &'r [String],
}

/// The reason why a URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is not an absolute URL of an allowed scheme, or has a part that is not allowed.
    #[error("not an allowed URL")]
    NotAllowed,
    /// It leads to an address or a name inside a private network, or to Gancho itself.
    #[error("leads to a forbidden address")]
    Forbidden,
}

impl TargetUrl {
    /// Parses a URL from a request or a row.
    pub fn parse(text: &str, rules: &UrlRules<'_>) -> Result<Self, BadUrl> {
        // The URL parser drops tabs and line ends and reads a backslash as a slash: refused here.
        let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || is_direction(c);
        if text.len() > LONGEST || text.chars().any(odd) || !has_authority(text) {
            return Err(BadUrl::NotAllowed);
        }
        let url = Url::parse(text).map_err(|_| BadUrl::NotAllowed)?;
        let this = Self(url);
        this.check(rules)?;
        Ok(this)
    }

    /// Checks it against these rules.
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

    /// The first 32 hexadecimal digits of its SHA-256, the key of failures that count by URL.
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

/// `true` for a scheme with both slashes; the URL parser would add missing ones.
fn has_authority(text: &str) -> bool {
    let rest = text.split_once("://").map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#']))
}

/// `true` for characters that change the direction of text, or are invisible.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `true` if a list names a host. An entry that begins with a full stop names every host under it.
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
    // Numbers that the URL parser does not read as an address (`1.2.3.4.5`) are no names either.
    let numeric =
        name.rsplit('.').next().is_some_and(|end| end.bytes().all(|b| b.is_ascii_digit()));
    if local || own || numeric || !name.contains('.') {
        return Err(BadUrl::Forbidden);
    }
    Ok(())
}

/// Checks the characters of a name after the URL parser converted it to ASCII.
fn allowed_characters(name: &str) -> Result<(), BadUrl> {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let parts = name.trim_end_matches('.').split('.').all(|part| (1..=63).contains(&part.len()));
    if name.len() <= 253 && parts && name.bytes().all(good) {
        Ok(())
    } else {
        Err(BadUrl::NotAllowed)
    }
}

/// `true` if an address may be dialled.
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

/// `true` within `2000::/3`, except for networks that embed another address or are for examples.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = a & 0xe000 == 0x2000;
    let special =
        (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests;
