//! The result of a batch: the items that failed (`ReportBatchItemFailures`).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::emulator::lambda::InvokeError;

/// The result of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every item is done.
    Done,
    /// Nothing counts as done.
    Failed,
    /// These items (by position) failed, the others are done.
    Partly(BTreeSet<usize>),
}

/// Judges an answer as Lambda does. Without a list, or with an empty one, every item is done. An
/// identifier that is empty, missing or not in the batch means that no item is done. Without
/// `partial` any answer is success.
pub fn judge(answer: &Result<Value, InvokeError>, ids: &[&str], partial: bool) -> Verdict {
    let Ok(answer) = answer else { return Verdict::Failed };
    let failures = match answer.get("batchItemFailures") {
        Some(Value::Array(failures)) if partial && !failures.is_empty() => failures,
        Some(Value::Null | Value::Array(_)) | None => return Verdict::Done,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return if partial { Verdict::Failed } else { Verdict::Done };
        }
    };
    let position = |failure: &Value| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        ids.iter().position(|known| *known == id)
    };
    failures.iter().map(position).collect::<Option<_>>().map_or(Verdict::Failed, Verdict::Partly)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(answer: Value) -> Verdict {
        judge(&Ok(answer), &["1", "2", "3"], true)
    }

    #[test]
    fn no_list_and_an_empty_list_mean_done() {
        for answer in [
            json!(null),
            json!({}),
            json!({"batchItemFailures": []}),
            json!({"batchItemFailures": null}),
        ] {
            assert_eq!(verdict(answer), Verdict::Done);
        }
    }

    #[test]
    fn an_identifier_that_is_none_of_the_batch_fails_everything() {
        for id in [json!(""), json!(null), json!("4"), json!(2)] {
            let answer =
                json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": id}]});
            assert_eq!(verdict(answer), Verdict::Failed);
        }
    }

    #[test]
    fn the_named_items_failed() {
        let answer =
            json!({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]});
        assert_eq!(verdict(answer), Verdict::Partly(BTreeSet::from([1, 2])));
    }

    #[test]
    fn an_error_fails_everything() {
        assert_eq!(judge(&Err(InvokeError::TimedOut), &["1"], true), Verdict::Failed);
    }
}
