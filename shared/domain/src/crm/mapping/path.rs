//! Paths (JSONPath) with a cost that is known before their evaluation.
//!
//! RFC 9535 allows queries that visit a tree many times over: `$..*..*` visits every value once for
//! each of its ancestors, `$[*,*][*,*]` doubles at every step, `$..[?$..a]` visits the whole tree
//! once for each value. The text of a path determines how often it multiplies. Together with the
//! size and depth of a body this bounds the visits.

use serde_json::Value;
use serde_json_path::JsonPath;

/// The longest path, in bytes.
pub const PATH_MAX: usize = 512;

/// The most visits that all paths of a mapping may make on one body.
pub const COST_MAX: u64 = 2_000_000;

/// The reason for rejecting a path when a mapping is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathFault {
    TooLong,
    /// `match` or `search`: regular expressions are not supported.
    Regex,
    /// More nesting or multiplication than any real mapping needs.
    TooCostly,
    /// Not RFC 9535, at this byte.
    Syntax(usize),
}

/// A checked path.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) text: String,
    query: JsonPath,
    shape: Shape,
}

impl Path {
    pub(super) fn compile(text: &str) -> Result<Self, PathFault> {
        if text.len() > PATH_MAX {
            return Err(PathFault::TooLong);
        }
        let shape = Shape::of(text);
        // The parser tries alternatives for each nested filter, so nesting is bounded beforehand.
        if shape.is_excessive() {
            return Err(PathFault::TooCostly);
        }
        if shape.regex {
            return Err(PathFault::Regex);
        }
        let query = JsonPath::parse(text).map_err(|error| PathFault::Syntax(error.position()))?;
        Ok(Self { text: text.to_owned(), query, shape })
    }

    /// Returns true if the path traverses the tree: wildcard, filter, slice or descent.
    pub(super) fn walks(&self) -> bool {
        self.shape.walks
    }

    /// Returns true for `$`, the whole tree.
    pub(super) fn is_root(&self) -> bool {
        self.text == "$"
    }

    /// The most visits of the path on a tree.
    pub(super) fn cost(&self, size: TreeSize) -> u64 {
        let times = 1_u64.checked_shl(self.shape.commas).unwrap_or(u64::MAX);
        if !self.shape.walks {
            return times;
        }
        let again = (self.shape.descents + self.shape.filters).saturating_sub(1);
        size.nodes
            .saturating_mul(size.depth.max(1).saturating_pow(again))
            .saturating_mul(size.nodes.saturating_pow(self.shape.inner_roots))
            .saturating_mul(times)
    }

    pub(super) fn find<'v>(&self, tree: &'v Value) -> Vec<&'v Value> {
        self.query.query(tree).all()
    }
}

/// The size of a tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TreeSize {
    pub(super) nodes: u64,
    pub(super) depth: u64,
}

impl TreeSize {
    pub(super) fn of(tree: &Value) -> Self {
        let mut size = Self::default();
        size.count(tree, 1);
        size
    }

    fn count(&mut self, value: &Value, depth: u64) {
        self.nodes += 1;
        self.depth = self.depth.max(depth);
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.count(item, depth + 1)),
            Value::Object(entries) => entries.values().for_each(|item| self.count(item, depth + 1)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// The parts of a path that multiply visits, counted before parsing and outside of quoted names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shape {
    descents: u32,
    filters: u32,
    inner_roots: u32,
    commas: u32,
    brackets: u32,
    nesting: u32,
    walks: bool,
    regex: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        let mut shape = Self::default();
        let mut open: u32 = 0;
        let mut before = ' ';
        let plain = outside_quotes(text);
        for c in plain.chars().skip(1) {
            match c {
                '.' if before == '.' => shape.descents += 1,
                '?' => shape.filters += 1,
                '$' => shape.inner_roots += 1,
                ',' => shape.commas += 1,
                '[' | '(' => {
                    shape.brackets += 1;
                    open += 1;
                    shape.nesting = shape.nesting.max(open);
                }
                ']' | ')' => open = open.saturating_sub(1),
                _ => {}
            }
            shape.walks |= matches!(c, '*' | '?' | ':') || (c == '.' && before == '.');
            // `...` is not a path, and two consecutive `..` would count three times.
            before = if c == '.' && before == '.' { ' ' } else { c };
        }
        shape.regex = plain.contains("match(") || plain.contains("search(");
        shape
    }

    fn is_excessive(self) -> bool {
        self.descents + self.filters > 4
            || self.inner_roots > 2
            || self.commas > 8
            || self.nesting > 8
            || self.brackets > 64
    }
}

/// Removes quoted text.
fn outside_quotes(text: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None => plain.push(c),
        }
    }
    plain
}
