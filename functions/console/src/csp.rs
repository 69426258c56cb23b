//! Reports about the content security policy. Browsers send them by themselves; nothing of a report
//! is trusted or stored. The page's address is not logged: it may hold what a person searched for.

use gancho_edge::{
    http::{Answer, no_content},
    metrics::Metric,
};
use lambda_http::Request;
use serde::Deserialize;
use url::Url;

use crate::{App, request};

/// The directives of the policy. Others are not logged by name: a report may hold any text.
const DIRECTIVES: &[&str] = &[
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "worker-src",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "img-src",
    "font-src",
    "connect-src",
    "form-action",
    "frame-ancestors",
    "base-uri",
    "require-trusted-types-for",
    "trusted-types",
];

#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(rename = "csp-report")]
    report: Report,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Report {
    effective_directive: String,
    violated_directive: String,
    #[serde(rename = "blocked-uri")]
    blocked: String,
    #[serde(rename = "source-file")]
    source: String,
}

/// `POST /console/csp`.
pub(crate) fn report(app: &App, request: &Request) -> Answer {
    request::small(request)?;
    let report = serde_json::from_slice::<Envelope>(request.body());
    let report = report.map(|envelope| envelope.report).unwrap_or_default();
    if let Some(directive) = report.directive().filter(|_| !report.is_of_an_extension()) {
        app.deps.metrics.one(Metric::CspReports);
        let host = report.blocked_host();
        tracing::warn!(csp.directive = directive, csp.blocked_host = host, "policy violated");
    }
    Ok(no_content())
}

impl Report {
    fn directive(&self) -> Option<&'static str> {
        let all = [&self.effective_directive, &self.violated_directive];
        let named = all.into_iter().find(|text| !text.is_empty())?;
        let name = named.split_whitespace().next().unwrap_or_default();
        Some(DIRECTIVES.iter().find(|known| **known == name).copied().unwrap_or("other"))
    }

    /// Extensions of browsers put things into pages; the policy stops them, and that is no fault.
    fn is_of_an_extension(&self) -> bool {
        [&self.blocked, &self.source].into_iter().any(|text| {
            let scheme = text.split(':').next().unwrap_or_default();
            scheme.ends_with("-extension") || scheme.ends_with("-web-extension")
        })
    }

    /// The host of the blocked address, or the word that browsers send instead of one.
    fn blocked_host(&self) -> String {
        let words = ["inline", "eval", "wasm-eval", "self", "data", "blob", "trusted-types-sink"];
        if let Some(word) = words.into_iter().find(|word| *word == self.blocked) {
            return word.to_owned();
        }
        let url = Url::parse(&self.blocked).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("other");
        host.chars().take(100).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Report {
        serde_json::from_str::<Envelope>(text).unwrap().report
    }

    #[test]
    fn of_a_report_the_directive_and_the_host_are_read() {
        let report = read(
            r#"{"csp-report": {"document-uri": "https://a/console/w/ws_1?q=ana", "blocked-uri":
            "https://evil.example/x?ana", "effective-directive": "script-src-elem"}}"#,
        );
        assert_eq!(report.directive(), Some("script-src-elem"));
        assert_eq!(report.blocked_host(), "evil.example");
        let report = read(
            r#"{"csp-report": {"violated-directive": "style-src-attr 'none'",
            "blocked-uri": "inline"}}"#,
        );
        assert_eq!(
            (report.directive(), report.blocked_host().as_str()),
            (Some("style-src-attr"), "inline")
        );
        let report =
            read(r#"{"csp-report": {"violated-directive": "a\nb", "blocked-uri": "x y"}}"#);
        assert_eq!((report.directive(), report.blocked_host().as_str()), (Some("other"), "other"));
        assert_eq!(read(r#"{"csp-report": {}}"#).directive(), None);
    }

    #[test]
    fn what_an_extension_of_the_browser_does_is_not_counted() {
        for scheme in ["chrome-extension", "moz-extension", "safari-web-extension"] {
            let text = format!(r#"{{"csp-report": {{"source-file": "{scheme}://x/a.js"}}}}"#);
            assert!(read(&text).is_of_an_extension(), "{scheme}");
        }
        assert!(!read(r#"{"csp-report": {"blocked-uri": "https://x"}}"#).is_of_an_extension());
    }
}
