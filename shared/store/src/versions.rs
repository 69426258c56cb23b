//! Lists of the previous versions of mappings and rules, newest first. A read unit holds 4 KB of their
//! documents.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use gancho_domain::{
    common::{
        by::Changed,
        ids::{IntegrationId, RuleId, WorkspaceId},
    },
    outbound::rule::Rule,
};

use crate::{
    Store, StoreError,
    item::{self, Item},
    keys::{self, Key},
};

impl Store {
    /// The versions of a mapping below one, newest first, at most `limit`, with the time and author of
    /// each. The current version has no row of its own.
    pub async fn mapping_versions(
        &self,
        ws: WorkspaceId,
        id: IntegrationId,
        below: u32,
        limit: usize,
    ) -> Result<Vec<(u32, Option<Changed>)>, StoreError> {
        let Some(last) = below.checked_sub(1) else { return Ok(Vec::new()) };
        let bounds = [0, last].map(|version| keys::config::mapping(ws, id, version));
        let query = self.between(bounds).projection_expression("sk, changed");
        self.some(query, limit).await?.iter().map(mapping_version).collect()
    }

    /// The versions of a rule below one, newest first, at most `limit`.
    pub async fn rule_versions(
        &self,
        ws: WorkspaceId,
        id: RuleId,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Rule>, StoreError> {
        let Some(last) = below.checked_sub(1) else { return Ok(Vec::new()) };
        let bounds = [0, last].map(|version| keys::config::rule_version(ws, id, version));
        self.some(self.between(bounds), limit).await?.iter().map(item::doc).collect()
    }

    /// The rows of the configuration between two keys of a partition, both included, the last first.
    fn between(&self, [first, last]: [Key; 2]) -> QueryFluentBuilder {
        self.db
            .query()
            .table_name(&self.tables.config)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", item::s(first.pk))
            .expression_attribute_values(":first", item::s(first.sk))
            .expression_attribute_values(":last", item::s(last.sk))
            .scan_index_forward(false)
    }
}

fn mapping_version(row: &Item) -> Result<(u32, Option<Changed>), StoreError> {
    let sk = item::text(row, "sk")?;
    let version = keys::config::parse_version(sk);
    let version = version.ok_or_else(|| StoreError::Corrupt(format!("no version: {sk}")))?;
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let changed = item::text(row, "changed").ok().map(serde_json::from_str).transpose();
    Ok((version, changed.map_err(corrupt)?))
}
