//! Text templates: `Pedido {{data.number}} de {{$.customer.name}}`.
//!
//! A slot in double braces holds a path: keys joined by dots, as in a [`condition`], or a JSONPath that
//! begins with `$`. A text, number or boolean is written as it is, a list as its items joined by `, `;
//! nothing is written for a value that is missing or null. `\{{` is two braces. The result is a plain
//! text: it is escaped where it is put, as JSON or as a query.

use serde_json::Value;

use super::{
    condition,
    expression::{self, Budget, Expression, OverBudget},
};

/// The longest template, in bytes.
pub const TEMPLATE_MAX: usize = 2_000;
/// The most slots of a template.
pub const SLOTS_MAX: usize = 20;
/// The longest text that a template gives, in bytes.
pub const RENDERED_MAX: usize = 64 * 1024;

/// The reason for refusing a template when it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateFault {
    /// Longer than [`TEMPLATE_MAX`].
    TooLong,
    /// More slots than [`SLOTS_MAX`].
    TooMany,
    /// The slot that begins at this byte is not closed.
    Unclosed(usize),
    /// The keys of a slot: `required` if there are none, or `unknown_value` if one is empty.
    Keys(&'static str),
    /// The JSONPath of a slot; a position counts from the start of the template.
    Path(expression::Fault),
}

/// The reason for failing to fill a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// The budget is used up.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// A slot found an object, or a list with one.
    #[error("not a text")]
    NotText,
    /// Longer than [`RENDERED_MAX`].
    #[error("too long")]
    TooLong,
}

/// A checked template.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Keys(String),
    Path(Expression),
}

impl Template {
    /// Checks a template.
    pub fn compile(text: &str) -> Result<Self, TemplateFault> {
        if text.len() > TEMPLATE_MAX {
            return Err(TemplateFault::TooLong);
        }
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            if let Some(before) = before.strip_suffix('\\') {
                plain.push_str(before);
                plain.push_str("{{");
                rest = after;
                continue;
            }
            plain.push_str(before);
            let start = text.len() - after.len();
            let (slot, after) = after.split_once("}}").ok_or(TemplateFault::Unclosed(start - 2))?;
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(slot_of(slot, start)?);
            rest = after;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        let template = Self { text: text.to_owned(), pieces };
        if template.slots().count() > SLOTS_MAX {
            Err(TemplateFault::TooMany)
        } else {
            Ok(template)
        }
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn slots(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_)))
    }

    /// Returns true if there is a slot.
    pub fn has_slots(&self) -> bool {
        self.slots().next().is_some()
    }

    /// The filled text; `None` if there are slots and all of them are empty.
    pub fn render(&self, tree: &Value, budget: &mut Budget) -> Result<Option<String>, RenderFault> {
        let (mut text, mut is_filled) = (String::new(), !self.has_slots());
        for piece in &self.pieces {
            let before = text.len();
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Keys(path) => {
                    let found = condition::find(tree, path, budget)?;
                    write(&mut text, found.into_iter(), budget)?;
                }
                Piece::Path(path) => {
                    let found = path.find(tree, budget)?;
                    write(&mut text, found.into_iter(), budget)?;
                }
            }
            let added = text.get(before..).unwrap_or_default();
            is_filled |= !matches!(piece, Piece::Text(_)) && !added.trim().is_empty();
            if text.len() > RENDERED_MAX {
                return Err(RenderFault::TooLong);
            }
        }
        Ok(is_filled.then_some(text))
    }
}

fn slot_of(slot: &str, start: usize) -> Result<Piece, TemplateFault> {
    let path = slot.trim();
    if path.starts_with('$') {
        let offset = start + (slot.len() - slot.trim_start().len());
        let placed = |fault| match fault {
            expression::Fault::Syntax(at) => expression::Fault::Syntax(at + offset),
            other @ (expression::Fault::TooLong
            | expression::Fault::Regex
            | expression::Fault::TooCostly) => other,
        };
        return Expression::compile(path)
            .map(Piece::Path)
            .map_err(|fault| TemplateFault::Path(placed(fault)));
    }
    condition::check_keys("", path).map_err(|fault| TemplateFault::Keys(fault.reason))?;
    Ok(Piece::Keys(path.to_owned()))
}

