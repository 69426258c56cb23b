//! The use of the services by a webhook, an event or a schedule: an amount for each kind of it.

use std::collections::BTreeMap;

use local::Call;

use super::storage::Kept;
use crate::{
    error::Result,
    stats::{each, number},
    world::World,
};

/// The functions of both directions, and those with a schedule.
pub(crate) const FUNCTIONS: [&str; 10] = [
    "authorizer",
    "ingest",
    "publish",
    "process",
    "dispatch",
    "deliver",
    "suspension",
    "tally",
    "reprocess",
    "deliveries",
];

/// Amounts by kind. Invocations have the name of their function. Other kinds:
///
/// - `requests` of the API, `calls` of the services by functions, `published` messages of topics.
/// - `write_units` and `read_units` of tables; `busiest`: the write units of the table with most.
///   `calls`, `write_units` and `read_units` also with `.` and a function's name.
/// - `standard`, `fair`, `fifo`: requests of queues of that kind.
/// - `byte_months`: bytes of rows that expire, times the months until then. `lasting_bytes`: bytes
///   of rows that do not.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Use(BTreeMap<String, f64>);

impl<K: Into<String>> FromIterator<(K, f64)> for Use {
    fn from_iter<I: IntoIterator<Item = (K, f64)>>(amounts: I) -> Self {
        Self(amounts.into_iter().map(|(kind, amount)| (kind.into(), amount)).collect())
    }
}

impl Use {
    /// An amount; 0 if it is not named.
    pub(crate) fn of(&self, kind: &str) -> f64 {
        self.0.get(kind).copied().unwrap_or(0.0)
    }

    pub(crate) fn add(&mut self, kind: &str, amount: f64) {
        *self.0.entry(kind.to_owned()).or_default() += amount;
    }

    /// Both, one of them several times: `self + other * times`.
    pub(crate) fn plus(&self, other: &Self, times: f64) -> Self {
        let mut sum = self.clone();
        for (kind, amount) in &other.0 {
            sum.add(kind, amount * times);
        }
        sum
    }

    /// The invoked functions, each with its invocations.
    pub(crate) fn invocations(&self) -> impl Iterator<Item = (&'static str, f64)> {
        FUNCTIONS.into_iter().map(|name| (name, self.of(name))).filter(|(_, count)| *count > 0.0)
    }

    /// Requests of all queues.
    pub(crate) fn messages(&self) -> f64 {
        self.of("standard") + self.of("fair") + self.of("fifo")
    }
}

/// A kind of call with its function and tables, and its write and read units for each webhook.
pub(super) type Units = BTreeMap<String, (f64, f64)>;

/// The use by some work, for each of `count` webhooks or events, and the units of its calls.
pub(super) async fn of(
    world: &World,
    count: usize,
    work: impl AsyncFnOnce() -> Result<()>,
) -> Result<(Use, Units)> {
    let (kept, before) = (Kept::now(world)?, invocations(world)?);
    let work = async || {
        work().await?;
        world.settle().await
    };
    let ((), calls) = world.recorded(work).await?;
    let mut sum = invocations(world)?.plus(&before, -1.0);
    let mut units = Units::new();
    let by_functions = calls.iter().filter(|call| FUNCTIONS.contains(&call.function.as_str()));
    add_calls(&mut sum, &mut units, by_functions);
    let kept = Kept::now(world)?.since(&kept);
    sum.add("byte_months", kept.byte_months);
    sum.add("lasting_bytes", kept.lasting);
    for units in units.values_mut() {
        *units = (each(units.0, count), each(units.1, count));
    }
    let mut one = Use::default().plus(&sum, each(1.0, count));
    for entrance in ["ingest", "publish"] {
        one.add("requests", f64::from(u8::from(one.of(entrance) > 0.0)));
    }
    Ok((one, units))
}

fn add_calls<'a>(sum: &mut Use, units: &mut Units, calls: impl Iterator<Item = &'a Call>) {
    let (mut tables, mut queues) = (Use::default(), Use::default());
    for call in calls {
        let (writes, function) = (Call::writes(&call.operation), &call.function);
        let kind = if writes { "write_units" } else { "read_units" };
        for (kind, amount) in [("calls", 1.0), (kind, call.capacity)] {
            sum.add(kind, amount);
            sum.add(&format!("{kind}.{function}"), amount);
        }
        let name = format!("{function}: {} {}", call.operation, call.tables.join(" "));
        let of_call = units.entry(name).or_default();
        *(if writes { &mut of_call.0 } else { &mut of_call.1 }) += call.capacity;
        for (table, units) in call.units.iter().filter(|_| writes) {
            tables.add(table, *units);
        }
        if call.operation.contains("Message") {
            queues.add(call.table(), 1.0);
        } else if call.operation == "Publish" {
            sum.add("published", 1.0);
        }
    }
    sum.add("busiest", tables.0.values().copied().fold(0.0, f64::max));
    // Each batch of *deliver* adds one receive and one delete of Lambda's own.
    let polled = 2.0 * sum.of("deliver");
    let (fifo, fair) = (queues.of("lanes"), queues.of("deliver"));
    let all = queues.0.values().sum::<f64>();
    sum.add("standard", (all - fifo - fair).max(0.0));
    sum.add("fair", fair + if fifo > fair { 0.0 } else { polled });
    sum.add("fifo", fifo + if fifo > fair { polled } else { 0.0 });
}

fn invocations(world: &World) -> Result<Use> {
    let count = |name: &str| {
        let count = usize::try_from(world.host.lambda(name)?.invocations()).unwrap_or(0);
        Ok((name.to_owned(), number(count)))
    };
    FUNCTIONS.into_iter().map(count).collect::<Result<Vec<_>>>().map(Use::from_iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_added_a_number_of_times() {
        let one = Use::from_iter([("fair", 3.0), ("deliver", 1.0)]);
        let sum = one.plus(&one, 2.0);
        assert!((sum.of("fair") - 9.0).abs() < 1e-9);
        assert_eq!(sum.invocations().collect::<Vec<_>>(), [("deliver", 3.0)]);
    }
}
