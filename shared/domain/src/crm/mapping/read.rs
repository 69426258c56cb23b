//! Preparation of a payload for its mapping: texts are read as what they hold, and the condition of
//! the integration is decided.
//!
//! Texts are read in the order of the mapping, so that base64 of JSON is two entries of one path. They
//! take from the webhook's budget, and together give at most [`READ_NODES_MAX`] values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Source,
    compile::{CompiledMapping, CompiledRead},
};
use crate::{
    common::{
        code::Code,
        expression::{Budget, OverBudget},
    },
    inbound::{
        payload::{DEPTH_MAX, Format, Kind, NODES_MAX, Parsed, Unreadable},
        webhook::Remark,
    },
};

/// The most values that all texts of a webhook give together.
const READ_NODES_MAX: usize = 100_000;

/// The result of preparing a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Texts that could not be read; each names its path.
    pub warnings: Vec<Remark>,
    /// False if the webhook does not meet the integration's condition. The failure of the run if the
    /// budget ended before that was decided.
    pub is_taken: Result<bool, Remark>,
}

impl CompiledMapping {
    /// Reads the texts of a payload in place, and decides the condition.
    pub fn prepare(&self, parsed: &mut Parsed, budget: &mut Budget) -> Prepared {
        let mut prepared = Prepared { warnings: Vec::new(), is_taken: Ok(true) };
        if parsed.kind == Kind::Xml && !self.reads_root_alone() {
            let tree = parsed.body.as_str().map(|text| Format::Xml.read(text, NODES_MAX));
            match tree {
                Some(Ok(tree)) => parsed.body = tree,
                Some(Err(fault)) => prepared.warnings.push(unreadable("$", Format::Xml, fault)),
                None => {}
            }
        }
        let mut room = READ_NODES_MAX;
        for read in &self.reads {
            match read.apply(&mut parsed.body, &mut room, budget) {
                Ok(None) => {}
                Ok(Some(fault)) => {
                    let remark = unreadable(read.path.as_str(), read.format, fault);
                    prepared.warnings.push(remark);
                }
                Err(OverBudget) => {
                    let remark = Remark::new(Code::MappingTooCostly);
                    prepared.is_taken = Err(remark.with("path", read.path.as_str()));
                    return prepared;
                }
            }
        }
        if let Some(condition) = &self.only_if {
            let holds = condition.holds(&parsed.body, budget);
            prepared.is_taken = holds.map_err(|_| Remark::new(Code::ConditionTooCostly));
        }
        prepared
    }

    /// Returns true if the mapping uses the body, but nothing within it.
    fn reads_root_alone(&self) -> bool {
        let of_body = self.fields.iter().filter(|field| field.from == Source::Body);
        let mut paths = of_body.flat_map(|field| &field.paths).peekable();
        paths.peek().is_some() && self.only_if.is_none() && !self.needs_fields()
    }
}

fn unreadable(path: &str, format: Format, fault: Unreadable) -> Remark {
    let remark = Remark::new(Code::TextUnreadable).with("path", path);
    remark.with("format", format.as_str()).with("reason", fault.0)
}

impl CompiledRead {
    /// Reads the texts at the place. Returns the first fault; a text with a fault stays as it is.
    fn apply(
        &self,
        body: &mut Value,
        room: &mut usize,
        budget: &mut Budget,
    ) -> Result<Option<Unreadable>, OverBudget> {
        let found = self.path.find(body, budget)?;
        let texts = found.into_iter().filter(|value| value.as_str().is_some_and(is_filled));
        let mut pass = Pass { read: self, places: texts.map(address).collect(), room, budget };
        let mut result = PassResult::default();
        pass.visit(body, 0, &mut result)?;
        if let Some(whole) = result.body {
            *body = whole;
        }
        Ok(result.fault)
    }
}

fn is_filled(text: &str) -> bool {
    !text.trim().is_empty()
}

/// The address of a value, by which a found value is recognised while the tree is changed.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// A walk through a tree to its places. A place is a text and has no places below it, so no address
/// is used again while it is still looked for.
struct Pass<'p> {
    read: &'p CompiledRead,
    places: BTreeSet<usize>,
    room: &'p mut usize,
    budget: &'p mut Budget,
}

#[derive(Default)]
struct PassResult {
    /// The first text that could not be read.
    fault: Option<Unreadable>,
    /// The new body.
    body: Option<Value>,
}

impl Pass<'_> {
    fn visit(
        &mut self,
        value: &mut Value,
        depth: usize,
        result: &mut PassResult,
    ) -> Result<(), OverBudget> {
        if self.places.is_empty() {
            return Ok(());
        }
        self.budget.step()?;
        if self.places.remove(&address(value)) {
            return self.place(value, depth, result);
        }
        match value {
            Value::Array(items) => {
                items.iter_mut().try_for_each(|item| self.visit(item, depth + 1, result))
            }
            Value::Object(entries) => {
                entries.values_mut().try_for_each(|item| self.visit(item, depth + 1, result))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn place(
        &mut self,
        value: &mut Value,
        depth: usize,
        result: &mut PassResult,
    ) -> Result<(), OverBudget> {
        let text = value.as_str().unwrap_or_default();
        self.budget.read(text.len())?;
        let depth = if self.read.as_body { 0 } else { depth };
        match self.read.format.read(text, *self.room).and_then(|tree| within(tree, depth)) {
            Ok(tree) => {
                *self.room = self.room.saturating_sub(count(&tree));
                if !self.read.as_body {
                    *value = tree;
                } else if result.body.is_none() {
                    result.body = Some(tree);
                }
            }
            Err(fault) => result.fault = result.fault.or(Some(fault)),
        }
        Ok(())
    }
}

/// The tree, if it is not too deep for its place.
fn within(tree: Value, depth: usize) -> Result<Value, Unreadable> {
    if depth + height(&tree) > DEPTH_MAX { Err(Unreadable("too_deep")) } else { Ok(tree) }
}

fn height(tree: &Value) -> usize {
    let below = match tree {
        Value::Array(items) => items.iter().map(height).max(),
        Value::Object(entries) => entries.values().map(height).max(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return 0,
    };
    below.unwrap_or(0) + 1
}

fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
