//! Masking of secrets: in what is stored of a request, and in what is shown of an endpoint
//! (`DESIGN 7`).
//!
//! A secret is detected by its decoded name ([`is_secret`]), and by its value where the value is
//! known. The body of a webhook is stored byte for byte, without masking.

use std::borrow::Cow;

use url::{Url, form_urlencoded};

use super::secret::Secret;

/// The replacement of a secret.
pub const MASK: &str = "***";

/// A name with one of these words is a secret's.
const WORDS: [&str; 22] = [
    "assertion",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "csrf",
    "cvc",
    "cvv",
    "jwt",
    "otp",
    "pass",
    "passphrase",
    "pin",
    "pwd",
    "saml",
    "session",
    "sig",
    "totp",
    "xsrf",
];
/// A name with one of these parts is a secret's, also where its words are not separated.
const PARTS: [&str; 8] =
    ["token", "hottok", "secret", "segredo", "password", "passwd", "senha", "credencia"];
/// A key is a secret if nothing else is said of it, or one of these words is.
const KEYS: [&str; 2] = ["key", "chave"];
const KINDS_OF_KEYS: [&str; 18] = [
    "access",
    "account",
    "acesso",
    "admin",
    "api",
    "app",
    "auth",
    "client",
    "encryption",
    "functions",
    "license",
    "master",
    "private",
    "privada",
    "service",
    "shared",
    "signing",
    "subscription",
];
/// A shorter value may stand anywhere by chance.
const LEAST_VALUE: usize = 8;

/// The secrets of an integration that may stand in its requests.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// The headers and query parameters that hold a secret, whatever their name says.
    pub names: Vec<&'a str>,
    /// Secrets that are masked wherever they stand.
    pub values: Vec<&'a Secret>,
}

/// Returns true if a header or query parameter of this name holds a secret. The name is decoded:
/// `api%5Fkey` is `api_key`.
pub fn is_secret(name: &str) -> bool {
    let name = decoded(name);
    let words = words(&name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let joined = words.concat();
    let is_key = has(&KEYS) && (words.len() == 1 || has(&KINDS_OF_KEYS));
    has(&WORDS)
        || is_key
        || words.iter().any(|word| is_kind_of_key(word))
        || PARTS.iter().any(|part| joined.contains(part))
}

/// Returns true for a kind of key in one word, such as `apikey`.
fn is_kind_of_key(word: &str) -> bool {
    let kind = KEYS.iter().find_map(|key| word.strip_suffix(key));
    kind.is_some_and(|kind| KINDS_OF_KEYS.iter().any(|it| kind.ends_with(it)))
}

/// The words of a name in lower case: `X-Api-Key`, `x_api_key` and `xApiKey` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let begins = letter.is_uppercase() && before.is_lowercase();
        if (begins || !letter.is_alphanumeric()) && words.last().is_some_and(|it| !it.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    // `X-` says nothing of a header.
    let is_said = |at: usize, word: &str| !word.is_empty() && (at > 0 || word != "x");
    words.into_iter().enumerate().filter(|(at, word)| is_said(*at, word)).map(|it| it.1).collect()
}

/// A text without percent-encoding, also where it holds `&` and `=`.
fn decoded(text: &str) -> String {
    let join = |(name, value): (Cow<'_, str>, Cow<'_, str>)| match &*value {
        "" => name.into_owned(),
        value => format!("{name}={value}"),
    };
    form_urlencoded::parse(text.as_bytes()).map(join).collect::<Vec<_>>().join("&")
}

impl Known<'_> {
    fn names(&self, name: &str) -> bool {
        let name = decoded(name);
        is_secret(&name) || self.names.iter().any(|own| own.eq_ignore_ascii_case(&name))
    }

    fn holds(&self, text: &str) -> bool {
        let mut values = self.values.iter().map(|value| value.expose());
        values.any(|value| value.len() >= LEAST_VALUE && text.contains(value))
    }

    /// Masks the secrets in headers; keeps names and order.
    pub fn headers(&self, headers: Vec<(String, String)>) -> Vec<(String, String)> {
        let mask = |(name, value): (String, String)| {
            let is_secret = self.names(&name) || self.holds(&value) || self.holds(&decoded(&value));
            (name, if is_secret { MASK.to_owned() } else { value })
        };
        headers.into_iter().map(mask).collect()
    }

    /// Masks the values of secret parameters in a query; keeps the rest as received.
    pub fn query(&self, query: &str) -> String {
        let mask = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if self.names(name) || self.holds(&decoded(value)) => {
                format!("{name}={MASK}")
            }
            None if self.holds(&decoded(pair)) => MASK.to_owned(),
            Some(_) | None => pair.to_owned(),
        };
        query.split('&').map(mask).collect::<Vec<_>>().join("&")
    }
}

/// The URL with every value of its query masked.
pub fn url(url: &Url) -> String {
    let Some(query) = url.query() else { return url.to_string() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}={MASK}"),
        None if pair.is_empty() => String::new(),
        // A bare word may be the secret itself.
        None => MASK.to_owned(),
    });
    let pairs = pairs.collect::<Vec<_>>().join("&");
    let (before, _) = url.as_str().split_once('?').unwrap_or_default();
    format!("{before}?{pairs}")
}

