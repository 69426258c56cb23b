//! Log lines and metrics of an invocation. A log line is one JSON object, its fields are dotted by
//! entity with the unit in the name; `infra/docs/LOGS.md` lists them.

use std::{fmt, future::Future, panic::PanicHookInfo};

use futures::future::BoxFuture;
use lambda_runtime::Context;
use serde_json::{Map, Value};
use tracing::{
    Event, Instrument, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter,
        format::{JsonFields, Writer},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
};

use crate::metrics::Metrics;

/// The default log level.
const LEVEL: &str = "info";

/// Starts logging for a function's process. `LOG_LEVEL` or `AWS_LAMBDA_LOG_LEVEL` sets the level.
#[expect(clippy::disallowed_methods, reason = "the level is needed before the settings are read")]
pub fn start() {
    let set = |name: &str| std::env::var(name).ok().filter(|level| !level.is_empty());
    let level = set("LOG_LEVEL").or_else(|| set("AWS_LAMBDA_LOG_LEVEL"));
    start_with(level.as_deref().unwrap_or(LEVEL), std::io::stdout);
    std::panic::set_hook(Box::new(panicked));
}

/// Logs the location of a panic but not its message, which may quote data of a request.
fn panicked(panic: &PanicHookInfo<'_>) {
    tracing::error!(panic.at = panic.location().map(ToString::to_string), "panicked");
}

/// Starts logging to a writer. A second start in one process changes nothing.
pub fn start_with<W>(filter: &str, writer: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    drop(tracing::subscriber::set_global_default(subscriber(filter, writer)));
}

/// The subscriber that writes log lines: the event's fields and those of the invocation, side by
/// side.
///
/// `filter` is a level, or levels by target. A filter by span fields, which nothing here needs,
/// would link a regular expression engine into every function.
fn subscriber<W>(filter: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter.parse().unwrap_or_else(|_| Targets::new().with_default(Level::INFO));
    tracing_subscriber::fmt()
        .with_writer(writer)
        .fmt_fields(JsonFields::new())
        .event_format(Flat)
        .with_max_level(Level::TRACE)
        .finish()
        .with(filter)
}

/// A flat line, so that a query refers to a field by its name alone. The subscriber's own formats
/// nest a span's fields in an object.
struct Flat;

impl<S, N> FormatEvent<S, N> for Flat
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::default();
        line.put("timestamp", crate::clock::Clock::System.now().to_string());
        line.put("level", event.metadata().level().as_str());
        event.record(&mut line);
        if let Some(span) = context.lookup_current()
            && let Some(fields) = span.extensions().get::<FormattedFields<N>>()
            && let Ok(Value::Object(fields)) = serde_json::from_str(&fields.fields)
        {
            line.0.extend(fields);
        }
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// The fields of a line.
#[derive(Default)]
struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }
}

/// Ids as one field of a line, or `None` when there are none.
pub fn list<T: fmt::Display>(ids: &[T]) -> Option<String> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// Runs an invocation's work. Its log lines carry the invocation's id. Its metrics are written when
/// it ends, also by an error, a panic or a time limit that drops it.
pub async fn invocation<F>(metrics: &Metrics, context: &Context, work: F) -> F::Output
where
    F: Future + Send,
{
    let request = &context.request_id;
    let _ends = AtEnd { metrics, request };
    // Boxed: the SDK's futures are nested so deeply already that one level more is too many for
    // the compiler.
    let work: BoxFuture<'_, F::Output> = Box::pin(work);
    // The highest level, so that the span exists at every log level.
    work.instrument(tracing::error_span!("invocation", request.id = %request)).await
}

/// Writes the metrics when it is dropped.
struct AtEnd<'a> {
    metrics: &'a Metrics,
    request: &'a str,
}

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.metrics.write(self.request);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use futures::FutureExt;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        clock::Clock,
        metrics::{Kept, Metric, Sink},
    };

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn read(&self) -> Vec<Value> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    fn gathering() -> (Metrics, Kept, Context) {
        let kept = Kept::default();
        let metrics = Metrics::new("prod", Sink::Kept(kept.clone()), Clock::System);
        let mut context = Context::default();
        context.request_id = "r-1".to_owned();
        (metrics, kept, context)
    }

    #[tokio::test]
    async fn a_line_has_the_events_fields_and_the_invocation_s_id_side_by_side() {
        let (metrics, _, context) = gathering();
        let lines = Lines::default();
        let writer = lines.clone();
        let to = subscriber("warn", move || writer.clone());
        let _set = tracing::subscriber::set_default(to);
        let work = async {
            tracing::warn!(webhook.id = "wh_1", attempt.number = 2, "done");
            tracing::info!("too quiet");
        };
        invocation(&metrics, &context, work).await;
        let [mut line] = lines.read().try_into().unwrap();
        let at = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(at.as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        let expected = json!({
            "level": "WARN", "message": "done",
            "webhook.id": "wh_1", "attempt.number": 2, "request.id": "r-1",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn te_07_a_panic_line_has_the_location_and_not_the_message() {
        let lines = Lines::default();
        let writer = lines.clone();
        let to = subscriber("info", move || writer.clone());
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(panicked));
        let caught = tracing::subscriber::with_default(to, || {
            std::panic::catch_unwind(|| panic!("{}", "the canary of a sender"))
        });
        std::panic::set_hook(before);
        assert!(caught.is_err());
        let line = lines.read().into_iter().find(|line| line["message"] == "panicked").unwrap();
        assert!(line["panic.at"].as_str().unwrap().contains("telemetry.rs:"), "{line}");
        assert!(!line.to_string().contains("canary"), "{line}");
    }

    #[tokio::test]
    async fn metrics_are_written_however_an_invocation_ends() {
        let (metrics, kept, context) = gathering();
        let count = || metrics.one(Metric::StorageUnavailable);
        let failed: Result<(), ()> = invocation(&metrics, &context, async {
            count();
            Err(())
        })
        .await;
        assert_eq!((failed, kept.lines().len()), (Err(()), 1));

        let panics = invocation(&metrics, &context, async {
            count();
            panic!("as it may");
        });
        let caught: std::thread::Result<()> =
            std::panic::AssertUnwindSafe(panics).catch_unwind().await;
        assert!(caught.is_err());
        assert_eq!(kept.lines().len(), 2);

        let late = invocation(&metrics, &context, async {
            count();
            std::future::pending::<()>().await;
        });
        assert!(late.now_or_never().is_none(), "dropped, as at a time limit");
        assert_eq!(kept.sum(Metric::StorageUnavailable, None), 3);
        assert_eq!(kept.lines()[2]["request.id"], "r-1");
    }
}
