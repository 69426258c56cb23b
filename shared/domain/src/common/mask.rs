//! Masking of secrets in headers and in the query before a request is stored (`DESIGN 7`).
//!
//! Secrets are detected by name, in lower case. The body is stored byte for byte, without masking.

/// The replacement of a secret.
pub const MASK: &str = "***";

const NAMES: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "hottok"];
const PARTS: [&str; 7] = ["token", "hottok", "secret", "password", "passwd", "api-key", "api_key"];

/// Returns true if a header or query parameter of this name holds a secret. `extra` lists the
/// names that the integration's checks read their secrets from.
pub fn is_secret(name: &str, extra: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str())
        || PARTS.iter().any(|part| name.contains(part))
        || extra.iter().any(|own| own.eq_ignore_ascii_case(&name))
}

/// Masks the secrets in headers; keeps names and order.
pub fn headers(headers: Vec<(String, String)>, extra: &[&str]) -> Vec<(String, String)> {
    let mask = |(name, value): (String, String)| {
        let value = if is_secret(&name, extra) { MASK.to_owned() } else { value };
        (name, value)
    };
    headers.into_iter().map(mask).collect()
}

/// Masks the values of secret parameters in a query; keeps the rest as received.
pub fn query(query: &str, extra: &[&str]) -> String {
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name, extra) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    query.split('&').map(mask).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_headers_and_query_are_masked_and_nothing_else() {
        let given = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        let masked = headers(
            vec![
                given("authorization", "Basic abc"),
                given("x-hotmart-hottok", "s3cret"),
                given("x-mine", "s3cret"),
                given("user-agent", "curl"),
            ],
            &["X-Mine"],
        );
        let values: Vec<&str> = masked.iter().map(|(_, v)| v.as_str()).collect();
        assert_eq!(values, [MASK, MASK, MASK, "curl"]);
        assert_eq!(query("a=1&token=x%20y&b=%zz&k=2&&", &["k"]), "a=1&token=***&b=%zz&k=***&&");
    }
}
