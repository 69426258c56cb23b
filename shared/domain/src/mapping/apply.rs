//! A compiled mapping meets a payload.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Source,
    compile::{CompiledField, CompiledMapping},
    mapped::{Context, FieldProblem, FieldTrace, Mapped, ProblemReason},
    path::{COST_MAX, Path, TreeSize},
    target::Target,
    transform::{DateInput, DateOutput, NumberFormat},
    value,
};
use crate::{
    crm::DealStatus,
    normalise,
    payload::Parsed,
    workspace::{Entity, FieldKind},
};

/// The longest name or title, in characters.
const NAME_MAX: usize = 300;
/// The longest custom value, in characters.
const CUSTOM_MAX: usize = 4_096;
/// The longest tag, stage or business key, in characters.
const WORD_MAX: usize = 128;
/// The most tags from one webhook.
const TAGS_MAX: usize = 50;
/// The most business keys from one webhook.
const KEY_VALUES_MAX: usize = 10;
/// The most values of one path that are looked at.
const MATCHES_MAX: usize = 1_000;
/// How much of what was found a trace shows: values, and characters of a text.
const TRACE_VALUES: usize = 20;
const TRACE_CHARS: usize = 200;

/// Why, and the limit where there is one.
type Fault = (ProblemReason, Option<usize>);

