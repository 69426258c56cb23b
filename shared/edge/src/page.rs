//! The pages of a list: a limited number of items, a sealed cursor if more items may follow, and
//! the size. The only place that opens and seals cursors.
//!
//! - [`List`]: the identity of a list, for its cursors.
//! - [`cut`], [`gather`], [`Slice::counted`]: the items of one page, by the way they are read.
//! - [`Page`]: the response.

use gancho_domain::common::{code::Code, cursor, secret::Secret};
use serde::Serialize;

use crate::{
    http::{self, Answer},
    problem::ApiError,
    query::Query,
};

/// The size of a list, in the field that says which size it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// The number of items that paging to the end gives.
    Count(u64),
    /// The number of items of this page. The list is not counted, because that costs reads.
    Returned(usize),
}

/// A page of a list as the API shows it.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    items: Vec<T>,
    /// The cursor of the next page, if more items may follow.
    next: Option<String>,
    #[serde(flatten)]
    size: Size,
}

impl<T: Serialize> Page<T> {
    /// The only page of a complete list.
    pub fn complete(items: Vec<T>) -> Self {
        let size = Size::Count(items.len() as u64);
        Self { items, next: None, size }
    }

    /// The only page of rows that are not counted on other pages of the same list either.
    pub fn single(items: Vec<T>) -> Self {
        let size = Size::Returned(items.len());
        Self { items, next: None, size }
    }

    /// The response.
    pub fn answer(&self) -> Answer {
        http::json(200, self)
    }
}

/// The identity of a list and the secret of its cursors. A cursor is valid for one list only.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The workspace's secret.
    pub secret: &'a Secret,
    /// Its name and its filters.
    pub name: &'a [&'a str],
}

impl List<'_> {
    /// The id after which the page begins that a query requests with `cursor`.
    pub fn after<T>(
        &self,
        query: &Query<'_>,
        from_bytes: impl FnOnce([u8; 16]) -> T,
    ) -> Result<Option<T>, ApiError> {
        self.open(query.text("cursor"), from_bytes)
    }

    /// The id of a cursor. 400 `bad_cursor` if the cursor belongs to another list.
    pub fn open<T>(
        &self,
        cursor: Option<&str>,
        from_bytes: impl FnOnce([u8; 16]) -> T,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = cursor else { return Ok(None) };
        let bad = || ApiError::new(400, Code::BadCursor);
        let place = cursor::open(self.secret, self.name, text).map_err(|_| bad())?;
        place.try_into().map(|bytes| Some(from_bytes(bytes))).map_err(|_| bad())
    }

    /// The cursor of the page that follows an item.
    pub fn seal(&self, last: &[u8; 16]) -> String {
        cursor::seal(self.secret, self.name, last)
    }

    /// The page with the items of a slice as `shown`.
    pub fn page<T, V>(&self, slice: &Slice<T>, shown: Vec<V>) -> Page<V> {
        let next = slice.last.as_ref().map(|last| self.seal(last));
        Page { items: shown, next, size: slice.size }
    }
}

/// The items of one page.
#[derive(Debug)]
pub struct Slice<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The id after which the next page begins, if more items may follow.
    last: Option<[u8; 16]>,
    size: Size,
}

impl<T> Slice<T> {
    /// A page of a list whose number of items is known from counters. `next`: the id after which the
    /// next page begins, if items may follow.
    pub fn counted<I: Into<[u8; 16]>>(items: Vec<T>, next: Option<I>, count: u64) -> Self {
        Self { items, last: next.map(Into::into), size: Size::Count(count) }
    }

    fn returned(items: Vec<T>, last: Option<[u8; 16]>) -> Self {
        let size = Size::Returned(items.len());
        Self { items, last, size }
    }
}

/// Cuts a page out of a complete list: at most `limit` items after `after`, with the number of all
/// items. `items` must be in the order of their ids.
pub fn cut<T, I: Ord + Copy + Into<[u8; 16]>>(
    mut items: Vec<T>,
    id: impl Fn(&T) -> I,
    after: Option<I>,
    limit: usize,
) -> Slice<T> {
    let count = items.len() as u64;
    items.retain(|item| after.is_none_or(|after| id(item) > after));
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(id);
    Slice::counted(items, next, count)
}

/// The most items that are read one by one to count a list.
const COUNTED_BY_READING: u64 = 10_000;

/// Refuses the parameter of a filter that would need more reads to count the list: 422 `too_many`.
pub fn countable(parameter: &str, reads: u64) -> Result<(), ApiError> {
    if reads > COUNTED_BY_READING {
        let refused = ApiError::invalid(parameter, "too_many");
        return Err(refused.with("limit", COUNTED_BY_READING));
    }
    Ok(())
}

/// The number of rows that a page with a filter reads before it ends short, with a cursor.
const READ: usize = 2_000;

