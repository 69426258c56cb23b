//! Forms and query strings: percent escapes and the bracket rule of PHP.
//!
//! Every value is kept: a repeated key becomes a list, and a value whose key also occurs with
//! brackets becomes element 0. `a[]=1&a[]=2` and `a[0]=1&a[1]=2` are lists, other brackets are
//! maps, and unbalanced brackets are part of the name.

use std::{borrow::Cow, collections::HashMap};

use serde_json::{Map, Value};

use super::{
    error::{PayloadError, Reason, Warnings},
    text,
};

/// The most fields in a form or query.
pub const FORM_FIELDS_MAX: usize = 5_000;

/// The deepest nesting of brackets.
pub const FORM_DEPTH_MAX: usize = 32;

/// Reads `name=value&...`.
pub(super) fn read(bytes: &[u8], charset: Option<&str>) -> Result<Fields, PayloadError> {
    let mut fields = Fields::default();
    let mut position = 0;
    for pair in bytes.split(|b| *b == b'&') {
        let (name, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (pair.get(..at), pair.get(at + 1..)),
            None => (Some(pair), None),
        };
        let (name, value) = (name.unwrap_or_default(), value.unwrap_or_default());
        let name_text = unescape(name, charset, position)?;
        let value_text = unescape(value, charset, position + name.len() + 1)?;
        if !(name.is_empty() && value.is_empty()) {
            fields.put(&name_text, Value::String(value_text))?;
        }
        position += pair.len() + 1;
    }
    Ok(fields)
}

/// Decodes `+` and `%XX`, then reads the bytes as text.
fn unescape(raw: &[u8], charset: Option<&str>, position: usize) -> Result<String, PayloadError> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                let at = position + (raw.len() - after.len() - 3);
                let bad = PayloadError::FormInvalid { position: at };
                hex(*high).zip(hex(*low)).map(|(h, l)| h * 16 + l).ok_or(bad)?
            }
            (b'%', _) => {
                let at = position + (raw.len() - after.len() - 1);
                return Err(PayloadError::FormInvalid { position: at });
            }
            (byte, _) => *byte,
        });
    }
    let text = text::decode_piece(&bytes, charset);
    text.map(Cow::into_owned).map_err(|_| PayloadError::FormInvalid { position })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The fields of a form while it is read.
#[derive(Debug, Default)]
pub(super) struct Fields {
    root: Branch,
    count: usize,
    mixed: bool,
}

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        self.root.children.is_empty()
    }

    /// Adds a field under a name that may have brackets.
    pub(super) fn put(&mut self, name: &str, value: Value) -> Result<(), PayloadError> {
        self.count += 1;
        if self.count > FORM_FIELDS_MAX {
            return Err(PayloadError::TooManyNodes { limit: FORM_FIELDS_MAX });
        }
        let (first, steps) = split_name(name);
        if steps.len() > FORM_DEPTH_MAX {
            return Err(PayloadError::because(Reason::TooDeep));
        }
        self.mixed |= self.root.put(Some(first), &steps, value);
        Ok(())
    }

    /// Converts the fields into a tree, an object at the top.
    pub(super) fn into_value(self, warnings: &mut Warnings) -> Value {
        if self.mixed {
            warnings.repaired("mixed_key");
        }
        let fields = self.root.children.into_iter();
        Value::Object(fields.map(|(key, node)| (key, node.into_value())).collect::<Map<_, _>>())
    }
}

/// A key in a branch; `None` is the next free index.
type Key<'k> = Option<&'k str>;

/// Splits `a[b][]` into `a` and `b`, next. A name with unbalanced brackets is not split.
fn split_name(name: &str) -> (&str, Vec<Key<'_>>) {
    let whole = (name, Vec::new());
    let Some((first, brackets)) = name.split_once('[') else { return whole };
    let Some(inner) = brackets.strip_suffix(']') else { return whole };
    let steps: Vec<_> = inner.split("][").map(|key| (!key.is_empty()).then_some(key)).collect();
    let odd = steps.iter().flatten().any(|key| key.contains(['[', ']']));
    if first.is_empty() || first.contains(']') || odd { whole } else { (first, steps) }
}

#[derive(Debug)]
enum Node {
    Leaf(Value),
    Branch(Branch),
}

impl Node {
    fn into_value(self) -> Value {
        match self {
            Self::Leaf(value) => value,
            Self::Branch(branch) if branch.list => Value::Array(
                branch.children.into_iter().map(|(_, node)| node.into_value()).collect(),
            ),
            Self::Branch(branch) => {
                let children = branch.children.into_iter();
                Value::Object(children.map(|(key, node)| (key, node.into_value())).collect())
            }
        }
    }
}

/// An ordered map with a next free index, as in PHP. A list as long as its keys are 0, 1, 2...
#[derive(Debug)]
struct Branch {
    children: Vec<(String, Node)>,
    places: HashMap<String, usize>,
    next: usize,
    list: bool,
}

impl Default for Branch {
    fn default() -> Self {
        Self { children: Vec::new(), places: HashMap::new(), next: 0, list: true }
    }
}

impl Branch {
    fn of(first: Value) -> Self {
        let mut branch = Self::default();
        branch.add(None, Node::Leaf(first));
        branch
    }

    fn add(&mut self, key: Key<'_>, node: Node) {
        let key = key.map_or_else(|| self.next.to_string(), str::to_owned);
        if let Some(index) = as_index(&key) {
            self.next = self.next.max(index + 1);
        }
        self.list &= as_index(&key) == Some(self.children.len());
        self.places.insert(key.clone(), self.children.len());
        self.children.push((key, node));
    }

    fn child(&mut self, key: Key<'_>) -> Option<&mut Node> {
        let place = *self.places.get(key?)?;
        self.children.get_mut(place).map(|(_, node)| node)
    }

    /// Puts a value below `key`. Returns true if a value and a map share a key.
    fn put(&mut self, key: Key<'_>, steps: &[Key<'_>], value: Value) -> bool {
        let Some(node) = self.child(key) else {
            let node = match steps {
                [] => Node::Leaf(value),
                [next, rest @ ..] => {
                    let mut branch = Self::default();
                    branch.put(*next, rest, value);
                    Node::Branch(branch)
                }
            };
            self.add(key, node);
            return false;
        };
        let was_leaf = matches!(node, Node::Leaf(_));
        if let Node::Leaf(old) = node {
            *node = Node::Branch(Self::of(old.take()));
        }
        match (node, steps) {
            (Node::Leaf(_), _) => false,
            (Node::Branch(branch), []) => {
                let mixed = !branch.list;
                branch.add(None, Node::Leaf(value));
                mixed
            }
            (Node::Branch(branch), [next, rest @ ..]) => branch.put(*next, rest, value) || was_leaf,
        }
    }
}

/// Reads a key as an index in its canonical spelling.
fn as_index(key: &str) -> Option<usize> {
    let index: u32 = key.parse().ok()?;
    (index.to_string() == key).then_some(usize::try_from(index).ok()?)
}
