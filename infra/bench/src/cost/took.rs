//! What functions called and what it consumed, by webhook.

use std::collections::BTreeMap;

use local::Call;

use crate::{
    error::{BenchError, Result},
    prices::Use,
    stats::each,
    world::World,
};

const FUNCTIONS: [&str; 3] = ["ingest", "process", "tally"];

/// What one webhook took.
#[derive(Debug, Default)]
pub(crate) struct Took {
    functions: BTreeMap<String, Share>,
    sqs_calls: f64,
    bytes: f64,
    items: f64,
}

/// A function's share.
#[derive(Debug, Default, Clone, Copy)]
struct Share {
    invocations: f64,
    calls: f64,
    write_units: f64,
    read_units: f64,
}

impl Took {
    /// Begins to watch.
    pub(crate) fn begin(world: &World) -> Result<Self> {
        let mut took = Self::default();
        for name in FUNCTIONS {
            let invocations = invocations(world, name)?;
            took.functions.insert(name.to_owned(), Share { invocations, ..Share::default() });
        }
        (took.bytes, took.items) = kept(world)?;
        world.host.faults().meter(true);
        world.host.faults().record();
        Ok(took)
    }

    /// Ends it after so many webhooks.
    pub(crate) fn end(&mut self, world: &World, count: usize) -> Result<()> {
        let calls = world.host.faults().calls();
        world.host.faults().stop_recording();
        world.host.faults().meter(false);
        for call in &calls {
            self.add(call);
        }
        for (name, share) in &mut self.functions {
            share.invocations = each(invocations(world, name)? - share.invocations, count);
            share.calls = each(share.calls, count);
            share.write_units = each(share.write_units, count);
            share.read_units = each(share.read_units, count);
        }
        self.sqs_calls = each(self.sqs_calls, count);
        let (bytes, items) = kept(world)?;
        self.bytes = each(bytes - self.bytes, count);
        self.items = each(items - self.items, count);
        Ok(())
    }

    fn add(&mut self, call: &Call) {
        let Some(share) = self.functions.get_mut(&call.function) else { return };
        share.calls += 1.0;
        if Call::writes(&call.operation) {
            share.write_units += call.capacity;
        } else {
            share.read_units += call.capacity;
        }
        if matches!(call.operation.as_str(), "SendMessage" | "SendMessageBatch") {
            self.sqs_calls += 1.0;
        }
    }

    fn share(&self, function: &str) -> Share {
        self.functions.get(function).copied().unwrap_or_default()
    }

    pub(crate) fn calls(&self, function: &str) -> f64 {
        self.share(function).calls
    }

    pub(crate) fn write_units(&self, function: &str) -> f64 {
        self.share(function).write_units
    }

    /// Everything, as it is paid for.
    pub(crate) fn all(&self) -> Use {
        let sum = |what: fn(&Share) -> f64| self.functions.values().map(what).sum();
        Use {
            invocations: sum(|share| share.invocations),
            tallied: self.share("tally").invocations,
            write_units: sum(|share| share.write_units),
            read_units: sum(|share| share.read_units),
            sqs_calls: self.sqs_calls,
            bytes_kept: self.bytes,
            items_kept: self.items,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "some thousand invocations")]
fn invocations(world: &World, function: &str) -> Result<f64> {
    Ok(world.host.lambda(function)?.invocations() as f64)
}

/// Bytes and items in all tables.
#[expect(clippy::cast_precision_loss, reason = "some million bytes")]
fn kept(world: &World) -> Result<(f64, f64)> {
    let tables = world.host.dynamo().database().table_stats();
    let tables = tables.map_err(|error| BenchError::Database(error.to_string()))?;
    let bytes: u64 = tables.iter().map(|table| table.size_bytes).sum();
    let items: i64 = tables.iter().map(|table| table.item_count).sum();
    Ok((bytes as f64, items as f64))
}
