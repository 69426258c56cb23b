//! Validation and conversion of the values of a field.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    compile::CompiledField,
    format::{DateInput, DateOutput, NumberFormat},
    mapped::{Context, Mapped, ProblemReason},
    number,
    target::Target,
    value,
};
use crate::{
    common::{
        ids::StageId,
        workspace::{Entity, FieldKind},
    },
    crm::DealStatus,
    crm::normalise::{self, Email, Phone},
};

/// The longest name or title, in characters.
const NAME_MAX: usize = 300;
/// The longest custom value, in characters.
const CUSTOM_MAX: usize = 4_096;
/// The most tags from one webhook.
const TAGS_MAX: usize = 50;
/// The longest tag, stage or business key, in characters.
pub(super) const WORD_MAX: usize = 128;

/// The reason and the exceeded limit, if there is one.
pub(super) type Fault = (ProblemReason, Option<usize>);

impl CompiledField {
    /// Fills the field with the values and returns its new value.
    pub(super) fn fill(
        &self,
        values: Vec<Value>,
        mapped: &mut Mapped,
        context: &Context<'_>,
    ) -> Result<Option<Value>, Fault> {
        if self.target == Target::DealTags {
            tags(&values, &mut mapped.deal.tags)?;
            let tags = mapped.deal.tags.iter().map(|tag| Value::from(tag.as_str()));
            return Ok((!mapped.deal.tags.is_empty()).then(|| tags.collect()));
        }
        let Some(value) = values.into_iter().next() else { return Ok(None) };
        let (contact, deal) = (&mut mapped.contact, &mut mapped.deal);
        let result = match &self.target {
            Target::ContactName => Value::from(&**contact.name.insert(word(&value, NAME_MAX)?)),
            Target::ContactEmail => Value::from(contact.email.insert(email(&value)?).as_str()),
            Target::ContactPhone => {
                Value::from(contact.phone.insert(phone(&value, context)?).as_str())
            }
            Target::ContactCustom(key) => {
                let value = custom(value, kind(key, Entity::Contact, context), context)?;
                contact.custom.entry(key.clone()).insert_entry(value).get().clone()
            }
            Target::DealTitle => Value::from(&**deal.title.insert(word(&value, NAME_MAX)?)),
            Target::DealValue => Value::from(&**deal.value.insert(amount(&value)?)),
            Target::DealStage => {
                let text = word(&value, WORD_MAX)?;
                deal.stage = Some(stage(&text, context)?);
                Value::from(text)
            }
            Target::DealStatus => {
                let text = word(&value, CUSTOM_MAX)?;
                deal.status = Some(status(&text)?);
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

/// The length in characters.
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

fn email(value: &Value) -> Result<Email, Fault> {
    let email = normalise::email(&word(value, CUSTOM_MAX)?);
    email.map_err(|_| (ProblemReason::InvalidEmail, None))
}

fn phone(value: &Value, context: &Context<'_>) -> Result<Phone, Fault> {
    let phone = normalise::phone(&word(value, CUSTOM_MAX)?, context.default_region);
    phone.map_err(|_| (ProblemReason::InvalidPhone, None))
}

fn stage(text: &str, context: &Context<'_>) -> Result<StageId, Fault> {
    context.origin.stage(text).ok_or((ProblemReason::UnknownStage, None))
}

fn status(text: &str) -> Result<DealStatus, Fault> {
    DealStatus::parse(text).ok_or((ProblemReason::UnknownStatus, None))
}

fn amount(found: &Value) -> Result<String, Fault> {
    let number = number::number(found, NumberFormat::Auto).map_err(|reason| (reason, None))?;
    number::amount(&number).ok_or((ProblemReason::InvalidNumber, None))
}

/// Adds the tags. A wrong one is the fault, and the others are added all the same.
fn tags(values: &[Value], tags: &mut BTreeSet<String>) -> Result<(), Fault> {
    let mut fault = None;
    for value in values {
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in items.iter().filter(|item| !value::is_empty(item)) {
            match word(item, WORD_MAX) {
                Ok(tag) if tags.len() < TAGS_MAX || tags.contains(&tag) => _ = tags.insert(tag),
                Ok(_) => fault = fault.or(Some((ProblemReason::TooMany, Some(TAGS_MAX)))),
                Err(wrong) => fault = fault.or(Some(wrong)),
            }
        }
    }
    fault.map_or(Ok(()), Err)
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
            let number = number::number(&found, NumberFormat::Auto);
            number.map(Value::Number).map_err(|reason| (reason, None))
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
