//! The evaluator of the expressions that tenants write, and the budget that bounds it.
//!
//! An expression is a JSONPath (RFC 9535) without regular expressions. Some visit a tree many times
//! over: `$..*..*` visits every value once for each of its ancestors, `$..[?$..a]` visits the whole
//! tree once for each value, and `$[?@ == $.big]` compares a long text again and again. So every
//! evaluation takes from a [`Budget`] of steps, nodes and bytes, and ends with [`OverBudget`] when
//! it is empty. The budget counts work and asks no clock: the same body gives the same result.
//!
//! This is the only place that evaluates an expression (decision 0065). The conditions of rules, which
//! are comparisons and no expressions, take from the same budget.

mod parse;
mod tree;

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use self::tree::{Compare, Logical, Operand, Query, Segment, Selector};

/// The longest expression, in bytes.
pub const EXPRESSION_MAX: usize = 512;

/// The reason for refusing an expression when it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Longer than [`EXPRESSION_MAX`].
    TooLong,
    /// `match` or `search`: regular expressions are not supported.
    Regex,
    /// More nesting or multiplication than any real expression needs.
    TooCostly,
    /// Not RFC 9535, at this byte.
    Syntax(usize),
}

/// The budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the expressions would take too long on this body")]
pub struct OverBudget;

/// The work that all expressions of one webhook or event may do together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Values to visit and comparisons to make.
    pub steps: u32,
    /// Entries of lists of results: 8 bytes each.
    pub nodes: u32,
    /// Bytes of texts and numbers to compare or measure.
    pub bytes: u32,
}

impl Budget {
    /// The budget of a webhook or an event. Measured in decision 0065: at most 50 ms and 16 MB.
    pub const WHOLE: Self = Self { steps: 1_200_000, nodes: 600_000, bytes: 32 * 1024 * 1024 };

    /// Takes one step.
    pub fn step(&mut self) -> Result<(), OverBudget> {
        self.steps = self.steps.checked_sub(1).ok_or(OverBudget)?;
        Ok(())
    }

    fn push<'v>(&mut self, list: &mut Vec<&'v Value>, value: &'v Value) -> Result<(), OverBudget> {
        self.nodes = self.nodes.checked_sub(1).ok_or(OverBudget)?;
        list.push(value);
        Ok(())
    }

    /// Takes the bytes of a text that is compared or searched.
    pub fn read(&mut self, bytes: usize) -> Result<(), OverBudget> {
        let bytes = u32::try_from(bytes).map_err(|_| OverBudget)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(OverBudget)?;
        Ok(())
    }
}

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    segments: Vec<Segment>,
}

impl Expression {
    /// Checks an expression.
    pub fn compile(text: &str) -> Result<Self, Fault> {
        if text.len() > EXPRESSION_MAX {
            return Err(Fault::TooLong);
        }
        Ok(Self { text: text.to_owned(), segments: parse::parse(text)? })
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns true for `$`, the whole tree.
    pub fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    /// The values that the expression selects, in the order of RFC 9535.
    pub fn find<'v>(
        &self,
        tree: &'v Value,
        budget: &mut Budget,
    ) -> Result<Vec<&'v Value>, OverBudget> {
        Evaluation { root: tree, budget }.select(&self.segments, tree)
    }
}

