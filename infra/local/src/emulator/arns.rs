//! The names that AWS would give: account, region, ARNs.

/// The region that events name.
pub const REGION: &str = "us-east-1";
/// The account that events name.
pub const ACCOUNT: &str = "000000000000";
/// The name of the stack.
pub const STACK: &str = "gancho";

/// An ARN of this account and region.
pub fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}")
}

/// The short name of a table: `history` for the resource `HistoryTable`.
pub fn short_table(name: &str) -> String {
    name.strip_suffix("Table").unwrap_or(name).to_ascii_lowercase()
}

/// The short name of a queue or topic: `jobs` for `gancho-jobs`, `lanes` for `gancho-lanes.fifo`.
pub fn short_queue(name: &str) -> &str {
    let name = name.rsplit(['/', ':']).next().unwrap_or(name);
    let name = name.strip_suffix(".fifo").unwrap_or(name);
    name.strip_prefix(STACK).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name)
}