impl CompiledMapping {
    /// Fills the fields from a payload. Whatever the payload holds, this ends and does not panic.
    pub fn apply(&self, parsed: &Parsed, context: &Context<'_>) -> Mapped {
        let mut mapped = Mapped::default();
        if self.needs_fields() && !has_fields(&parsed.body) {
            mapped.problems.push(FieldProblem {
                target: None,
                path: Some("$".to_owned()),
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
                Err((reason, limit)) => {
                    mapped.problems.push(field.problem(reason, limit));
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

    /// Whether any path goes into the body.
    fn needs_fields(&self) -> bool {
        let of_body = self.fields.iter().filter(|field| field.from == Source::Body);
        let mut paths = of_body.flat_map(|field| &field.paths).chain(&self.keys);
        paths.any(|path| !path.is_root())
    }

    fn find_keys(&self, budget: &mut Budget<'_>, mapped: &mut Mapped) {
        for path in &self.keys {
            let Some(found) = budget.find(path, Source::Body) else {
                let (reason, limit) = (ProblemReason::TooCostly, None);
                let path = Some(path.text.clone());
                mapped.problems.push(FieldProblem { target: None, path, reason, limit });
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

/// A list that holds something may be mapped by index; a bare value or an empty list may not.
fn has_fields(body: &Value) -> bool {
    body.is_object() || body.as_array().is_some_and(|items| !items.is_empty())
}

/// The visits that are left for a payload, and its sizes once they were needed.
struct Budget<'p> {
    left: u64,
    body: Option<TreeSize>,
    query: Option<TreeSize>,
    parsed: &'p Parsed,
}

impl<'p> Budget<'p> {
    /// What a path finds; `None` when it would cost too much.
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

    fn problem(&self, reason: ProblemReason, limit: Option<usize>) -> FieldProblem {
        FieldProblem { target: Some(self.target.clone()), path: self.path_text(), reason, limit }
    }

    /// The values for the field, and what the paths had found, for the trace.
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
        // A field takes one value, tags take all, a join makes one of them.
        let several = self.joins || self.target == Target::DealTags;
        let wanted = if several { MATCHES_MAX } else { 1 };
        let mut values: Vec<Value> = found.iter().take(wanted).map(|v| (*v).clone()).collect();
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

    /// Puts the values into the field; gives back what it became.
    fn fill(
        &self,
        values: Vec<Value>,
        mapped: &mut Mapped,
        context: &Context<'_>,
    ) -> Result<Option<Value>, Fault> {
        if self.target == Target::DealTags {
            mapped.deal.tags = tags(&values)?;
            let tags = mapped.deal.tags.iter().map(|tag| Value::from(tag.as_str()));
            return Ok((!mapped.deal.tags.is_empty()).then(|| tags.collect()));
        }
        let Some(value) = values.into_iter().next() else { return Ok(None) };
        let (contact, deal) = (&mut mapped.contact, &mut mapped.deal);
        let result = match &self.target {
            Target::ContactName => Value::from(&**contact.name.insert(word(&value, NAME_MAX)?)),
            Target::ContactEmail => {
                let email = normalise::email(&word(&value, CUSTOM_MAX)?);
                let email = email.map_err(|_| (ProblemReason::InvalidEmail, None))?;
                Value::from(contact.email.insert(email).as_str())
            }
            Target::ContactPhone => {
                let phone = normalise::phone(&word(&value, CUSTOM_MAX)?, context.default_region);
                let phone = phone.map_err(|_| (ProblemReason::InvalidPhone, None))?;
                Value::from(contact.phone.insert(phone).as_str())
            }
            Target::ContactCustom(key) => {
                let value = custom(value, kind(key, Entity::Contact, context), context)?;
                contact.custom.entry(key.clone()).insert_entry(value).get().clone()
            }
            Target::DealTitle => Value::from(&**deal.title.insert(word(&value, NAME_MAX)?)),
            Target::DealValue => Value::from(&**deal.value.insert(amount(&value)?)),
            Target::DealStage => Value::from(&**deal.stage.insert(word(&value, WORD_MAX)?)),
            Target::DealStatus => {
                let text = word(&value, CUSTOM_MAX)?;
                let status =
                    DealStatus::parse(&text).ok_or((ProblemReason::UnknownStatus, None))?;
                deal.status = Some(status);
                Value::from(text)
            }
            Target::DealTags => Value::Null,
            Target::DealCustom(key) => {
                let value = custom(value, kind(key, Entity::Deal, context), context)?;
                deal.custom.entry(key.clone()).insert_entry(value).get().clone()
            }
        };
        Ok(Some(result))
    }
}

fn non_empty(mut values: Vec<Value>) -> Vec<Value> {
    values.retain(|value| !value::is_empty(value));
    values
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// A trimmed text of at most `limit` characters, without NUL.
fn word(value: &Value, limit: usize) -> Result<String, Fault> {
    let text = value::text(value).ok_or((ProblemReason::WrongType, None))?;
    let text = text.trim();
    if text.contains('\0') {
        Err((ProblemReason::Nul, None))
    } else if length(text) > limit {
        Err((ProblemReason::TooLong, Some(limit)))
    } else {
        Ok(text.to_owned())
    }
}

fn amount(found: &Value) -> Result<String, Fault> {
    let wrong = (ProblemReason::InvalidNumber, None);
    if value::text(found).is_none() {
        return Err((ProblemReason::WrongType, None));
    }
    let number = value::number(found, NumberFormat::Plain).ok_or(wrong)?;
    if value::is_amount(&number) { Ok(number.to_string()) } else { Err(wrong) }
}

fn tags(values: &[Value]) -> Result<BTreeSet<String>, Fault> {
    let mut tags = BTreeSet::new();
    for value in values {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in items.iter().filter(|item| !value::is_empty(item)) {
            tags.insert(word(item, WORD_MAX)?);
            if tags.len() > TAGS_MAX {
                return Err((ProblemReason::TooLong, Some(TAGS_MAX)));
            }
        }
    }
    Ok(tags)
}

fn kind(key: &str, entity: Entity, context: &Context<'_>) -> FieldKind {
    let defined = context.custom_fields.get(key).filter(|field| field.entity == entity);
    defined.map_or(FieldKind::Text, |field| field.kind)
}

fn custom(found: Value, kind: FieldKind, context: &Context<'_>) -> Result<Value, Fault> {
    match kind {
        FieldKind::Text => match found {
            Value::Bool(flag) => Ok(Value::from(flag.to_string())),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => word(&found, CUSTOM_MAX).map(Value::from),
        },
        FieldKind::Number => {
            let text = word(&found, CUSTOM_MAX)?;
            let found = if found.is_number() { found } else { Value::from(text) };
            let number = value::number(&found, NumberFormat::Plain);
            number.map(Value::Number).ok_or((ProblemReason::InvalidNumber, None))
        }
        FieldKind::Date => {
            let text = Value::from(word(&found, WORD_MAX)?);
            let date = value::date(&text, DateInput::Auto, DateOutput::Auto, context.zone);
            date.map(Value::from).ok_or((ProblemReason::InvalidDate, None))
        }
        FieldKind::Boolean => flag(&found).map(Value::Bool).ok_or((ProblemReason::WrongType, None)),
    }
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Bool(flag) = value {
        return Some(*flag);
    }
    match value::text(value)?.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "sim" | "s" | "y" => Some(true),
        "false" | "0" | "no" | "off" | "não" | "nao" | "n" => Some(false),
        _ => None,
    }
}

/// A copy for people to look at: so many values and so much of a text, no more.
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
