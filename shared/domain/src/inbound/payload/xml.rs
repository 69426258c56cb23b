//! XML as a tree (decision 0085).
//!
//! - An element is an entry of its parent under its local name: prefixes are the sender's choice.
//! - Its value is its text; with attributes or elements it is an object, with attributes as `@name` and
//!   text as `#text`. Elements of one name are a list.
//! - Nothing outside of the text is read: a document type is skipped, and an entity that it declares
//!   stays as it is written (`&name;`). Only the five predefined entities and character references are
//!   replaced.

use quick_xml::{
    Reader,
    errors::Error,
    escape::{resolve_predefined_entity, unescape_with},
    events::{BytesRef, BytesStart, Event},
};
use serde_json::{Map, Value};

use super::{
    error::{PayloadError, Reason},
    json::DEPTH_MAX,
};

/// The bytes in which a declaration names its encoding.
const DECLARATION: usize = 200;

/// Reads one document of at most `nodes_max` elements and attributes.
pub(super) fn read(text: &str, nodes_max: usize) -> Result<Value, PayloadError> {
    let mut reader = Reader::from_str(text);
    let mut document = Document { nodes_max, ..Document::default() };
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => document.open(&start)?,
            Event::Empty(start) => {
                document.open(&start)?;
                document.close()?;
            }
            Event::End(_) => document.close()?,
            Event::Text(text) => document.text(&text.xml10_content())?,
            Event::CData(text) => document.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => document.reference(&reference)?,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => return document.end(),
        }
    }
}

/// The encoding that the declaration of a document names, if it is written in ASCII.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let start = bytes.get(..DECLARATION.min(bytes.len()))?.trim_ascii_start();
    let start = start.strip_prefix(b"<?xml")?;
    let end = start.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(start.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(name, _)| name)
}

fn malformed<E>(_: E) -> PayloadError {
    PayloadError::because(Reason::Xml)
}

/// A document while it is read.
#[derive(Debug, Default)]
struct Document {
    open: Vec<Element>,
    root: Map<String, Value>,
    nodes: usize,
    nodes_max: usize,
}

/// An open element.
#[derive(Debug)]
struct Element {
    name: String,
    entries: Map<String, Value>,
    text: String,
}

