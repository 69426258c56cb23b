//! Route selection. API Gateway prefers a full match to a greedy one, and an exact method to `ANY`;
//! the remaining requests go to `$default`.

use std::collections::BTreeMap;

use http::Method;

/// A table of routes.
#[derive(Debug, Clone)]
pub struct Routes<T>(Vec<Route<T>>);

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[derive(Debug, Clone)]
struct Route<T> {
    key: String,
    method: Option<String>,
    segments: Vec<Segment>,
    target: T,
}

/// The kinds of routes, in order of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Exact(String),
    One(String),
    Rest(String),
    Anything,
}

/// The path, and the whole key, of the default route.
const DEFAULT: &str = "$default";

/// The route that takes a request.
#[derive(Debug)]
pub struct Found<'a, T> {
    /// `GET /v1/jobs/{job}`.
    pub route_key: &'a str,
    /// The values of the path's variables.
    pub parameters: BTreeMap<String, String>,
    /// Its target.
    pub target: &'a T,
}

impl<T> Routes<T> {
    /// Adds a route: `GET` or `ANY`, and a path with `{variables}` or a greedy `{rest+}`, or
    /// `$default`.
    pub fn add(&mut self, method: &str, path: &str, target: T) {
        let method = method.to_ascii_uppercase();
        let key = if path == DEFAULT { DEFAULT.to_owned() } else { format!("{method} {path}") };
        let exact = (method != "ANY").then_some(method);
        self.0.push(Route { key, method: exact, segments: segments(path), target });
        self.0.sort_by_key(Route::rank);
    }

    /// The route for a method and a decoded path.
    pub fn find(&self, method: &Method, path: &str) -> Option<Found<'_, T>> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        self.0.iter().filter(|route| route.takes(method)).find_map(|route| {
            let parameters = capture(&route.segments, &parts)?;
            Some(Found { route_key: &route.key, parameters, target: &route.target })
        })
    }

    /// The keys of all routes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|route| route.key.as_str())
    }
}

impl<T> Route<T> {
    fn takes(&self, method: &Method) -> bool {
        self.method.as_ref().is_none_or(|own| own == method.as_str())
    }

    fn rank(&self) -> (bool, Vec<u8>, bool) {
        let greedy = |segment: &Segment| matches!(segment, Segment::Rest(_) | Segment::Anything);
        let greedy = self.segments.iter().any(greedy);
        let kinds = self.segments.iter().map(|segment| match segment {
            Segment::Exact(_) => 0,
            Segment::One(_) => 1,
            Segment::Rest(_) => 2,
            Segment::Anything => 3,
        });
        (greedy, kinds.collect(), self.method.is_none())
    }
}

fn segments(path: &str) -> Vec<Segment> {
    if path == DEFAULT {
        return vec![Segment::Anything];
    }
    let segment = |part: &str| {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            return Segment::Exact(part.to_owned());
        };
        match name.strip_suffix('+') {
            Some(name) => Segment::Rest(name.to_owned()),
            None => Segment::One(name.to_owned()),
        }
    };
    path.trim_start_matches('/').split('/').map(segment).collect()
}

fn capture(segments: &[Segment], parts: &[&str]) -> Option<BTreeMap<String, String>> {
    let mut captured = BTreeMap::new();
    let mut parts = parts.iter();
    for segment in segments {
        let part = *parts.next()?;
        match segment {
            Segment::Exact(text) if text == part => {}
            Segment::One(name) if !part.is_empty() => {
                captured.insert(name.clone(), part.to_owned());
            }
            Segment::Rest(name) if !part.is_empty() => {
                let rest: Vec<&str> =
                    std::iter::once(part).chain(parts.by_ref().copied()).collect();
                captured.insert(name.clone(), rest.join("/"));
            }
            Segment::Anything => return Some(captured),
            Segment::Exact(_) | Segment::One(_) | Segment::Rest(_) => return None,
        }
    }
    parts.next().is_none().then_some(captured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes<&'static str> {
        let mut routes = Routes::default();
        for (method, path, target) in [
            ("ANY", "/v1/{proxy+}", "rest"),
            ("ANY", "/in/{token}", "ingest"),
            ("GET", "/v1/origins/{origin}/webhooks/{webhook}", "show"),
            ("GET", "/v1/origins/{origin}/webhooks", "list"),
            ("ANY", "/v1/jobs/{job}", "any job"),
            ("GET", "/v1/jobs/{job}", "job"),
            ("GET", "/v1/jobs/all", "all jobs"),
        ] {
            routes.add(method, path, target);
        }
        routes
    }

    fn target(method: &Method, path: &str) -> Option<&'static str> {
        routes().find(method, path).map(|found| *found.target)
    }

    #[test]
    fn a_full_match_goes_before_a_greedy_one_and_a_method_before_any() {
        assert_eq!(target(&Method::GET, "/v1/jobs/all"), Some("all jobs"));
        assert_eq!(target(&Method::GET, "/v1/jobs/7"), Some("job"));
        assert_eq!(target(&Method::HEAD, "/v1/jobs/7"), Some("any job"));
        assert_eq!(target(&Method::DELETE, "/v1/origins/o/webhooks"), Some("rest"));
        assert_eq!(target(&Method::OPTIONS, "/in/x"), Some("ingest"));
    }

    #[test]
    fn a_path_without_a_route_is_not_found() {
        for path in ["/", "/v1", "/v1/", "/in", "/in/", "/in/a/", "/in/a/b", "/other"] {
            assert_eq!(target(&Method::GET, path), None, "{path}");
        }
    }

    #[test]
    fn a_path_without_another_route_goes_to_the_default_one() {
        let mut routes = routes();
        routes.add("ANY", "$default", "default");
        routes.add("OPTIONS", "/{proxy+}", "preflight");
        let key = |method: &Method, path: &str| routes.find(method, path).unwrap().route_key;
        assert_eq!(key(&Method::GET, "/v1/jobs/7"), "GET /v1/jobs/{job}");
        assert_eq!(key(&Method::GET, "/v1/nothing"), "ANY /v1/{proxy+}");
        for path in ["/", "/v1", "/in/a/b", "/other"] {
            assert_eq!(key(&Method::GET, path), "$default", "{path}");
        }
        assert_eq!(key(&Method::OPTIONS, "/other/one"), "OPTIONS /{proxy+}");
        assert_eq!(key(&Method::OPTIONS, "/in/x"), "ANY /in/{token}");
    }

    #[test]
    fn variables_are_captured() {
        let routes = routes();
        let found = routes.find(&Method::GET, "/v1/origins/o 1/webhooks/w").unwrap();
        assert_eq!(found.route_key, "GET /v1/origins/{origin}/webhooks/{webhook}");
        assert_eq!(found.parameters["origin"], "o 1");
        let found = routes.find(&Method::POST, "/v1/a/b//c").unwrap();
        assert_eq!(found.parameters["proxy"], "a/b//c");
    }
}
