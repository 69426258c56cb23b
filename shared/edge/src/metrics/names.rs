//! Every metric that there is: its name, its unit, and what it is told apart by. Dashboards and
//! alarms name them too; a test holds those names against this list.

/// What the values of a metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many; summed in an invocation.
    Count,
    /// How long; each value is kept, so that percentiles are true.
    Milliseconds,
    /// How old.
    Seconds,
}

impl Unit {
    /// As `CloudWatch` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

/// Makes the list once: the enum, its names, units and dimensions.
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

            /// What it is told apart by, beside [`STAGE`].
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
    /// Requests to ingest URLs that became no webhook, by the stable code of the answer.
    WebhooksRefused: Count by "Code";
    /// Runs that were committed, by what they came to (`success`, `error`).
    WebhooksProcessed: Count by "Status";
    /// From a webhook's arrival to the commit of its first run.
    ProcessingDelay: Milliseconds;
    /// Webhooks that were enqueued into the queue of those to process again.
    WebhooksDeferred: Count;
    /// The age of the oldest webhook that the sweep found pending; 0 when there is none.
    OldestPendingSeconds: Seconds;
    /// Events of the stream that every rule has been asked about.
    EventsDispatched: Count;
    /// Deliveries that events made.
    DeliveriesMade: Count;
    /// Attempts that were written down, by what they came to ([`super::class`]).
    Attempts: Count by "Class";
    /// How long a request and its answer took.
    AttemptMilliseconds: Milliseconds;
    /// From a delivery's making to its success.
    DeliveryDelay: Milliseconds;
    /// Deliveries that reached a terminal state, by it.
    DeliveriesEnded: Count by "State";
    /// Deliveries that began to wait for their endpoint.
    DeliveriesHeld: Count;
    /// Gates that failures closed.
    EndpointsSuspended: Count;
    /// Messages that were enqueued again from a dead-letter queue.
    DeliveriesRedriven: Count;
    /// How long the oldest entry that waits for its time is overdue; 0 when none is.
    TimerLagSeconds: Seconds;
    /// From the newest record of a batch to its counters.
    TallyLagMilliseconds: Milliseconds;
    /// Calls to AWS that failed after every try.
    StorageUnavailable: Count;
    /// How far this machine's clock is from AWS's; only when it is more than a minute.
    ClockSkewSeconds: Seconds;
}