/// The scheme and the host of a URL. Path and query may hold a secret, and are masked as one.
pub fn host(url: &str) -> String {
    let rest = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at_checked(rest).unwrap_or(("", url));
    match rest.split_once(['/', '?']) {
        Some((host, more)) if !more.is_empty() => format!("{scheme}{host}/{MASK}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [&str; 67] = [
        "authorization",
        "Proxy-Authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "hottok",
        "X-Hotmart-Hottok",
        "token",
        "access_token",
        "accessToken",
        "ACCESS-TOKEN",
        "accesstoken",
        "refresh_token",
        "id_token",
        "x-auth-token",
        "X-Gitlab-Token",
        "bot_token",
        "verify_token",
        "secret",
        "client_secret",
        "clientSecret",
        "clientsecret",
        "app-secret",
        "segredo",
        "password",
        "user_password",
        "userpassword",
        "passwd",
        "pwd",
        "pass",
        "passphrase",
        "senha",
        "senha_api",
        "SenhaDoUsuario",
        "apikey",
        "apiKey",
        "api_key",
        "api-key",
        "api.key",
        "api%5Fkey",
        "%61pikey",
        "key",
        "chave",
        "chave_api",
        "chave-de-acesso",
        "x-chave",
        "x-functions-key",
        "x-vtex-api-appkey",
        "X-VTEX-API-AppToken",
        "Ocp-Apim-Subscription-Key",
        "private_key",
        "access_key",
        "accesskey",
        "hapikey",
        "signing_key",
        "license-key",
        "jwt",
        "x-jwt-assertion",
        "bearer",
        "credential",
        "credenciais",
        "auth",
        "x-auth",
        "session",
        "x-csrf-token",
        "sig",
        "otp",
    ];
    const PLAIN: [&str; 24] = [
        "content-type",
        "user-agent",
        "accept",
        "x-github-event",
        "x-github-delivery",
        "x-shopify-topic",
        "idempotency-key",
        "x-idempotency-key",
        "author",
        "authority",
        "keyword",
        "monkey",
        "keys",
        "passo",
        "passenger",
        "compass",
        "x-request-id",
        "traceparent",
        "pedido",
        "order_key",
        "utm_source",
        "fbclid",
        "webhook-signature",
        "x-hub-signature-256",
    ];

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn gd_20_usual_names_of_secrets_are_detected_in_every_spelling_and_no_others() {
        let missed: Vec<_> = SECRET.iter().filter(|name| !is_secret(name)).collect();
        assert_eq!(missed, Vec::<&&str>::new());
        let wrong: Vec<_> = PLAIN.iter().filter(|name| is_secret(name)).collect();
        assert_eq!(wrong, Vec::<&&str>::new());
    }

    #[test]
    fn gd_20_secrets_in_headers_and_query_are_masked_and_nothing_else() {
        let known = Known { names: vec!["X-Mine", "k"], values: Vec::new() };
        let masked = known.headers(pairs(&[
            ("authorization", "Basic abc"),
            ("x-hotmart-hottok", "s3cret"),
            ("x-mine", "s3cret"),
            ("user-agent", "curl"),
        ]));
        let values: Vec<&str> = masked.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, [MASK, MASK, MASK, "curl"]);
        assert_eq!(
            known.query("a=1&token=x%20y&b=%zz&%6B=2&&senh%61=1"),
            "a=1&token=***&b=%zz&%6B=***&&senh%61=***"
        );
    }

    #[test]
    fn gd_21_a_known_secret_is_masked_wherever_it_stands() {
        let secret = Secret::new("canary/1234+5");
        let short = Secret::new("abc");
        let known = Known { names: Vec::new(), values: vec![&secret, &short] };
        let masked = known.headers(pairs(&[
            ("referer", "https://a.example/?x=canary/1234+5"),
            ("x-note", "canary%2F1234%2B5"),
            ("x-link", "https://a.example/?a=1&b=canary%2F1234%2B5"),
            ("x-other", "abcdef"),
        ]));
        let values: Vec<&str> = masked.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, [MASK, MASK, MASK, "abcdef"]);
        assert_eq!(known.query("v=x=canary%2F1234%2B5"), "v=***");
        assert_eq!(known.query("v=canary%2f1234%2b5&abc=1&canary%2F1234%2B5"), "v=***&abc=1&***");
    }

    #[test]
    fn gd_22_a_url_is_shown_without_the_values_of_its_query_or_without_its_path() {
        for (given, without_values, only_host) in [
            ("https://a.example/", "https://a.example/", "https://a.example/"),
            ("https://a.example/T0/B0/x", "https://a.example/T0/B0/x", "https://a.example/***"),
            (
                "https://a.example/?k=v&w&&x=",
                "https://a.example/?k=***&***&&x=***",
                "https://a.example/***",
            ),
        ] {
            assert_eq!(url(&Url::parse(given).unwrap()), without_values);
            assert_eq!(host(given), only_host);
        }
    }
}
