//! The catalogue of applications that send webhooks, and their icons.

use gancho_domain::{
    common::code::Language,
    crm::mapping::Mapping,
    inbound::{
        applications::{self, Application, Ask, Sample},
        integration::{Action, Dedupe, Method},
        verify::Check,
    },
};
use gancho_edge::{
    http::{Answer, Call, header},
    page::Page,
    problem::ApiError,
    query::Query,
};
use lambda_http::{Body, Response};
use serde::Serialize;

/// An application, with its note in the caller's language.
#[derive(Debug, Serialize)]
struct ApplicationView {
    key: &'static str,
    name: &'static str,
    icon: String,
    verification: &'static [Check<Ask>],
    dedupe: Option<&'static Dedupe>,
    methods: &'static [Method],
    success_status: u16,
    action: Action,
    sniff_json: bool,
    mapping: &'static Mapping,
    sample: &'static Sample,
    note: &'static str,
}

/// `GET /v1/applications`: all applications, the plain webhook first. The list is the same for all
/// workspaces.
pub(crate) fn list(call: &Call) -> Answer {
    Query::of(call, &[])?;
    let language = call.language();
    let view = |application| ApplicationView::of(application, language);
    Page::complete(applications::all().iter().map(view).collect()).answer()
}

impl ApplicationView {
    fn of(application: &'static Application, language: Language) -> Self {
        Self {
            key: &application.key,
            name: &application.name,
            icon: application.icon_path(),
            verification: &application.verification,
            dedupe: application.dedupe.as_ref(),
            methods: &application.methods,
            success_status: application.success_status,
            action: application.action,
            sniff_json: application.sniff_json,
            mapping: &application.mapping,
            sample: &application.sample,
            note: application.note.of(language),
        }
    }
}

/// `GET /v1/applications/{application}/icon`: the drawing, which clients keep for a day. A page that
/// shows it runs and loads nothing from it.
pub(crate) fn icon(call: &Call) -> Answer {
    Query::of(call, &[])?;
    let known = call.path.get("application").and_then(|key| applications::find(key));
    let mut answer =
        Response::new(Body::from(known.ok_or_else(ApiError::not_found)?.icon.as_str()));
    header(&mut answer, "content-type", "image/svg+xml");
    header(&mut answer, "cache-control", "private, max-age=86400");
    header(&mut answer, "x-content-type-options", "nosniff");
    header(
        &mut answer,
        "content-security-policy",
        "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    );
    Ok(answer)
}
