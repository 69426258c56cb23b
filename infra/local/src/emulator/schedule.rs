//! Schedules: `rate(1 hour)` by the host's clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use serde_json::Value;
use tokio::runtime::Handle;

use crate::emulator::{
    activity::Activity, clock::HostClock, error::HostError, lambda::Lambda,
    template::ScheduleProperties,
};

/// A schedule of the template.
#[derive(Debug)]
pub struct Schedule {
    name: String,
    period: i64,
    event: Value,
    lambda: Arc<Lambda>,
    clock: HostClock,
    activity: Activity,
    due: AtomicI64,
}

impl Schedule {
    /// A schedule that is first due one period from now.
    pub fn new(
        name: &str,
        properties: &ScheduleProperties,
        lambda: Arc<Lambda>,
        clock: HostClock,
        activity: Activity,
    ) -> Result<Arc<Self>, HostError> {
        let fault = || HostError::Template(format!("{name}: {}", properties.schedule));
        let period = period_millis(&properties.schedule).ok_or_else(fault)?;
        let input = properties.input.as_deref().unwrap_or("{}");
        let event = serde_json::from_str(input).map_err(|_| fault())?;
        let due = AtomicI64::new(clock.millis() + period);
        Ok(Arc::new(Self { name: name.to_owned(), period, event, lambda, clock, activity, due }))
    }

    /// Its name in the template, lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `true` if it is due and has not run.
    pub fn is_due(&self) -> bool {
        self.due.load(Ordering::SeqCst) <= self.clock.millis()
    }

    /// Runs whenever it is due: one time, however far the clock was moved.
    pub fn start(self: &Arc<Self>, engine: &Handle) {
        let schedule = Arc::clone(self);
        engine.spawn(async move {
            loop {
                schedule.clock.wait_until(Some(schedule.due.load(Ordering::SeqCst))).await;
                let busy = schedule.activity.begin();
                schedule.due.store(schedule.clock.millis() + schedule.period, Ordering::SeqCst);
                _ = schedule.run().await;
                drop(busy);
            }
        });
    }

    /// Runs now, due or not.
    pub async fn run(&self) -> Result<Value, crate::emulator::lambda::InvokeError> {
        self.lambda.invoke(&self.event).await
    }
}

/// `rate(5 minutes)` in milliseconds; `None` for any other expression.
pub fn period_millis(expression: &str) -> Option<i64> {
    let inside = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = inside.split_once(' ')?;
    let unit = match unit {
        "minute" | "minutes" => 60_000,
        "hour" | "hours" => 3_600_000,
        "day" | "days" => 86_400_000,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        assert_eq!(period_millis("rate(1 hour)"), Some(3_600_000));
        assert_eq!(period_millis("rate(5 minutes)"), Some(300_000));
        assert_eq!(period_millis("cron(0 * * * ? *)"), None);
    }
}
