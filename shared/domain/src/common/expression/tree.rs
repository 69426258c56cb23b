//! The syntax tree of an expression.

use serde_json::Value;

/// One step of an expression: its selectors, applied to a value or to all values below it.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) descends: bool,
    pub(super) selectors: Vec<Selector>,
}

/// A choice of children.
#[derive(Debug, Clone)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Logical),
}

/// A condition of a filter.
#[derive(Debug, Clone)]
pub(super) enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    Exists(Query),
    Compare(Operand, Compare, Operand),
}

/// A query inside of a filter, from the root or from the present value.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) from_root: bool,
    pub(super) segments: Vec<Segment>,
}

impl Query {
    /// Returns true if the query has at most one result on any value.
    pub(super) fn is_singular(&self) -> bool {
        let single = |segment: &Segment| {
            let one = matches!(*segment.selectors, [Selector::Name(_) | Selector::Index(_)]);
            one && !segment.descends
        };
        self.segments.iter().all(single)
    }
}

/// A side of a comparison.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Literal(Value),
    Query(Query),
    Length(Box<Operand>),
    Count(Query),
    Value(Query),
}

/// A comparison.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compare {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}
