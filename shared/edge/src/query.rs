//! The parameters of a query: known, unique and valid.

use gancho_domain::common::list_query;

use crate::{http::Call, problem::ApiError};

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
        let limit = self.text("limit").map_or(Ok(list_query::LIMIT), list_query::parse_limit)?;
        Ok(limit.into())
    }
}
