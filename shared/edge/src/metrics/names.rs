//! The list of all metrics: name, unit and dimension. A test compares the names in dashboards and
//! alarms with this list.

/// The unit of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A count, summed within an invocation.
    Count,
    /// A duration. Each value is kept, so that percentiles are exact.
    Milliseconds,
    /// An age in seconds.
    Seconds,
}

impl Unit {
    /// The unit's name in `CloudWatch`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

/// Defines the enum with its names, units and dimensions from one list.
macro_rules! metrics {
    ($($(#[doc = $says:literal])+ $name:ident: $unit:ident $(by $dimension:literal)?;)+) => {
        /// A metric. Its name in `CloudWatch` is its name here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Metric { $($(#[doc = $says])+ $name,)+ }

        impl Metric {
            /// Every metric.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// Its unit.
            pub fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }

            /// Its own dimension, in addition to [`STAGE`].
            pub fn dimension(self) -> Option<&'static str> {
                match self { $(Self::$name => None $(.or(Some($dimension)))?,)+ }
            }
        }
    };
}

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Gancho";
/// The dimension that every metric has: the stage of the deployment.
pub const STAGE: &str = "Stage";

metrics! {
    /// Webhooks that were stored.
    WebhooksAccepted: Count;
    /// Requests to ingest URLs that did not become a webhook, by the stable code of the response.
    WebhooksRefused: Count by "Code";
    /// Runs that were committed, by result (`success`, `error`).
    WebhooksProcessed: Count by "Status";
    /// From a webhook's arrival to the commit of its first run.
    ProcessingDelay: Milliseconds;
    /// Webhooks that were deferred to the retry queue.
    WebhooksDeferred: Count;
    /// The age of the oldest webhook that the sweep found pending; 0 when there is none.
    OldestPendingSeconds: Seconds;
    /// Events of the stream that were matched against every rule.
    EventsDispatched: Count;
    /// Deliveries that events created.
    DeliveriesMade: Count;
    /// Attempts that were recorded, by class ([`super::class`]).
    Attempts: Count by "Class";
    /// The duration of a request with its response.
    AttemptMilliseconds: Milliseconds;
    /// From a delivery's creation to its success.
    DeliveryDelay: Milliseconds;
    /// Deliveries that reached a terminal state, by state.
    DeliveriesEnded: Count by "State";
    /// Deliveries that became held.
    DeliveriesHeld: Count;
    /// Gates that closed because of failures.
    EndpointsSuspended: Count;
    /// Messages that were re-enqueued from a dead-letter queue.
    DeliveriesRedriven: Count;
    /// The time by which the oldest due timer is overdue; 0 when none is.
    TimerLagSeconds: Seconds;
    /// From the newest record of a batch to the write of its counters.
    TallyLagMilliseconds: Milliseconds;
    /// Calls to AWS that failed after the last attempt.
    StorageUnavailable: Count;
    /// Violations of the console's content security policy that browsers reported.
    CspReports: Count;
    /// The difference between this machine's clock and AWS's, if it is more than a minute.
    ClockSkewSeconds: Seconds;
}
