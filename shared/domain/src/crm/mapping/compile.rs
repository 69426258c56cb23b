//! Compilation of a mapping when it is saved. A compiled mapping can be applied to any payload.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    DateInput, Field, Mapping, OnInvalid, READS_MAX, Read, Source, SourceTime,
    target::Target,
    transform::{CompiledTransform, Transform},
};
use crate::{
    common::{
        code::Code,
        condition::{Condition, Unsound},
        expression::{Expression, Fault},
        template::{Template, TemplateFault},
    },
    inbound::payload::Format,
};

/// The most fields.
pub const FIELDS_MAX: usize = 100;
/// The most business keys.
pub const KEYS_MAX: usize = 3;
/// The most paths of one field.
pub const PATHS_MAX: usize = 5;
/// The most transforms of one field.
const TRANSFORMS_MAX: usize = 10;
/// The longest constant or default, as JSON.
const LITERAL_MAX: usize = 5_000;

/// The reason for rejecting a mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}", code.as_str())]
pub struct MappingError {
    /// The index of the field or key, from 0; `None` if there are too many.
    pub index: Option<usize>,
    /// The path in the definition: `fields[2].path`.
    pub path: String,
    /// `invalid_jsonpath` or `invalid_mapping`.
    pub code: Code,
    /// The parameters of the code's sentence: `detail` and, if known, `position` (a byte of the
    /// path), or `reason`.
    pub params: BTreeMap<String, String>,
}

/// A checked mapping.
#[derive(Debug, Clone, Default)]
pub struct CompiledMapping {
    pub(super) only_if: Option<Condition>,
    pub(super) reads: Vec<CompiledRead>,
    pub(super) fields: Vec<CompiledField>,
    pub(super) keys: Vec<Expression>,
    pub(super) source_time: Option<CompiledTime>,
}

/// A checked place.
#[derive(Debug, Clone)]
pub(super) struct CompiledRead {
    pub(super) path: Expression,
    pub(super) format: Format,
    pub(super) as_body: bool,
}

/// The place of the sender's own time of the event.
#[derive(Debug, Clone)]
pub(super) struct CompiledTime {
    pub(super) path: Expression,
    pub(super) from: Source,
    pub(super) input: DateInput,
}

#[derive(Debug, Clone)]
pub(super) struct CompiledField {
    pub(super) target: Target,
    pub(super) from: Source,
    pub(super) paths: Vec<Expression>,
    /// True if the values of all paths count, not only those of the first path with a value.
    pub(super) joins: bool,
    pub(super) template: Option<Template>,
    pub(super) constant: Option<Value>,
    pub(super) default: Option<Value>,
    pub(super) required: bool,
    pub(super) on_invalid: OnInvalid,
    pub(super) transforms: Vec<CompiledTransform>,
}

impl CompiledMapping {
    /// Checks a mapping and returns the first error.
    pub fn compile(mapping: &Mapping) -> Result<Self, MappingError> {
        if mapping.fields.len() > FIELDS_MAX {
            return Err(invalid(None, "fields".to_owned(), "too_many"));
        }
        if mapping.keys.len() > KEYS_MAX {
            return Err(invalid(None, "keys".to_owned(), "too_many"));
        }
        if let Some(condition) = &mapping.only_if {
            condition.check("only_if").map_err(unsound)?;
        }
        let mut seen = BTreeSet::new();
        let mut fields = Vec::with_capacity(mapping.fields.len());
        for (index, field) in mapping.fields.iter().enumerate() {
            let compiled = compile_field(index, field)?;
            if !seen.insert(compiled.target.clone()) {
                return Err(field_fault(index, "target", "duplicate"));
            }
            fields.push(compiled);
        }
        let keys = mapping.keys.iter().enumerate();
        let keys =
            keys.map(|(index, text)| compile_path(Some(index), format!("keys[{index}]"), text));
        let keys = keys.collect::<Result<_, _>>()?;
        let source_time = mapping.source_time.as_ref().map(compile_time).transpose()?;
        let (only_if, reads) = (mapping.only_if.clone(), compile_reads(&mapping.read)?);
        Ok(Self { only_if, reads, fields, keys, source_time })
    }
}

fn compile_time(time: &SourceTime) -> Result<CompiledTime, MappingError> {
    let path = compile_path(None, "source_time.path".to_owned(), &time.path)?;
    Ok(CompiledTime { path, from: time.from, input: time.input })
}

fn compile_reads(reads: &[Read]) -> Result<Vec<CompiledRead>, MappingError> {
    if reads.len() > READS_MAX {
        return Err(invalid(None, "read".to_owned(), "too_many"));
    }
    let compile = |(index, read): (usize, &Read)| {
        let path = compile_path(Some(index), format!("read[{index}].path"), &read.path)?;
        Ok(CompiledRead { path, format: read.format, as_body: read.as_body })
    };
    reads.iter().enumerate().map(compile).collect()
}

fn unsound(Unsound { path, reason, limit }: Unsound) -> MappingError {
    let mut error = invalid(None, path, reason);
    error.params.extend(limit.map(|limit| ("limit".to_owned(), limit.to_string())));
    error
}

