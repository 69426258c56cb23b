//! A JSON parser that checks bounds and detects duplicate keys in one pass.
//!
//! `serde_json::Value` alone would keep the last of two equal keys without a warning and would
//! build any number of values. Numbers keep their digits (`arbitrary_precision`).

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{
    error::{PayloadError, PayloadWarning, Position, Reason, Warnings},
    leaves::{Step, Trail},
};

/// The deepest nesting that is read, equal to the limit of `serde_json`.
pub const DEPTH_MAX: usize = 127;

/// The most values, including containers. The worst measured case, small objects, takes 170 MB.
pub const NODES_MAX: usize = 500_000;

/// The only key of the map that `serde_json` with `arbitrary_precision` passes for a number beyond
/// the machine integers.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Reads one JSON text of at most `nodes_max` values, optionally surrounded by white space.
pub(super) fn read(
    text: &str,
    nodes_max: usize,
    found: &mut Warnings,
) -> Result<Value, PayloadError> {
    let state =
        State { nodes: Cell::new(0), nodes_max, found: RefCell::new(std::mem::take(found)) };
    let mut source = serde_json::Deserializer::from_str(text);
    let tree = Node { state: &state, at: None }
        .deserialize(&mut source)
        .and_then(|value| source.end().map(|()| value))
        .map_err(|error| reason(&error, &state));
    *found = state.found.into_inner();
    tree
}

fn reason(error: &serde_json::Error, state: &State) -> PayloadError {
    if state.nodes.get() > state.nodes_max {
        return PayloadError::TooManyNodes { limit: state.nodes_max };
    }
    // The library reports its depth limit only in the message of the error.
    let too_deep = error.to_string().starts_with("recursion limit exceeded");
    PayloadError::Unparseable {
        reason: if too_deep { Reason::TooDeep } else { Reason::Syntax },
        at: Some(Position { line: error.line(), column: error.column() }),
    }
}

struct State {
    nodes: Cell<usize>,
    nodes_max: usize,
    found: RefCell<Warnings>,
}

/// One value to be read, with its path.
#[derive(Clone, Copy)]
struct Node<'n> {
    state: &'n State,
    at: Option<&'n Trail<'n>>,
}

impl Node<'_> {
    fn record_duplicate(&self, key: &str) {
        let mut found = self.state.found.borrow_mut();
        if !found.is_full() {
            let path = Trail { parent: self.at, step: Step::Key(key) }.to_string();
            found.push(PayloadWarning::DuplicateKey { path });
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        let nodes = self.state.nodes.get() + 1;
        self.state.nodes.set(nodes);
        if nodes > self.state.nodes_max {
            return Err(de::Error::custom("too many nodes"));
        }
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let here = Trail { parent: self.at, step: Step::Index(items.len()) };
            match seq.next_element_seed(Node { state: self.state, at: Some(&here) })? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let here = Trail { parent: self.at, step: Step::Key(&key) };
            let node = Node { state: self.state, at: Some(&here) };
            let value = if entries.is_empty() && key == NUMBER_TOKEN {
                match map.next_value_seed(NumberOr(node))? {
                    Either::Number(number) => return Ok(Value::Number(number)),
                    Either::Value(value) => value,
                }
            } else {
                map.next_value_seed(node)?
            };
            if entries.contains_key(&key) {
                self.record_duplicate(&key);
            }
            entries.insert(key, value);
        }
        Ok(Value::Object(entries))
    }
}

enum Either {
    Number(Number),
    Value(Value),
}

/// The value under [`NUMBER_TOKEN`]. The library passes a number as an owned string but a string of
/// the text as a borrowed one, so an object of the sender with that key stays an object.
struct NumberOr<'n>(Node<'n>);

impl<'de> DeserializeSeed<'de> for NumberOr<'_> {
    type Value = Either;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Either, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NumberOr<'_> {
    type Value = Either;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_string<E: de::Error>(self, digits: String) -> Result<Either, E> {
        digits.parse().map(Either::Number).map_err(E::custom)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Either, E> {
        self.0.visit_unit().map(Either::Value)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Either, E> {
        self.0.visit_bool(value).map(Either::Value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Either, E> {
        self.0.visit_i64(value).map(Either::Value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Either, E> {
        self.0.visit_u64(value).map(Either::Value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Either, E> {
        self.0.visit_str(value).map(Either::Value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Either, A::Error> {
        self.0.visit_seq(seq).map(Either::Value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Either, A::Error> {
        self.0.visit_map(map).map(Either::Value)
    }
}
