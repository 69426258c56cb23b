//! The paths of the console. `tests/layout/api.rs` compares [`DESCRIBED`] with `infra/openapi.yaml`.

/// The target of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'a> {
    /// `GET /`.
    Home,
    /// `GET /console`.
    Redirect,
    /// Every page: the application reads the path itself.
    Page,
    /// A file below `/console/assets/`.
    Asset(&'a str),
    /// `GET /console/session`.
    ShowSession,
    /// `POST /console/session`.
    SignIn,
    /// `DELETE /console/session`.
    SignOut,
    /// `POST /console/session/token`.
    CreateToken,
    /// `GET /console/sessions`.
    ListSessions,
    /// `DELETE /console/sessions/{session}`.
    EndSession(&'a str),
    /// `POST /console/csp`.
    ReportViolation,
    /// A known path with another method; these are its methods, as `Allow` names them.
    OtherMethod(&'static str),
}

/// The operations of the description: method, path and operation id.
pub const DESCRIBED: &[(&str, &str, &str)] = &[
    ("GET", "/console/session", "showSession"),
    ("POST", "/console/session", "signIn"),
    ("DELETE", "/console/session", "signOut"),
    ("POST", "/console/session/token", "createSessionToken"),
    ("GET", "/console/sessions", "listSessions"),
    ("DELETE", "/console/sessions/{session}", "endSession"),
    ("POST", "/console/csp", "reportViolation"),
];

impl<'a> Route<'a> {
    /// The target of a request with this method and decoded path.
    pub fn of(method: &str, path: &'a str) -> Self {
        let reads = matches!(method, "GET" | "HEAD");
        match (method, path) {
            ("GET", "/console/session") => Self::ShowSession,
            ("POST", "/console/session") => Self::SignIn,
            ("DELETE", "/console/session") => Self::SignOut,
            (_, "/console/session") => Self::OtherMethod("GET, POST, DELETE"),
            ("POST", "/console/session/token") => Self::CreateToken,
            ("GET", "/console/sessions") => Self::ListSessions,
            (_, "/console/sessions") => Self::OtherMethod("GET"),
            ("POST", "/console/csp") => Self::ReportViolation,
            (_, "/console/session/token" | "/console/csp") => Self::OtherMethod("POST"),
            (_, path) => match path.strip_prefix("/console/sessions/") {
                Some(id) if method == "DELETE" => Self::EndSession(id),
                Some(_) => Self::OtherMethod("DELETE"),
                None if !reads => Self::OtherMethod("GET, HEAD"),
                None => Self::read(path),
            },
        }
    }

    fn read(path: &'a str) -> Self {
        match path {
            "/" => Self::Home,
            "/console" => Self::Redirect,
            "/console/assets" => Self::Asset(""),
            path => path.strip_prefix("/console/assets/").map_or(Self::Page, Self::Asset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_that_is_not_an_operation_or_a_file_is_a_page() {
        for path in ["/console/", "/console/w/ws_1/origins", "/console/sign-in", "/console/%2e"] {
            assert_eq!(Route::of("GET", path), Route::Page, "{path}");
            assert_eq!(Route::of("HEAD", path), Route::Page, "{path}");
            assert_eq!(Route::of("POST", path), Route::OtherMethod("GET, HEAD"), "{path}");
        }
        assert_eq!(Route::of("GET", "/console/assets/a/../b.js"), Route::Asset("a/../b.js"));
        assert_eq!(Route::of("GET", "/console/assets/"), Route::Asset(""));
        assert_eq!(Route::of("DELETE", "/console/sessions/ses_1"), Route::EndSession("ses_1"));
        assert_eq!(Route::of("OPTIONS", "/console/csp"), Route::OtherMethod("POST"));
    }

    #[test]
    fn every_described_operation_has_its_own_target() {
        let targets = DESCRIBED.iter().map(|(method, path, _)| Route::of(method, path));
        for target in targets {
            assert!(!matches!(target, Route::Page | Route::OtherMethod(_)), "{target:?}");
        }
    }
}
