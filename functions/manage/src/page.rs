//! The pages of a list: a limited number of items, and a sealed cursor if there are more.

use gancho_domain::common::{code::Code, cursor, secret::Secret};
use gancho_edge::{
    http::{self, Answer},
    problem::ApiError,
    query::Query,
};
use gancho_store::StoreError;
use serde_json::{Value, json};

/// The identity of a list and the secret of its cursors. A cursor is valid for one list only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'a> {
    /// The workspace's secret.
    pub(crate) secret: &'a Secret,
    /// Its name and its filters.
    pub(crate) name: &'a [&'a str],
}

impl List<'_> {
    /// The id after which the requested page begins.
    pub(crate) fn after<T>(
        &self,
        query: &Query<'_>,
        from_bytes: impl Fn([u8; 16]) -> T,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = query.text("cursor") else { return Ok(None) };
        let bad = || ApiError::new(400, Code::BadCursor);
        let place = cursor::open(self.secret, self.name, text).map_err(|_| bad())?;
        place.try_into().map(|bytes| Some(from_bytes(bytes))).map_err(|_| bad())
    }

    /// The response with a page; `last` is its last id if there may be more items.
    pub(crate) fn answer(&self, items: &[Value], last: Option<&[u8; 16]>) -> Answer {
        let next = last.map(|id| cursor::seal(self.secret, self.name, id));
        let count = items.len();
        http::json(200, &json!({ "items": items, "next": next, "count": count }))
    }
}

/// Cuts a page out of a complete list: at most `limit` items after `after`, and the last id if
/// there are more. `items` must be in the order of their ids.
pub(crate) fn cut<T, I: Ord + Copy>(
    mut items: Vec<T>,
    id: impl Fn(&T) -> I,
    after: Option<I>,
    limit: usize,
) -> (Vec<T>, Option<I>) {
    items.retain(|item| after.is_none_or(|after| id(item) > after));
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().map(id).filter(|_| more);
    (items, last)
}

/// The number of rows that a page with a filter reads before it ends short, with a cursor.
const READ: usize = 2_000;

/// Reads a page of a list in steps: up to `limit` rows that `keep` accepts, and the id after which
/// to continue if there may be more.
pub(crate) async fn gather<T, I: Copy, R>(
    (after, limit): (Option<I>, usize),
    fetch: impl Fn(Option<I>, usize) -> R,
    id: impl Fn(&T) -> I,
    keep: impl Fn(&T) -> bool,
) -> Result<(Vec<T>, Option<I>), ApiError>
where
    R: Future<Output = Result<Vec<T>, StoreError>>,
{
    let (mut kept, mut place, mut read) = (Vec::new(), after, 0);
    loop {
        let rows = fetch(place, limit + 1).await?;
        let (count, last) = (rows.len(), rows.last().map(&id));
        kept.extend(rows.into_iter().filter(&keep).take(limit + 1 - kept.len()));
        if kept.len() > limit {
            kept.truncate(limit);
            let last = kept.last().map(&id);
            return Ok((kept, last));
        }
        if count <= limit {
            return Ok((kept, None));
        }
        place = last;
        read += count;
        if read >= READ {
            return Ok((kept, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_to_the_end_shows_everything_once() {
        let all: Vec<u8> = (1..=5).collect();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let (page, last) = cut(all.clone(), |n| *n, after, 2);
            seen.extend(page);
            after = last;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert_eq!(cut(all, |n| *n, None, 5).1, None);
    }

    /// 10,000 rows, newest first.
    async fn rows(after: Option<u32>, limit: usize) -> Result<Vec<u32>, StoreError> {
        Ok((0..after.unwrap_or(10_000)).rev().take(limit).collect())
    }

    #[tokio::test]
    async fn i19_filtered_pages_show_every_match_once_and_read_so_much_at_a_time() {
        for (limit, modulus) in [(200, 1_u32), (50, 7), (50, 4_999), (3, 9_999), (200, 10_001)] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let keep = |n: &u32| n.is_multiple_of(modulus);
                let page = gather((after, limit), rows, |n| *n, keep).await.unwrap();
                assert!(page.0.len() <= limit);
                seen.extend(page.0);
                after = page.1;
                if after.is_none() {
                    break;
                }
            }
            let all: Vec<u32> =
                (0..10_000).rev().filter(|n: &u32| n.is_multiple_of(modulus)).collect();
            assert_eq!(seen, all, "{limit} {modulus}");
        }
    }
}
