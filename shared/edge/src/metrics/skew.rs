//! Is our clock right? Signatures outward carry its time, and receivers refuse what is minutes off
//! (`CATALOGUE OU-19`). Every answer of AWS says what time it is there.

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::BeforeDeserializationInterceptorContextRef,
    },
    error::BoxError,
};
use jiff::{Timestamp, fmt::rfc2822};

use super::{Metric, Metrics};
use crate::clock::Clock;

/// What is still put down to whole seconds, to the way and to a slow answer.
const ALLOWED_SECONDS: u64 = 60;

/// Compares our clock with the `Date` of each answer; what is too far off becomes a metric and a line.
#[derive(Debug)]
pub struct Skew {
    /// Where it is noted.
    pub metrics: Metrics,
    /// Our clock.
    pub clock: Clock,
}

impl Intercept for Skew {
    fn name(&self) -> &'static str {
        "Skew"
    }

    fn read_before_deserialization(
        &self,
        call: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = call.response().headers().get("date");
        let there = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
        let off = there.map_or(0, |there| seconds_between(self.clock.now(), there));
        if off > ALLOWED_SECONDS {
            self.metrics.add(Metric::ClockSkewSeconds, off);
            tracing::error!(clock.skew_seconds = off, "this machine's clock is off");
        }
        Ok(())
    }
}

fn seconds_between(here: Timestamp, there: Timestamp) -> u64 {
    here.as_second().abs_diff(there.as_second())
}
