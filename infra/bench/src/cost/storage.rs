//! The bytes in the tables and their lifetime: each row contains its own expiry.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{
    error::{BenchError, Result},
    prices::Prices,
    stats::each,
    world::World,
};

/// Seconds of a month.
const MONTH: f64 = 30.44 * 86_400.0;
/// The keys that each row of the index stores again.
const INDEX_KEYS: [&str; 4] = ["pk", "sk", "list", "list_sk"];

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
    pub(super) async fn now(world: &World) -> Result<Self> {
        let overhead = Prices::read()?.of("storage_item_bytes")?;
        let tables = world.host.dynamo().database().table_stats();
        let tables = tables.map_err(|error| BenchError::Database(error.to_string()))?;
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
        let now = world.host.clock().now().as_second() as f64;
        let mut kept = Self::default();
        for table in tables {
            for row in rows(world, &table.table_name).await? {
                kept.add(&row, overhead, now);
            }
        }
        Ok(kept)
    }

    fn add(&mut self, row: &Row, overhead: f64, now: f64) {
        let mut bytes = size(row) + overhead;
        if row.contains_key("list") {
            let keys = INDEX_KEYS.iter().filter_map(|name| Some((*name, row.get(*name)?)));
            bytes += overhead + keys.map(|(name, value)| text(name) + weight(value)).sum::<f64>();
        }
        let expires =
            row.get("expires_at").and_then(|value| value.as_n().ok()?.parse::<f64>().ok());
        match expires {
            Some(at) => self.byte_months += bytes * ((at - now) / MONTH).max(0.0),
            None => self.lasting += bytes,
        }
    }

    /// The bytes that were added, for each of `count`.
    pub(super) fn since(&self, before: &Self, count: usize) -> Self {
        Self {
            byte_months: each(self.byte_months - before.byte_months, count),
            lasting: each(self.lasting - before.lasting, count),
        }
    }
}

type Row = HashMap<String, AttributeValue>;

async fn rows(world: &World, table: &str) -> Result<Vec<Row>> {
    let scan = world.host.dynamo_client().scan().table_name(table).into_paginator();
    let rows = scan.items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    rows.map_err(|error| BenchError::Database(error.to_string()))
}

/// The size as DynamoDB counts it: names, values, and a little for nesting.
fn size(row: &Row) -> f64 {
    row.iter().map(|(name, value)| text(name) + weight(value)).sum()
}

fn weight(value: &AttributeValue) -> f64 {
    if let AttributeValue::S(words) = value {
        text(words)
    } else if let AttributeValue::N(digits) = value {
        (text(digits) / 2.0).ceil() + 1.0
    } else if let AttributeValue::B(bytes) = value {
        length(bytes.as_ref().len())
    } else if let AttributeValue::M(map) = value {
        3.0 + size(map) + length(map.len())
    } else if let AttributeValue::L(list) = value {
        3.0 + list.iter().map(|one| weight(one) + 1.0).sum::<f64>()
    } else if let AttributeValue::Ss(words) = value {
        words.iter().map(|word| text(word)).sum()
    } else {
        // Booleans and nulls; the rows contain no other sets.
        1.0
    }
}

fn text(words: &str) -> f64 {
    length(words.len())
}

#[expect(clippy::cast_precision_loss, reason = "at most 400 KB")]
fn length(bytes: usize) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pairs: &[(&str, AttributeValue)]) -> Row {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_row_without_an_end_lasts() {
        let mut kept = Kept::default();
        kept.add(&row(&[("pk", AttributeValue::S("abc".to_owned()))]), 100.0, 0.0);
        assert!((kept.lasting - 105.0).abs() < 1e-9);
        assert!(kept.byte_months.abs() < 1e-9);
    }

    #[test]
    fn a_row_of_two_months_counts_twice() {
        let mut kept = Kept::default();
        let ends = AttributeValue::N(format!("{:.0}", 2.0 * MONTH));
        kept.add(&row(&[("expires_at", ends)]), 100.0, 0.0);
        assert!((kept.byte_months - 2.0 * (100.0 + 10.0 + 5.0)).abs() < 0.5, "{kept:?}");
    }

    #[test]
    fn a_row_of_the_index_is_stored_twice() {
        let mut kept = Kept::default();
        let words = |words: &str| AttributeValue::S(words.to_owned());
        kept.add(&row(&[("pk", words("a")), ("list", words("b"))]), 100.0, 0.0);
        assert!((kept.lasting - 216.0).abs() < 1e-9);
    }
}
