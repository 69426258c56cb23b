//! Application of a compiled mapping to a payload.

use serde_json::Value;

use super::{
    OnInvalid, Source,
    compile::{CompiledField, CompiledMapping},
    fill::{Fault, WORD_MAX, length},
    mapped::{Context, FieldProblem, FieldTrace, Mapped, ProblemReason},
    path::{COST_MAX, Path, TreeSize},
    target::Target,
    value,
};
use crate::inbound::payload::Parsed;

/// The most business keys from one webhook.
const KEY_VALUES_MAX: usize = 10;
/// The most values of one path that are used.
const MATCHES_MAX: usize = 1_000;
/// The most found values in a trace, and the most characters of a text.
const TRACE_VALUES: usize = 20;
const TRACE_CHARS: usize = 200;

impl CompiledMapping {
    /// Fills the fields from a payload. It ends without a panic for every payload.
    pub fn apply(&self, parsed: &Parsed, context: &Context<'_>) -> Mapped {
        let mut mapped = Mapped::default();
        if self.needs_fields() && !has_fields(&parsed.body) {
            mapped.problems.push(FieldProblem {
                target: None,
                path: Some("$".to_owned()),
                value: None,
                reason: ProblemReason::NotObject,
                limit: None,
            });
            return mapped;
        }
        let mut budget = Budget { left: COST_MAX, body: None, query: None, parsed };
        for field in &self.fields {
            let (values, matched) = field.values(&mut budget, context);
            let outcome = values.and_then(|values| field.fill(values, &mut mapped, context));
            let result = match outcome {
                Ok(result) => result,
                Err(fault) => {
                    let problem = field.problem(fault, &matched);
                    let list = match field.effect_of(fault.0) {
                        OnInvalid::Warn => &mut mapped.warnings,
                        OnInvalid::Error => &mut mapped.problems,
                    };
                    list.push(problem);
                    None
                }
            };
            let result = result.map(|value| shortened(&value, &mut TRACE_VALUES.clone()));
            let path = field.path_text();
            mapped.trace.push(FieldTrace { target: field.target.clone(), path, matched, result });
        }
        self.find_keys(&mut budget, &mut mapped);
        mapped
    }

    /// Returns true if any path reads below the root of the body.
    fn needs_fields(&self) -> bool {
        let of_body = self.fields.iter().filter(|field| field.from == Source::Body);
        let mut paths = of_body.flat_map(|field| &field.paths).chain(&self.keys);
        paths.any(|path| !path.is_root())
    }

    fn find_keys(&self, budget: &mut Budget<'_>, mapped: &mut Mapped) {
        for path in &self.keys {
            let Some(found) = budget.find(path, Source::Body) else {
                let (reason, limit) = (ProblemReason::TooCostly, None);
                let (path, value) = (Some(path.text.clone()), None);
                mapped.problems.push(FieldProblem { target: None, path, value, reason, limit });
                continue;
            };
            for text in found.into_iter().take(MATCHES_MAX).filter_map(value::text) {
                let key = text.trim();
                let good = !key.is_empty() && !key.contains('\0') && length(key) <= WORD_MAX;
                let new = !mapped.keys.iter().any(|known| known == key);
                if good && new && mapped.keys.len() < KEY_VALUES_MAX {
                    mapped.keys.push(key.to_owned());
                }
            }
        }
    }
}

/// Returns true for an object and for a list with items, which can be mapped by index.
fn has_fields(body: &Value) -> bool {
    body.is_object() || body.as_array().is_some_and(|items| !items.is_empty())
}

/// The remaining visits for a payload, and the sizes of its trees, computed when needed.
struct Budget<'p> {
    left: u64,
    body: Option<TreeSize>,
    query: Option<TreeSize>,
    parsed: &'p Parsed,
}

impl<'p> Budget<'p> {
    /// The values of a path; `None` if it would cost too much.
    fn find(&mut self, path: &Path, from: Source) -> Option<Vec<&'p Value>> {
        let (tree, size) = match from {
            Source::Body => (&self.parsed.body, &mut self.body),
            Source::Query => (&self.parsed.query, &mut self.query),
        };
        let size = if path.walks() {
            *size.get_or_insert_with(|| TreeSize::of(tree))
        } else {
            TreeSize::default()
        };
        self.left = self.left.checked_sub(path.cost(size))?;
        Some(path.find(tree))
    }
}

