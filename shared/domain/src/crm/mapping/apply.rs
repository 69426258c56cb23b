//! Application of a compiled mapping to a payload.

use serde_json::Value;

use super::{
    OnInvalid, Source,
    compile::{CompiledField, CompiledMapping, CompiledTime},
    fill::{Fault, WORD_MAX},
    mapped::{Context, FieldProblem, FieldTrace, Mapped, ProblemReason},
    target::Target,
    value,
};
use crate::{
    common::{
        code::Code,
        expression::{Budget, Expression, OverBudget},
        template::{RENDERED_MAX, RenderFault, Template},
    },
    crm::normalise,
    inbound::{payload::Parsed, webhook::Remark},
};

/// The most business keys from one webhook.
const KEY_VALUES_MAX: usize = 10;
/// The most values of one path that are used.
const MATCHES_MAX: usize = 1_000;
/// The most bytes of values that a field reads, so that its transforms cost little.
const FIELD_BYTES: usize = 64 * 1024;
/// The most found values in a trace, and the most characters of a text.
const TRACE_VALUES: usize = 20;
const TRACE_CHARS: usize = 200;

impl CompiledMapping {
    /// Fills the fields from a payload. It ends without a panic for every payload. An expression over
    /// the budget is a problem, which fails the run.
    pub fn apply(&self, parsed: &Parsed, context: &Context<'_>, budget: &mut Budget) -> Mapped {
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
        for field in &self.fields {
            let (values, matched) = field.values(parsed, budget, context);
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
        self.find_keys(parsed, budget, &mut mapped);
        if let Some(time) = &self.source_time {
            time.find(parsed, (context, budget), &mut mapped);
        }
        mapped
    }

    /// Returns true if any path reads below the root of the body.
    pub(super) fn needs_fields(&self) -> bool {
        let of_body = || self.fields.iter().filter(|field| field.from == Source::Body);
        let mut templates = of_body().flat_map(|field| &field.template);
        let mut paths = of_body().flat_map(|field| &field.paths).chain(&self.keys);
        templates.any(Template::has_slots) || paths.any(|path| !path.is_root())
    }

    fn find_keys(&self, parsed: &Parsed, budget: &mut Budget, mapped: &mut Mapped) {
        for path in &self.keys {
            let Ok(found) = path.find(&parsed.body, budget) else {
                let (reason, limit) = (ProblemReason::TooCostly, None);
                let (path, value) = (Some(path.as_str().to_owned()), None);
                mapped.problems.push(FieldProblem { target: None, path, value, reason, limit });
                continue;
            };
            for key in found.into_iter().take(MATCHES_MAX).filter_map(key) {
                let new = !mapped.keys.iter().any(|known| known == key);
                if new && mapped.keys.len() < KEY_VALUES_MAX {
                    mapped.keys.push(key.to_owned());
                }
            }
        }
    }
}

impl CompiledTime {
    /// Finds the source time. A payload without one is as usual; one that cannot be read is a
    /// warning.
    fn find(
        &self,
        parsed: &Parsed,
        (context, budget): (&Context<'_>, &mut Budget),
        mapped: &mut Mapped,
    ) {
        let Ok(found) = self.path.find(tree(parsed, self.from), budget) else {
            let (reason, limit) = (ProblemReason::TooCostly, None);
            let (path, value) = (Some(self.path.as_str().to_owned()), None);
            mapped.problems.push(FieldProblem { target: None, path, value, reason, limit });
            return;
        };
        let Some(value) = found.first().filter(|value| !value::is_empty(value)) else { return };
        mapped.source_time = value::moment_of(value, self.input, context.zone);
        if mapped.source_time.is_none() {
            let short = shortened(value, &mut TRACE_VALUES.clone());
            let remark = Remark::new(Code::SourceTimeIgnored).with("reason", "invalid_date");
            mapped.time_warning = Some(remark.with("value", value::excerpt(&short)));
        }
    }
}

fn tree(parsed: &Parsed, from: Source) -> &Value {
    match from {
        Source::Body => &parsed.body,
        Source::Query => &parsed.query,
    }
}

/// A value as a business key.
fn key(value: &Value) -> Option<&str> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Number(number) => number.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let key = text.trim();
    let short = key.chars().nth(WORD_MAX).is_none();
    (!key.is_empty() && short && !key.contains('\0')).then_some(key)
}

/// Returns true for an object and for a list with items, which can be mapped by index.
fn has_fields(body: &Value) -> bool {
    body.is_object() || body.as_array().is_some_and(|items| !items.is_empty())
}

impl CompiledField {
    fn path_text(&self) -> Option<String> {
        let paths = self.paths.iter().map(Expression::as_str);
        let texts: Vec<&str> = paths.chain(self.template.as_ref().map(Template::as_str)).collect();
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
        parsed: &Parsed,
        budget: &mut Budget,
        context: &Context<'_>,
    ) -> (Result<Vec<Value>, Fault>, Vec<Value>) {
        if let Some(constant) = &self.constant {
            return (Ok(non_empty(vec![constant.clone()])), Vec::new());
        }
        let tree = tree(parsed, self.from);
        if let Some(template) = &self.template {
            return (self.rendered(template, (tree, budget), context), Vec::new());
        }
        let Ok(found) = self.find(parsed, budget) else {
            return (Err((ProblemReason::TooCostly, None)), Vec::new());
        };
        let mut room = TRACE_VALUES;
        let shown = found.iter().take(TRACE_VALUES).map(|value| shortened(value, &mut room));
        let shown = shown.collect();
        (self.transformed(&found, (tree, budget), context), shown)
    }

