//! The log line and the metrics of a committed run.

use gancho_domain::{
    common::ids::EventId,
    inbound::webhook::{Received, Run, Verdict},
};
use gancho_edge::{metrics::Metric, telemetry};

use crate::App;

/// Logs and counts a run that was just committed with its events.
pub(crate) fn committed(app: &App, received: &Received, (run, events): (&Run, &[EventId])) {
    let metrics = &app.deps.metrics;
    metrics.one_by(Metric::WebhooksProcessed, word(run.verdict));
    let waited = app.deps.clock.now().duration_since(received.received_at());
    if run.number == 1 {
        metrics.add(Metric::ProcessingDelay, waited.as_millis());
    }
    tracing::info!(
        workspace.id = %received.key.workspace,
        integration.id = %received.integration,
        webhook.id = %received.key.webhook,
        run.number = run.number,
        run.status = word(run.verdict),
        error.code = run.failure.as_ref().map(|failure| failure.code.as_str()),
        event.ids = telemetry::list(events),
        "webhook processed"
    );
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Success => "success",
        Verdict::Error => "error",
    }
}
