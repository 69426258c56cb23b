//! Retries of errors that may pass, with a wait that doubles and differs for each writer.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use crate::StoreError;

/// The tries of [`retry`].
const TRIES: u32 = 5;
/// The longest wait before the second try, in milliseconds. It doubles with each try, up to
/// [`LONGEST`].
const FIRST: u64 = 40;
const LONGEST: u64 = 640;

/// Runs `work` until it succeeds: up to five times, while the error is one that may pass
/// ([`StoreError::may_pass`]). Returns the last error. `who` names the writer; see [`wait`].
pub async fn retry<T, F>(who: impl Hash, work: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    retry_after(work, |tried| wait(tried, &who)).await
}

async fn retry_after<T, F, W>(
    mut work: impl FnMut() -> F,
    wait: impl Fn(u32) -> W,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
    W: Future<Output = ()>,
{
    for tried in 1..TRIES {
        match work().await {
            Err(error) if error.may_pass() => wait(tried).await,
            other => return other,
        }
    }
    work().await
}

/// Waits before the next try, after `tried` of them (at least 1): for up to 40 ms after the first,
/// twice as long after each further one, up to 640 ms. Two writers that conflicted wait for
/// different times, so that they do not conflict again.
pub async fn wait(tried: u32, who: impl Hash) {
    let mut hash = DefaultHasher::new();
    (tried, who).hash(&mut hash);
    let longest = longest(tried);
    tokio::time::sleep(Duration::from_millis(1 + hash.finish() % longest)).await;
}

/// In milliseconds.
fn longest(tried: u32) -> u64 {
    FIRST.saturating_mul(1 << tried.saturating_sub(1).min(10)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_a_maximum() {
        assert_eq!([1, 2, 3, 4, 5, 6, u32::MAX].map(longest), [40, 80, 160, 320, 640, 640, 640]);
    }

    #[tokio::test]
    async fn an_error_that_may_pass_is_tried_five_times_and_any_other_once() {
        let table = [
            (vec![Ok(1)], Some(1), 1),
            (vec![Err(StoreError::Condition), Ok(2)], Some(2), 2),
            (vec![Err(StoreError::TooLarge), Ok(3)], None, 1),
            (vec![Err(StoreError::Busy(String::new())); 6], None, 5),
        ];
        for (answers, last, tries) in table {
            let count = Cell::new(0);
            let work = || {
                count.set(count.get() + 1);
                std::future::ready(answers[count.get() - 1].clone())
            };
            assert_eq!(retry_after(work, |_| std::future::ready(())).await.ok(), last);
            assert_eq!(count.get(), tries);
        }
    }
}
