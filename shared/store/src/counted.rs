//! Rows of counters that are exact without transactions.
//!
//! A row holds the sequence number of the last stream record that it counts. Records of one row
//! arrive in order. A row is written on condition that it did not change meanwhile, and records
//! that it counts already are skipped. So a record that arrives twice, in another batch or from a
//! reader that was presumed dead, counts only once (`CATALOGUE I19`).

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    primitives::Blob,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::Key,
};

/// The maximum number of times that a write loses against another one before it is left to the next
/// delivery of the records.
const TRIES: usize = 10;

/// The counters of a row.
pub(crate) trait Counters: Clone + Default {
    /// A record of the stream.
    type Record;

    /// Its padded sequence number: see [`sequence`].
    fn sequence(record: &Self::Record) -> &str;

    /// Counts the record.
    fn take(&mut self, record: &Self::Record);

    /// The stored form.
    fn encode(&self) -> Vec<u8>;

    /// An additional attribute of the row: an application's key, or an empty text.
    fn name(&self) -> &str;

    /// Decodes the stored form and the name.
    fn decode(bytes: &[u8], name: &str) -> Result<Self, StoreError>;
}

/// A row as it is written: its counters, with the attributes that protect them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stored<C> {
    pub(crate) counters: C,
    /// The last sequence number that is counted.
    pub(crate) last: String,
    /// Grows by one with every write; 0 where there is no row.
    pub(crate) version: u64,
}

impl<C: Counters> Stored<C> {
    pub(crate) fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            counters: counters(item)?,
            last: item::text(item, "last")?.to_owned(),
            version: item::number(item, "v").unwrap_or(0),
        })
    }

    /// Counts the records that are not counted yet; `None` if there are none.
    fn with(&self, records: &[C::Record]) -> Option<Self> {
        let mut next = self.clone();
        for record in records.iter().filter(|record| C::sequence(record) > self.last.as_str()) {
            next.counters.take(record);
            C::sequence(record).clone_into(&mut next.last);
        }
        next.version += 1;
        (next.last != self.last).then_some(next)
    }
}

/// The counters of a row.
pub(crate) fn counters<C: Counters>(item: &Item) -> Result<C, StoreError> {
    let bytes = item.get("d").and_then(|value| value.as_b().ok());
    let bytes = bytes.ok_or_else(|| StoreError::Corrupt("no counters".to_owned()))?;
    C::decode(bytes.as_ref(), item::text(item, "a").unwrap_or_default())
}

/// A sequence number in the form that sorts as text: 40 digits (`DESIGN 4`).
pub fn sequence(number: &str) -> Option<String> {
    let digits = !number.is_empty() && number.len() <= 40;
    let good = digits && number.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| format!("{number:0>40}"))
}

/// The result of a write.
pub(crate) enum Written<C> {
    /// The row was written.
    Done,
    /// Another writer changed the row meanwhile.
    Beaten(Box<Stored<C>>),
}

impl Store {
    /// Counts records of one row, in the stream's order. A repeated record is not counted again.
    pub(crate) async fn count_in<C: Counters>(
        &self,
        at: &Key,
        expires_at: Timestamp,
        records: &[C::Record],
    ) -> Result<(), StoreError> {
        let call = self.db.get_item().table_name(&self.tables.tallies);
        let got = call.set_key(Some(item::key(at))).send().await.map_err(from_sdk)?;
        let mut known = got.item.as_ref().map(Stored::<C>::read).transpose()?.unwrap_or_default();
        for _ in 0..TRIES {
            let Some(next) = known.with(records) else { return Ok(()) };
            match self.write_counters(at, expires_at, &known, &next).await? {
                Written::Done => return Ok(()),
                Written::Beaten(other) => known = *other,
            }
        }
        Err(StoreError::Busy("counters".to_owned()))
    }

    /// Writes a row, unless it differs from `known` by now.
    pub(crate) async fn write_counters<C: Counters>(
        &self,
        at: &Key,
        expires_at: Timestamp,
        known: &Stored<C>,
        next: &Stored<C>,
    ) -> Result<Written<C>, StoreError> {
        let counters = AttributeValue::B(Blob::new(next.counters.encode()));
        let put = self
            .db
            .update_item()
            .table_name(&self.tables.tallies)
            .set_key(Some(item::key(at)))
            .update_expression("SET d = :d, a = :a, #l = :l, v = :v, expires_at = :x")
            .expression_attribute_names("#l", "last")
            .expression_attribute_values(":d", counters)
            .expression_attribute_values(":a", AttributeValue::S(next.counters.name().to_owned()))
            .expression_attribute_values(":l", AttributeValue::S(next.last.clone()))
            .expression_attribute_values(":v", number(next.version))
            .expression_attribute_values(":x", number(ceil_seconds(expires_at)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match unless_changed(put, known.version).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let other = failed.item().map(Stored::read).transpose()?;
                    Ok(Written::Beaten(Box::new(other.unwrap_or_default())))
                }
                _ => Err(from_sdk(error)),
            },
        }
    }

    /// Advances the watermark: everything in a partition created at or before `at` is counted.
    /// Never goes back.
    pub(crate) async fn put_watermark(
        &self,
        key: &Key,
        at: Timestamp,
        end: Timestamp,
    ) -> Result<(), StoreError> {
        let put = self.db.update_item().table_name(&self.tables.tallies);
        let put = put
            .set_key(Some(item::key(key)))
            .update_expression("SET t = :t, expires_at = :x")
            .condition_expression("attribute_not_exists(t) OR t < :t")
            .expression_attribute_values(":t", number(at.as_millisecond()))
            .expression_attribute_values(":x", number(ceil_seconds(end)));
        match put.send().await.map_err(from_sdk) {
            Ok(_) | Err(StoreError::Condition) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn unless_changed(put: UpdateItemFluentBuilder, known: u64) -> UpdateItemFluentBuilder {
    if known == 0 {
        return put.condition_expression("attribute_not_exists(v)");
    }
    put.condition_expression("v = :was").expression_attribute_values(":was", number(known))
}

/// The time of a watermark.
pub(crate) fn watermark_of(item: &Item) -> Option<Timestamp> {
    item::number(item, "t").and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

fn number<N: ToString + Copy>(number: N) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Rounds up to whole seconds: TTL has no smaller unit and must not be early.
fn ceil_seconds(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_sort_as_text() {
        let short = sequence("9").unwrap();
        let long = sequence("49590338271490256608559692538361571095921575989136588898")
            .unwrap_or_default();
        assert_eq!(long, "", "longer than any that DynamoDB gives");
        assert!(short < sequence("10").unwrap());
        assert_eq!(short.len(), 40);
        for bad in ["", "x", "-1", "1.0"] {
            assert_eq!(sequence(bad), None);
        }
    }
}