/// Writes values, separated by `, `.
fn write<'v>(
    text: &mut String,
    values: impl Iterator<Item = &'v Value>,
    budget: &mut Budget,
) -> Result<(), RenderFault> {
    let start = text.len();
    for value in values {
        budget.step()?;
        let one = match value {
            Value::Null => continue,
            Value::Bool(flag) => {
                if *flag {
                    "true"
                } else {
                    "false"
                }
            }
            Value::Number(number) => number.as_str(),
            Value::String(one) => one,
            Value::Array(items) => {
                let mut inner = String::new();
                write(&mut inner, items.iter(), budget)?;
                join(text, start, &inner);
                continue;
            }
            Value::Object(_) => return Err(RenderFault::NotText),
        };
        budget.read(one.len())?;
        join(text, start, one);
        if text.len() > RENDERED_MAX {
            return Err(RenderFault::TooLong);
        }
    }
    Ok(())
}

fn join(text: &mut String, start: usize, one: &str) {
    if !one.is_empty() {
        text.push_str(if text.len() > start { ", " } else { "" });
        text.push_str(one);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn filled(template: &str, tree: &Value) -> Result<Option<String>, RenderFault> {
        Template::compile(template).unwrap().render(tree, &mut Budget::WHOLE.clone())
    }

    #[test]
    fn fc_20_a_template_makes_one_text_of_several_values() {
        let tree = json!({"nome": "Rute", "s": {"nome": "Amaral"}, "n": 1.50, "ok": true,
            "itens": [{"sku": "A"}, {"sku": "B"}], "tags": ["x", null, ["y", 2]], "Seu nome": "Zé"});
        let cases = [
            ("{{nome}} {{ s.nome }}", Some("Rute Amaral")),
            ("{{$.nome}}/{{$.s['nome']}}", Some("Rute/Amaral")),
            ("{{n}} {{ok}} {{Seu nome}}", Some("1.5 true Zé")),
            ("{{$.itens[*].sku}}; {{itens.1.sku}}", Some("A, B; B")),
            ("[{{tags}}]", Some("[x, y, 2]")),
            ("só texto", Some("só texto")),
            (r"\{{nome}} {{nome}} }} {", Some("{{nome}} Rute }} {")),
            ("{{falta}}, {{nome}}", Some(", Rute")),
            ("Olá {{falta}}", None),
        ];
        for (template, expected) in cases {
            assert_eq!(filled(template, &tree), Ok(expected.map(str::to_owned)), "{template}");
        }
        assert_eq!(filled("{{s}}", &tree), Err(RenderFault::NotText));
    }

    #[test]
    fn a_template_that_cannot_be_filled_is_refused_when_it_is_saved() {
        use expression::Fault;
        let long = "x".repeat(TEMPLATE_MAX + 1);
        let many = "{{a}}".repeat(SLOTS_MAX + 1);
        let cases = [
            ("a {{b", TemplateFault::Unclosed(2)),
            ("{{ }}", TemplateFault::Keys("required")),
            ("{{a..b}}", TemplateFault::Keys("unknown_value")),
            ("ab {{ $[ }}", TemplateFault::Path(Fault::Syntax(8))),
            (long.as_str(), TemplateFault::TooLong),
            (many.as_str(), TemplateFault::TooMany),
        ];
        for (template, expected) in cases {
            assert_eq!(Template::compile(template).err(), Some(expected), "{template}");
        }
    }

    #[test]
    fn a_template_gives_no_more_than_its_limit() {
        let tree = json!({"t": "x".repeat(10_000)});
        assert_eq!(filled(&"{{t}}".repeat(7), &tree), Err(RenderFault::TooLong));
        assert_eq!(filled(&"{{t}}".repeat(6), &tree).unwrap().unwrap().len(), 60_000);
        let mut small = Budget { steps: 10, nodes: 10, bytes: 100 };
        let template = Template::compile("{{t}}").unwrap();
        assert_eq!(template.render(&tree, &mut small), Err(OverBudget.into()));
    }

    proptest! {
        #[test]
        fn no_template_panics_or_grows(
            text in "\\PC{0,40}",
            marks in "(\\{\\{|\\}\\}|\\\\|\\$|[a.*\\[\\] ]){0,30}",
        ) {
            let tree = json!({"a": {"a": ["x", {"a": 1}]}});
            for template in [text, marks] {
                if let Ok(template) = Template::compile(&template)
                    && let Ok(Some(text)) = template.render(&tree, &mut Budget::WHOLE.clone())
                {
                    prop_assert!(text.len() <= RENDERED_MAX);
                }
            }
        }
    }
}