fn compile_field(index: usize, field: &Field) -> Result<CompiledField, MappingError> {
    let target = field.target.parse().map_err(|_| field_fault(index, "target", "unknown_field"))?;
    if usize::from(field.path.is_some()) + field.paths.len() > PATHS_MAX {
        return Err(field_fault(index, "paths", "too_many"));
    }
    let within = field.transforms.len() <= TRANSFORMS_MAX;
    if !within || !field.transforms.iter().all(Transform::is_bounded) {
        return Err(field_fault(index, "transforms", "out_of_range"));
    }
    let paths = compile_paths(index, field)?;
    let template = field.template.as_deref().map(|text| compile_template(index, text));
    let sources = [!paths.is_empty(), field.constant.is_some(), template.is_some()];
    if sources.into_iter().filter(|given| *given).count() != 1 {
        // Exactly one of path, template and constant is required.
        return Err(field_fault(index, "path", "required"));
    }
    check_literal(index, "constant", field.constant.as_ref())?;
    check_literal(index, "default", field.default.as_ref())?;
    Ok(CompiledField {
        target,
        from: field.from,
        paths,
        joins: field.transforms.iter().any(Transform::is_join),
        template: template.transpose()?,
        constant: field.constant.clone(),
        default: field.default.clone(),
        required: field.required,
        on_invalid: field.on_invalid.unwrap_or(if field.required {
            OnInvalid::Error
        } else {
            OnInvalid::Warn
        }),
        transforms: compile_transforms(index, &field.transforms)?,
    })
}

fn compile_paths(index: usize, field: &Field) -> Result<Vec<Expression>, MappingError> {
    let mut paths = Vec::new();
    if let Some(text) = &field.path {
        paths.push(compile_path(Some(index), format!("fields[{index}].path"), text)?);
    }
    for (n, text) in field.paths.iter().enumerate() {
        paths.push(compile_path(Some(index), format!("fields[{index}].paths[{n}]"), text)?);
    }
    Ok(paths)
}

fn compile_transforms(
    index: usize,
    transforms: &[Transform],
) -> Result<Vec<CompiledTransform>, MappingError> {
    let compile = |(n, transform): (usize, &Transform)| {
        let place = || format!("fields[{index}].transforms[{n}].options");
        transform.compile(|path| compile_path(Some(index), place(), path))
    };
    transforms.iter().enumerate().map(compile).collect()
}

fn compile_template(index: usize, text: &str) -> Result<Template, MappingError> {
    let place = || format!("fields[{index}].template");
    Template::compile(text).map_err(|fault| match fault {
        TemplateFault::TooLong => invalid(Some(index), place(), "too_long"),
        TemplateFault::TooMany => invalid(Some(index), place(), "too_many"),
        TemplateFault::Unclosed(at) => {
            let mut error = invalid(Some(index), place(), "template");
            error.params.insert("position".to_owned(), at.to_string());
            error
        }
        TemplateFault::Keys(reason) => invalid(Some(index), place(), reason),
        TemplateFault::Path(fault) => path_fault(Some(index), place(), fault),
    })
}

/// Checks an expression of a mapping or of the dedupe setting. `place` is its path in the
/// definition.
pub fn compile_path(
    index: Option<usize>,
    place: String,
    text: &str,
) -> Result<Expression, MappingError> {
    Expression::compile(text).map_err(|fault| path_fault(index, place, fault))
}

fn path_fault(index: Option<usize>, place: String, fault: Fault) -> MappingError {
    match fault {
        Fault::TooLong => invalid(index, place, "too_long"),
        Fault::TooCostly => invalid(index, place, "too_costly"),
        Fault::Regex => invalid(index, place, "regex_not_supported"),
        Fault::Syntax(position) => MappingError {
            index,
            path: place,
            code: Code::InvalidJsonpath,
            params: BTreeMap::from([
                ("detail".to_owned(), format!("position {position}")),
                ("position".to_owned(), position.to_string()),
            ]),
        },
    }
}

/// Checks that a constant or default is a text, number, boolean, or list of these (for tags).
fn check_literal(index: usize, name: &str, value: Option<&Value>) -> Result<(), MappingError> {
    let is_scalar = |value: &Value| !value.is_array() && !value.is_object();
    let good = value.is_none_or(|value| {
        let shaped = is_scalar(value) || value.as_array().is_some_and(|a| a.iter().all(is_scalar));
        shaped && value.to_string().len() <= LITERAL_MAX
    });
    if good { Ok(()) } else { Err(field_fault(index, name, "wrong_type")) }
}

fn field_fault(index: usize, name: &str, reason: &str) -> MappingError {
    invalid(Some(index), format!("fields[{index}].{name}"), reason)
}

fn invalid(index: Option<usize>, path: String, reason: &str) -> MappingError {
    let params = BTreeMap::from([("reason".to_owned(), reason.to_owned())]);
    MappingError { index, path, code: Code::InvalidMapping, params }
}