/// Reads a page of a list in steps: up to `limit` rows that `keep` accepts. The list is not counted.
/// `fetch` reads the next rows after an id, at most a number of them.
pub async fn gather<T, I: Copy + Into<[u8; 16]>, E, R>(
    (after, limit): (Option<I>, usize),
    fetch: impl Fn(Option<I>, usize) -> R,
    id: impl Fn(&T) -> I,
    keep: impl Fn(&T) -> bool,
) -> Result<Slice<T>, E>
where
    R: Future<Output = Result<Vec<T>, E>>,
{
    let (mut kept, mut place, mut read) = (Vec::new(), after, 0);
    loop {
        let rows = fetch(place, limit + 1).await?;
        let (count, last) = (rows.len(), rows.last().map(&id));
        kept.extend(rows.into_iter().filter(&keep).take(limit + 1 - kept.len()));
        if kept.len() > limit {
            kept.truncate(limit);
            let last = kept.last().map(|item| id(item).into());
            return Ok(Slice::returned(kept, last));
        }
        if count <= limit {
            return Ok(Slice::returned(kept, None));
        }
        place = last;
        read += count;
        if read >= READ {
            return Ok(Slice::returned(kept, place.map(Into::into)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An id of the tests: a number in 16 bytes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    struct Id(u128);

    impl From<Id> for [u8; 16] {
        fn from(id: Id) -> Self {
            id.0.to_be_bytes()
        }
    }

    fn last<T>(slice: &Slice<T>) -> Option<Id> {
        slice.last.map(|bytes| Id(u128::from_be_bytes(bytes)))
    }

    #[test]
    fn f5_every_page_of_a_complete_list_has_the_number_of_all_items() {
        let all: Vec<Id> = (1..=5).map(Id).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = cut(all.clone(), |id| *id, after, 2);
            assert_eq!(page.size, Size::Count(5));
            after = last(&page);
            seen.extend(page.items);
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert_eq!(last(&cut(all, |id| *id, None, 5)), None);
    }

    #[test]
    fn f5_the_size_is_a_field_that_says_which_size_it_is() {
        let secret = Secret::new("a secret");
        let list = List { secret: &secret, name: &["numbers"] };
        let counted = Slice::counted(vec![Id(1), Id(2)], Some(Id(2)), 7);
        let shown = serde_json::to_value(list.page(&counted, vec![1, 2])).unwrap();
        let next = list.seal(&Id(2).into());
        assert_eq!(shown, json!({"items": [1, 2], "next": next, "count": 7}));
        assert_eq!(list.open(Some(&next), |bytes| bytes).unwrap(), Some(Id(2).into()));
        let rows = Slice::returned(vec![Id(1)], None);
        let shown = serde_json::to_string(&list.page(&rows, vec![1])).unwrap();
        assert_eq!(shown, r#"{"items":[1],"next":null,"returned":1}"#);
        let only = serde_json::to_string(&Page::complete(vec![1, 2])).unwrap();
        assert_eq!(only, r#"{"items":[1,2],"next":null,"count":2}"#);
    }

    #[test]
    fn hi_09_a_cursor_of_another_list_is_refused() {
        let secret = Secret::new("a secret");
        let cursor = List { secret: &secret, name: &["deals"] }.seal(&[1; 16]);
        let other = List { secret: &secret, name: &["contacts"] };
        let error = other.open(Some(&cursor), |bytes| bytes).unwrap_err();
        assert_eq!((error.status, error.code), (400, Code::BadCursor));
    }

    /// 10,000 rows, newest first.
    async fn rows(after: Option<Id>, limit: usize) -> Result<Vec<Id>, ApiError> {
        Ok((0..after.map_or(10_000, |id| id.0)).rev().take(limit).map(Id).collect())
    }

    #[tokio::test]
    async fn i19_filtered_pages_show_every_match_once_and_read_so_much_at_a_time() {
        for (limit, modulus) in [(200, 1_u128), (50, 7), (50, 4_999), (3, 9_999), (200, 10_001)] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let keep = |id: &Id| id.0.is_multiple_of(modulus);
                let page = gather((after, limit), rows, |id| *id, keep).await.unwrap();
                assert!(page.items.len() <= limit);
                assert_eq!(page.size, Size::Returned(page.items.len()));
                after = last(&page);
                seen.extend(page.items);
                if after.is_none() {
                    break;
                }
            }
            let all: Vec<Id> =
                (0..10_000).rev().filter(|n: &u128| n.is_multiple_of(modulus)).map(Id).collect();
            assert_eq!(seen, all, "{limit} {modulus}");
        }
    }

    #[test]
    fn a_list_that_needs_too_many_reads_to_be_counted_names_the_parameter() {
        assert!(countable("code", COUNTED_BY_READING).is_ok());
        let refused = countable("code", COUNTED_BY_READING + 1).unwrap_err();
        assert_eq!((refused.status, refused.code), (422, Code::ValidationError));
        assert_eq!(refused.params["path"], "code");
        assert_eq!(refused.params["reason"], "too_many");
    }
}