    /// Returns true for the id of a chat in place of a phone number. Another path may have the number.
    fn hides_a_phone(&self, value: &Value) -> bool {
        self.target == Target::ContactPhone
            && value.as_str().is_some_and(normalise::is_id_without_phone)
    }

    fn rendered(
        &self,
        template: &Template,
        (tree, budget): (&Value, &mut Budget),
        context: &Context<'_>,
    ) -> Result<Vec<Value>, Fault> {
        let text = template.render(tree, budget).map_err(|fault| match fault {
            RenderFault::OverBudget(OverBudget) => (ProblemReason::TooCostly, None),
            RenderFault::NotText => (ProblemReason::WrongType, None),
            RenderFault::TooLong => (ProblemReason::TooLong, Some(RENDERED_MAX)),
        })?;
        let value = text.map(Value::from);
        self.transformed(&value.iter().collect::<Vec<_>>(), (tree, budget), context)
    }

    fn find<'p>(
        &self,
        parsed: &'p Parsed,
        budget: &mut Budget,
    ) -> Result<Vec<&'p Value>, OverBudget> {
        let tree = tree(parsed, self.from);
        let (mut found, mut hidden) = (Vec::new(), Vec::new());
        for path in &self.paths {
            let here = path.find(tree, budget)?;
            let most = found.len() + MATCHES_MAX;
            for value in here {
                if found.len() >= most || is_hollow(value, budget)? {
                    continue;
                }
                let list = if self.hides_a_phone(value) { &mut hidden } else { &mut found };
                list.push(value);
            }
            if !self.joins && !found.is_empty() {
                break;
            }
        }
        Ok(if found.is_empty() { hidden } else { found })
    }

    fn transformed(
        &self,
        found: &[&Value],
        (tree, budget): (&Value, &mut Budget),
        context: &Context<'_>,
    ) -> Result<Vec<Value>, Fault> {
        // A field has one value, tags have several, and a join reduces several to one.
        let several = self.joins || self.target == Target::DealTags;
        let limit = if several { MATCHES_MAX } else { 1 };
        let used = found.get(..limit.min(found.len())).unwrap_or_default();
        if used.iter().any(|value| self.hides_a_phone(value)) {
            // Whatever the transforms make of it, its digits are no number.
            return Err((ProblemReason::InvalidPhone, None));
        }
        let mut room = FIELD_BYTES;
        if !used.iter().all(|value| fits(value, &mut room)) {
            return Err((ProblemReason::TooLong, Some(FIELD_BYTES)));
        }
        let mut values: Vec<Value> = used.iter().map(|value| (*value).clone()).collect();
        for transform in &self.transforms {
            let result = transform.apply(values, (tree, &mut *budget), context);
            values = result.map_err(|reason| (reason, None))?;
        }
        let values = non_empty(values);
        if !values.is_empty() {
            return Ok(values);
        }
        let default = non_empty(self.default.clone().into_iter().collect());
        let missing = default.is_empty() && self.required;
        if missing { Err((ProblemReason::Missing, None)) } else { Ok(default) }
    }
}

/// As [`value::is_empty`]. Its steps count, because a path can find a nested list again and again.
fn is_hollow(value: &Value, budget: &mut Budget) -> Result<bool, OverBudget> {
    budget.step()?;
    let Value::Array(items) = value else { return Ok(value::is_empty(value)) };
    for item in items {
        if !is_hollow(item, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes the size of a value from the room: the bytes of its texts, and 32 for each value. Returns
/// false if it is larger than the room. It stops there, whatever the size of the rest.
fn fits(value: &Value, room: &mut usize) -> bool {
    let own = match value {
        Value::String(text) => text.len(),
        Value::Number(number) => number.as_str().len(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => 0,
    };
    let Some(left) = room.checked_sub(own + 32) else { return false };
    *room = left;
    match value {
        Value::Array(items) => items.iter().all(|item| fits(item, room)),
        Value::Object(entries) => entries.values().all(|item| fits(item, room)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
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