impl Document {
    fn count(&mut self) -> Result<(), PayloadError> {
        self.nodes += 1;
        let limit = self.nodes_max;
        if self.nodes > limit { Err(PayloadError::TooManyNodes { limit }) } else { Ok(()) }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), PayloadError> {
        self.count()?;
        if self.open.is_empty() && !self.root.is_empty() {
            return Err(malformed(()));
        }
        // An element with attributes is two levels of the tree.
        if self.open.len() + 2 > DEPTH_MAX {
            return Err(PayloadError::because(Reason::TooDeep));
        }
        let name = start.local_name().as_ref().to_owned();
        let mut entries = Map::new();
        for attribute in start.attributes().with_checks(false) {
            self.count()?;
            let attribute = attribute.map_err(malformed)?;
            let name = attribute.key.as_ref();
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let value = unescape_with(&attribute.value, resolve_predefined_entity);
            let value = value.unwrap_or_else(|_| attribute.value.clone()).into_owned();
            entries.insert(format!("@{}", attribute.key.local_name().as_ref()), value.into());
        }
        self.open.push(Element { name, entries, text: String::new() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), PayloadError> {
        let element = self.open.pop().ok_or_else(|| malformed(()))?;
        let name = element.name.clone();
        let parent = self.open.last_mut().map_or(&mut self.root, |parent| &mut parent.entries);
        put(parent, name, element.into_value());
        Ok(())
    }

    /// Adds text to the innermost element. Outside of the root there may be blanks only.
    fn text(&mut self, text: &str) -> Result<(), PayloadError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
            None => return Err(malformed(())),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), PayloadError> {
        if let Some(character) = reference.resolve_char_ref().map_err(malformed::<Error>)? {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        let name = reference.xml10_content();
        match resolve_predefined_entity(&name) {
            Some(text) => self.text(text),
            None => self.text(&format!("&{name};")),
        }
    }

    fn end(self) -> Result<Value, PayloadError> {
        let whole = self.open.is_empty() && !self.root.is_empty();
        if whole { Ok(Value::Object(self.root)) } else { Err(malformed(())) }
    }
}

impl Element {
    fn into_value(mut self) -> Value {
        let text = self.text.trim();
        if self.entries.is_empty() {
            return Value::from(text);
        }
        if !text.is_empty() {
            self.entries.insert("#text".to_owned(), Value::from(text));
        }
        Value::Object(self.entries)
    }
}

/// Adds a child. The value of one element is never a list, so a list holds elements of one name.
fn put(entries: &mut Map<String, Value>, name: String, value: Value) {
    match entries.get_mut(&name) {
        None => _ = entries.insert(name, value),
        Some(Value::Array(items)) => items.push(value),
        Some(first) => {
            let items = vec![first.take(), value];
            *first = Value::Array(items);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::inbound::payload::NODES_MAX;

    fn tree(text: &str) -> Result<Value, PayloadError> {
        read(text, NODES_MAX)
    }

    #[test]
    fn fc_25_elements_attributes_and_texts_have_their_places() {
        let cases = [
            ("<a/>", json!({"a": ""})),
            ("<?xml version='1.0'?><!-- x --><a> t </a>\n", json!({"a": "t"})),
            ("<a><b>1</b><c>2</c><b>3</b></a>", json!({"a": {"b": ["1", "3"], "c": "2"}})),
            ("<n:a xmlns:n='urn:x' n:id='7'>t</n:a>", json!({"a": {"@id": "7", "#text": "t"}})),
            ("<a><![CDATA[<b> & ]]></a>", json!({"a": "<b> &"})),
            ("<a x='1 &lt; 2'>R&amp;D &#233;</a>", json!({"a": {"@x": "1 < 2", "#text": "R&D é"}})),
        ];
        for (text, expected) in cases {
            assert_eq!(tree(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn fc_25_entities_of_the_document_are_never_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY x 'xx'><!ENTITY y '&x;&x;'><!ENTITY f SYSTEM \
                    'file:///etc/passwd'>]><a b='&y;'>&y;&f;</a>";
        assert_eq!(tree(bomb), Ok(json!({"a": {"@b": "&y;", "#text": "&y;&f;"}})));
    }

    #[test]
    fn fc_25_what_is_no_document_or_too_large_is_refused() {
        let bad = ["", "x", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a>&#xD800;</a>", "<a b></a>"];
        for text in bad {
            assert_eq!(tree(text), Err(PayloadError::because(Reason::Xml)), "{text}");
        }
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(tree(&deep(DEPTH_MAX - 1)).is_ok());
        assert_eq!(tree(&deep(DEPTH_MAX)), Err(PayloadError::because(Reason::TooDeep)));
        let wide = format!("<a>{}</a>", "<b/>".repeat(10));
        assert!(read(&wide, 11).is_ok());
        assert_eq!(read(&wide, 10), Err(PayloadError::TooManyNodes { limit: 10 }));
    }

    #[test]
    fn a_declaration_names_its_encoding() {
        let cases: [(&[u8], _); 5] = [
            (b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>", Some("ISO-8859-1")),
            (b"\n<?xml encoding = 'utf-8' ?>", Some("utf-8")),
            (b"<?xml version='1.0'?><a encoding='x'/>", None),
            (b"<a encoding='x'/>", None),
            (b"<?xml encoding=", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(declared_encoding(bytes), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}", marks in "[<>/&;a!?\\[\\]\"'= -]{0,60}") {
            _ = tree(&text);
            _ = tree(&marks);
            _ = declared_encoding(text.as_bytes());
        }
    }
}
