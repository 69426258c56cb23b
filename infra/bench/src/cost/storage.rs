//! The bytes in the tables and their lifetime: each row contains its own expiry.

use std::collections::HashMap;

use dynoxide::{AttributeValue, actions::scan::ScanRequest, types::item_size};

use crate::{
    error::{Result, wrong},
    prices::Prices,
    stats::number,
    world::World,
};

/// Seconds of a month.
const MONTH: f64 = 30.44 * 86_400.0;
/// The keys that each row of the index stores again.
const INDEX_KEYS: [&str; 4] = ["pk", "sk", "list", "list_sk"];

type Row = HashMap<String, AttributeValue>;

/// Bytes, including DynamoDB's overhead.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Kept {
    /// The bytes of rows that expire, times the months until then.
    pub(super) byte_months: f64,
    /// The bytes of rows that do not expire.
    pub(super) lasting: f64,
}

impl Kept {
    /// The present contents of all tables.
    pub(super) fn now(world: &World) -> Result<Self> {
        let overhead = Prices::read()?["storage_item_bytes"];
        let now = seconds(world);
        let mut kept = Self::default();
        for table in world.host.dynamo().database().table_stats().map_err(wrong)? {
            for row in rows(world, &table.table_name)? {
                kept.add(&row, overhead, now);
            }
        }
        Ok(kept)
    }

    fn add(&mut self, row: &Row, overhead: f64, now: f64) {
        let mut bytes = number(item_size(row)) + overhead;
        if row.contains_key("list") {
            let keys = INDEX_KEYS.iter().filter_map(|name| row.get_key_value(*name));
            let keys: Row = keys.map(|(name, value)| (name.clone(), value.clone())).collect();
            bytes += overhead + number(item_size(&keys));
        }
        match row.get("expires_at") {
            Some(AttributeValue::N(at)) => {
                let months = (at.parse::<f64>().unwrap_or(now) - now) / MONTH;
                self.byte_months += bytes * months.max(0.0);
            }
            _ => self.lasting += bytes,
        }
    }

    /// The bytes that were added.
    pub(super) fn since(&self, before: &Self) -> Self {
        let byte_months = self.byte_months - before.byte_months;
        Self { byte_months, lasting: self.lasting - before.lasting }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
fn seconds(world: &World) -> f64 {
    world.host.clock().now().as_second() as f64
}

fn rows(world: &World, table: &str) -> Result<Vec<Row>> {
    let (mut rows, mut next) = (Vec::new(), None);
    loop {
        let request = ScanRequest {
            table_name: table.to_owned(),
            exclusive_start_key: next.take(),
            ..ScanRequest::default()
        };
        let page = world.host.dynamo().database().scan(request).map_err(wrong)?;
        rows.extend(page.items.unwrap_or_default());
        next = page.last_evaluated_key;
        if next.is_none() {
            return Ok(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pairs: &[(&str, AttributeValue)]) -> Kept {
        let mut kept = Kept::default();
        let row = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        kept.add(&row.collect(), 100.0, 0.0);
        kept
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[test]
    fn a_row_lasts_or_counts_for_the_months_until_its_end() {
        let lasting = kept(&[("pk", text("abc"))]);
        assert!((lasting.lasting - 105.0).abs() < 1e-9 && lasting.byte_months.abs() < 1e-9);
        let end = AttributeValue::N(format!("{:.0}", 2.0 * MONTH));
        let expiring = kept(&[("expires_at", end)]);
        assert!((expiring.byte_months - 2.0 * (100.0 + 10.0 + 5.0)).abs() < 0.5, "{expiring:?}");
    }

    #[test]
    fn a_row_of_the_index_is_stored_twice() {
        let indexed = kept(&[("pk", text("a")), ("list", text("b"))]);
        assert!((indexed.lasting - 216.0).abs() < 1e-9);
    }
}
