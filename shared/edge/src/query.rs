//! The parameters of a query: known, unique and valid. The only place that reads a page's `limit`
//! of lists without filters.

use crate::{http::Call, problem::ApiError};

/// The default number of items of a page.
const DEFAULT_LIMIT: usize = 50;
/// The maximum number of items of a page.
const MAX_LIMIT: usize = 200;

/// A query whose parameters are known and unique.
#[derive(Debug)]
pub struct Query<'c>(&'c Call);

impl<'c> Query<'c> {
    /// Refuses parameters that are not in `known`, and duplicates.
    pub fn of(call: &'c Call, known: &[&str]) -> Result<Self, ApiError> {
        for (index, (name, _)) in call.query.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                return Err(ApiError::invalid(name, "unknown_field"));
            }
            if call.query.iter().skip(index + 1).any(|(other, _)| other == name) {
                return Err(ApiError::invalid(name, "duplicate"));
            }
        }
        Ok(Self(call))
    }

    /// A parameter's text.
    pub fn text(&self, name: &str) -> Option<&'c str> {
        self.0.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter parsed by `read`.
    pub fn read<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| ApiError::invalid(name, "unknown_value"))
    }

    /// The parameter `limit`: 1 to 200, by default 50.
    pub fn limit(&self) -> Result<usize, ApiError> {
        let Some(text) = self.text("limit") else { return Ok(DEFAULT_LIMIT) };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let limit = text.parse().ok().filter(|n| digits && (1..=MAX_LIMIT).contains(n));
        limit.ok_or_else(|| ApiError::invalid("limit", "out_of_range").with("limit", MAX_LIMIT))
    }
}