/// Returns true if two values are equal; numbers are compared by value.
pub fn same(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, OverBudget> {
    Evaluation { root: left, budget }.same(left, right)
}

/// One evaluation on a tree.
struct Evaluation<'v, 'b> {
    root: &'v Value,
    budget: &'b mut Budget,
}

/// The value of one side of a comparison.
enum Comparable<'v> {
    Nothing,
    One(&'v Value),
    Size(usize),
}

impl<'v> Evaluation<'v, '_> {
    fn select(
        &mut self,
        segments: &[Segment],
        start: &'v Value,
    ) -> Result<Vec<&'v Value>, OverBudget> {
        let mut nodes = vec![start];
        for segment in segments {
            let mut next = Vec::new();
            for node in nodes {
                self.segment(segment, node, &mut next)?;
            }
            nodes = next;
        }
        Ok(nodes)
    }

    fn segment(
        &mut self,
        segment: &Segment,
        node: &'v Value,
        found: &mut Vec<&'v Value>,
    ) -> Result<(), OverBudget> {
        self.budget.step()?;
        for selector in &segment.selectors {
            self.selector(selector, node, found)?;
        }
        if segment.descends {
            for child in children(node) {
                self.segment(segment, child, found)?;
            }
        }
        Ok(())
    }

    fn selector(
        &mut self,
        selector: &Selector,
        node: &'v Value,
        found: &mut Vec<&'v Value>,
    ) -> Result<(), OverBudget> {
        self.budget.step()?;
        match selector {
            Selector::Name(name) => {
                node.get(name).map_or(Ok(()), |value| self.budget.push(found, value))
            }
            Selector::Index(index) => {
                let list = node.as_array().map_or(&[][..], Vec::as_slice);
                let value = position(*index, list.len()).and_then(|at| list.get(at));
                value.map_or(Ok(()), |value| self.budget.push(found, value))
            }
            Selector::Wildcard => {
                children(node).try_for_each(|child| self.budget.push(found, child))
            }
            Selector::Slice { start, end, step } => {
                let list = node.as_array().map_or(&[][..], Vec::as_slice);
                let mut chosen = slice(list, *start, *end, *step);
                chosen.try_for_each(|value| self.budget.push(found, value))
            }
            Selector::Filter(condition) => {
                for child in children(node) {
                    if self.holds(condition, child)? {
                        self.budget.push(found, child)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn holds(&mut self, condition: &Logical, here: &'v Value) -> Result<bool, OverBudget> {
        self.budget.step()?;
        match condition {
            Logical::Or(list) => self.any(list, here, true),
            Logical::And(list) => self.any(list, here, false).map(|found| !found),
            Logical::Not(inner) => self.holds(inner, here).map(|holds| !holds),
            Logical::Exists(query) => self.query(query, here).map(|found| !found.is_empty()),
            Logical::Compare(left, compare, right) => {
                let (left, right) = (self.operand(left, here)?, self.operand(right, here)?);
                self.compare(&left, *compare, &right)
            }
        }
    }

    /// Returns true if any condition of a list has this result.
    fn any(&mut self, list: &[Logical], here: &'v Value, result: bool) -> Result<bool, OverBudget> {
        for condition in list {
            if self.holds(condition, here)? == result {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn query(&mut self, query: &Query, here: &'v Value) -> Result<Vec<&'v Value>, OverBudget> {
        self.select(&query.segments, if query.from_root { self.root } else { here })
    }

    fn operand<'o>(
        &mut self,
        operand: &'o Operand,
        here: &'v Value,
    ) -> Result<Comparable<'o>, OverBudget>
    where
        'v: 'o,
    {
        let only = |found: Vec<&'v Value>| match found.as_slice() {
            [one] => Comparable::One(one),
            _ => Comparable::Nothing,
        };
        Ok(match operand {
            Operand::Literal(value) => Comparable::One(value),
            Operand::Query(query) | Operand::Value(query) => only(self.query(query, here)?),
            Operand::Count(query) => Comparable::Size(self.query(query, here)?.len()),
            Operand::Length(inner) => match self.operand(inner, here)? {
                Comparable::One(Value::String(text)) => {
                    self.budget.read(text.len())?;
                    Comparable::Size(text.chars().count())
                }
                Comparable::One(Value::Array(list)) => Comparable::Size(list.len()),
                Comparable::One(Value::Object(map)) => Comparable::Size(map.len()),
                Comparable::One(Value::Null | Value::Bool(_) | Value::Number(_))
                | Comparable::Nothing
                | Comparable::Size(_) => Comparable::Nothing,
            },
        })
    }

    fn compare(
        &mut self,
        left: &Comparable<'_>,
        compare: Compare,
        right: &Comparable<'_>,
    ) -> Result<bool, OverBudget> {
        match compare {
            Compare::Equal => self.equal(left, right),
            Compare::Different => self.equal(left, right).map(|equal| !equal),
            Compare::Less => self.less(left, right),
            Compare::More => self.less(right, left),
            Compare::AtMost => Ok(self.less(left, right)? || self.equal(left, right)?),
            Compare::AtLeast => Ok(self.less(right, left)? || self.equal(left, right)?),
        }
    }

    fn equal(&mut self, left: &Comparable<'_>, right: &Comparable<'_>) -> Result<bool, OverBudget> {
        match (left, right) {
            (Comparable::Nothing, Comparable::Nothing) => Ok(true),
            (Comparable::One(left), Comparable::One(right)) => self.same(left, right),
            (Comparable::Size(left), Comparable::Size(right)) => Ok(left == right),
            (Comparable::One(value), Comparable::Size(size))
            | (Comparable::Size(size), Comparable::One(value)) => {
                self.same(value, &Value::from(*size))
            }
            (Comparable::Nothing, Comparable::One(_) | Comparable::Size(_))
            | (Comparable::One(_) | Comparable::Size(_), Comparable::Nothing) => Ok(false),
        }
    }

    /// Returns true if the left side is less: two texts, or two numbers.
    fn less(&mut self, left: &Comparable<'_>, right: &Comparable<'_>) -> Result<bool, OverBudget> {
        if let (Comparable::One(Value::String(left)), Comparable::One(Value::String(right))) =
            (left, right)
        {
            self.budget.read(left.len().min(right.len()))?;
            return Ok(left < right);
        }
        let (Some(left), Some(right)) = (number(left), number(right)) else { return Ok(false) };
        self.budget.read(left.as_str().len() + right.as_str().len())?;
        Ok(order(&left, &right).is_some_and(std::cmp::Ordering::is_lt))
    }

    /// Returns true if two values are equal; numbers are compared by value.
    fn same(&mut self, left: &Value, right: &Value) -> Result<bool, OverBudget> {
        self.budget.step()?;
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                self.budget.read(left.as_str().len() + right.as_str().len())?;
                Ok(left == right || order(left, right).is_some_and(std::cmp::Ordering::is_eq))
            }
            (Value::String(left), Value::String(right)) if left.len() == right.len() => {
                self.budget.read(left.len())?;
                Ok(left == right)
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                for (left, right) in left.iter().zip(right) {
                    if !self.same(left, right)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
                self.same_entries(left, right)
            }
            (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
            (Value::Null, Value::Null) => Ok(true),
            _ => Ok(false),
        }
    }

    fn same_entries(
        &mut self,
        left: &Map<String, Value>,
        right: &Map<String, Value>,
    ) -> Result<bool, OverBudget> {
        for (key, left) in left {
            self.budget.read(key.len())?;
            match right.get(key) {
                Some(right) if self.same(left, right)? => {}
                Some(_) | None => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// A side of a comparison as a number.
fn number<'v>(one: &Comparable<'v>) -> Option<Cow<'v, Number>> {
    match one {
        Comparable::One(Value::Number(number)) => Some(Cow::Borrowed(number)),
        Comparable::Size(size) => Some(Cow::Owned(Number::from(*size))),
        Comparable::One(_) | Comparable::Nothing => None,
    }
}

/// Orders numbers by value: integers of up to 38 digits exactly, others as floats.
fn order(left: &Number, right: &Number) -> Option<std::cmp::Ordering> {
    let whole = |number: &Number| number.as_str().parse::<i128>().ok();
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn children(node: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match node {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(entries) => Box::new(entries.values()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Box::new(std::iter::empty())
        }
    }
}

/// The position of an index; a negative one counts from the end.
fn position(index: i64, length: usize) -> Option<usize> {
    let from_end = if index < 0 { i64::try_from(length).ok()? } else { 0 };
    usize::try_from(index.checked_add(from_end)?).ok()
}

/// The items of a slice (RFC 9535, 2.3.4.2.2). A step of 0 selects nothing.
fn slice(
    list: &[Value],
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
) -> Box<dyn Iterator<Item = &Value> + '_> {
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let counted = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let item = move |at: i64| usize::try_from(at).ok().and_then(|at| list.get(at));
    let every = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    match step {
        0 => Box::new(std::iter::empty()),
        1.. => {
            let from = counted(start.unwrap_or(0)).clamp(0, length);
            let to = counted(end.unwrap_or(length)).clamp(0, length);
            Box::new((from..to).step_by(every).filter_map(item))
        }
        _ => {
            let from = start.map_or(length - 1, counted).clamp(-1, length - 1);
            let to = end.map_or(-1, counted).clamp(-1, length - 1);
            Box::new((to + 1..=from).rev().step_by(every).filter_map(item))
        }
    }
}

#[cfg(test)]
mod tests;
