//! The JSON of a webhook, in the caller's language.

use std::collections::{BTreeMap, BTreeSet};

use gancho_domain::{
    common::{
        code::{Language, message},
        ids::{IntegrationId, WorkspaceId},
    },
    inbound::{
        applications,
        webhook::{Cause, Received, Remark, Run, Status, status_of},
    },
};
use gancho_edge::problem::ApiError;
use gancho_store::listing::Listed;
use serde_json::{Map, Value, json};

use crate::App;

/// The current names of integrations. A deleted integration has its last name (`FACTS D20`).
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<IntegrationId, Option<String>>);

impl Names {
    /// The names of the integrations of some webhooks.
    pub(crate) async fn of(app: &App, ws: WorkspaceId, items: &[Listed]) -> Result<Self, ApiError> {
        let mut names = Self::default();
        names.learn(app, ws, items.iter().map(|item| &item.received)).await?;
        Ok(names)
    }

    /// Reads the names that are not known yet.
    pub(crate) async fn learn<'a>(
        &mut self,
        app: &App,
        ws: WorkspaceId,
        webhooks: impl Iterator<Item = &'a Received>,
    ) -> Result<(), ApiError> {
        let all: BTreeSet<IntegrationId> = webhooks.map(|it| it.integration).collect();
        let mut reads = Vec::new();
        for id in all.into_iter().filter(|id| !self.0.contains_key(id)) {
            reads.push(present_name(app, ws, id));
        }
        self.0.extend(futures::future::try_join_all(reads).await?);
        Ok(())
    }

    /// The name to show.
    pub(crate) fn name<'a>(&'a self, received: &'a Received) -> &'a str {
        let present = self.0.get(&received.integration).and_then(Option::as_deref);
        present.unwrap_or(&received.integration_name)
    }

    /// A webhook as a list shows it.
    pub(crate) fn item(&self, listed: &Listed, language: Language) -> Value {
        Value::Object(self.summary(&listed.received, &listed.runs, language))
    }

    /// The fields that a list and the details share.
    pub(crate) fn summary(
        &self,
        received: &Received,
        runs: &[Run],
        language: Language,
    ) -> Map<String, Value> {
        let last = runs.last();
        let warnings = last.map_or(&[][..], |run| &run.warnings);
        let summary = json!({
            "id": received.key.webhook,
            "received_at": received.received_at(),
            "application": application(&received.application),
            "integration": { "id": received.integration, "name": self.name(received) },
            "status": status_of(last),
            "active": received.active,
            "method": received.method,
            "size": received.body_size,
            "error": last.and_then(|run| run.failure.as_ref()).map(|it| remark(it, language)),
            "warnings": remarks(warnings, language),
            "contact": last.and_then(|run| run.contact).map(|(id, action)| json!({"id": id, "action": action})),
            "deal": last.and_then(|run| run.deal).map(|(id, action)| json!({"id": id, "action": action})),
            "runs": runs.len(),
            "duplicate_of": last.and_then(|run| run.duplicate_of),
            "expires_at": received.expires_at,
        });
        if let Value::Object(map) = summary { map } else { Map::new() }
    }
}

async fn present_name(
    app: &App,
    ws: WorkspaceId,
    id: IntegrationId,
) -> Result<(IntegrationId, Option<String>), ApiError> {
    if let Some(present) = app.store.integration(ws, id).await? {
        return Ok((id, Some(present.name)));
    }
    let deleted = app.store.deleted(ws, id).await?;
    Ok((id, deleted.map(|deleted| deleted.name)))
}

/// Key, name and icon. An application that left the catalogue is shown by its key.
fn application(key: &str) -> Value {
    match applications::find(key) {
        Some(known) => json!({ "key": key, "name": known.name, "icon": known.icon }),
        None => json!({ "key": key, "name": key, "icon": null }),
    }
}

/// A remark with its localized message.
pub(crate) fn remark(remark: &Remark, language: Language) -> Value {
    json!({
        "code": remark.code,
        "message": message(remark.code, &remark.params, language),
        "params": remark.params,
    })
}

fn remarks(list: &[Remark], language: Language) -> Vec<Value> {
    list.iter().map(|it| remark(it, language)).collect()
}

/// A run as the details show it.
pub(crate) fn run(run: &Run, language: Language) -> Value {
    let cause = match run.cause {
        Cause::Received => json!({ "kind": "received" }),
        Cause::Reprocess => json!({ "kind": "reprocess" }),
        Cause::Job(id) => json!({ "kind": "job", "job": id }),
    };
    json!({
        "number": run.number,
        "previous": run.previous,
        "status": Status::from(run.verdict),
        "cause": cause,
        "error": run.failure.as_ref().map(|it| remark(it, language)),
        "warnings": remarks(&run.warnings, language),
        "contact": run.contact.map(|(id, action)| json!({"id": id, "action": action})),
        "deal": run.deal.map(|(id, action)| json!({"id": id, "action": action})),
        "duplicate_of": run.duplicate_of,
        "mapping_version": run.mapping_version,
        "found_by": run.found_by,
        "finished_at": run.finished_at,
    })
}