impl CompiledField {
    fn path_text(&self) -> Option<String> {
        let texts: Vec<&str> = self.paths.iter().map(|path| path.text.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }

    fn problem(&self, (reason, limit): Fault, matched: &[Value]) -> FieldProblem {
        let value = match matched {
            [] => self.constant.as_ref().or(self.default.as_ref()).map(value::excerpt),
            [one] => Some(value::excerpt(one)),
            several => Some(value::excerpt(&Value::from(several))),
        };
        let (target, path) = (Some(self.target.clone()), self.path_text());
        FieldProblem { target, path, value, reason, limit }
    }

    /// The effect of a fault. A missing required field and an expression over its budget always
    /// fail the run, whatever the form of a value.
    fn effect_of(&self, reason: ProblemReason) -> OnInvalid {
        match reason {
            ProblemReason::Missing | ProblemReason::TooCostly | ProblemReason::NotObject => {
                OnInvalid::Error
            }
            ProblemReason::WrongType
            | ProblemReason::InvalidEmail
            | ProblemReason::InvalidPhone
            | ProblemReason::InvalidNumber
            | ProblemReason::AmbiguousNumber
            | ProblemReason::InvalidDate
            | ProblemReason::UnknownStage
            | ProblemReason::UnknownStatus
            | ProblemReason::Nul
            | ProblemReason::TooLong
            | ProblemReason::TooMany => self.on_invalid,
        }
    }

    /// The values for the field, and the found values for the trace.
    fn values(
        &self,
        budget: &mut Budget<'_>,
        context: &Context<'_>,
    ) -> (Result<Vec<Value>, Fault>, Vec<Value>) {
        if let Some(constant) = &self.constant {
            return (Ok(non_empty(vec![constant.clone()])), Vec::new());
        }
        let Some(found) = self.find(budget) else {
            return (Err((ProblemReason::TooCostly, None)), Vec::new());
        };
        let mut room = TRACE_VALUES;
        let shown = found.iter().take(TRACE_VALUES).map(|value| shortened(value, &mut room));
        let shown = shown.collect();
        (self.transformed(&found, context).map_err(|reason| (reason, None)), shown)
    }

    fn find<'p>(&self, budget: &mut Budget<'p>) -> Option<Vec<&'p Value>> {
        let mut found = Vec::new();
        for path in &self.paths {
            let mut here = budget.find(path, self.from)?;
            here.retain(|value| !value::is_empty(value));
            found.extend(here.into_iter().take(MATCHES_MAX));
            if !self.joins && !found.is_empty() {
                break;
            }
        }
        Some(found)
    }

    fn transformed(
        &self,
        found: &[&Value],
        context: &Context<'_>,
    ) -> Result<Vec<Value>, ProblemReason> {
        // A field has one value, tags have several, and a join reduces several to one.
        let several = self.joins || self.target == Target::DealTags;
        let limit = if several { MATCHES_MAX } else { 1 };
        let mut values: Vec<Value> = found.iter().take(limit).map(|v| (*v).clone()).collect();
        for transform in &self.transforms {
            values = transform.apply(values, context)?;
        }
        let values = non_empty(values);
        if !values.is_empty() {
            return Ok(values);
        }
        let default = non_empty(self.default.clone().into_iter().collect());
        let missing = default.is_empty() && self.required;
        if missing { Err(ProblemReason::Missing) } else { Ok(default) }
    }
}

fn non_empty(mut values: Vec<Value>) -> Vec<Value> {
    values.retain(|value| !value::is_empty(value));
    values
}

/// A copy with a limited number of values and a limited length of texts.
fn shortened(value: &Value, room: &mut usize) -> Value {
    *room = room.saturating_sub(1);
    match value {
        Value::String(text) => match text.char_indices().nth(TRACE_CHARS) {
            Some((end, _)) => Value::from(format!("{}…", text.get(..end).unwrap_or_default())),
            None => value.clone(),
        },
        Value::Array(items) => {
            let some = items.iter().take(*room);
            some.map(|item| shortened(item, room)).collect()
        }
        Value::Object(entries) => {
            let some = entries.iter().take(*room);
            some.map(|(key, item)| (key.clone(), shortened(item, room))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
