//! Compares our clock with AWS's, by the `Date` header of each response. Outbound signatures carry
//! our time, and receivers reject one that is minutes off (`CATALOGUE OU-19`).

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

/// The largest difference that rounding, the network and a slow response may explain.
const ALLOWED_SECONDS: u64 = 60;

/// Compares our clock with the `Date` of each response. Records and logs a difference that is too
/// large.
#[derive(Debug)]
pub struct Skew {
    /// The metrics that record the difference.
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
