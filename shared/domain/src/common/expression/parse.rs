//! The parser of expressions: JSONPath (RFC 9535) without regular expressions.

use serde_json::Value;

use super::{
    Fault,
    tree::{Compare, Logical, Operand, Query, Segment, Selector},
};

/// The deepest nesting of brackets, parentheses and functions.
const DEPTH_MAX: u32 = 8;
/// The most descents and filters, inner ones included.
const WALKS_MAX: u32 = 4;
/// The most uses of the root inside of filters.
const ROOTS_MAX: u32 = 2;
/// The most further selectors behind a comma.
const FURTHER_MAX: u32 = 8;
/// The largest index: integers are exact up to it in every JSON library.
const INDEX_MAX: i64 = 9_007_199_254_740_991;

/// Parses a whole expression.
pub(super) fn parse(text: &str) -> Result<Vec<Segment>, Fault> {
    let mut parser = Parser { text, at: 0, depth: 0, walks: 0, roots: 0, further: 0 };
    parser.expect('$')?;
    let segments = parser.segments()?;
    if parser.at == text.len() { Ok(segments) } else { Err(parser.wrong()) }
}

/// The position in a text, and the parts that multiply the work.
struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
    walks: u32,
    roots: u32,
    further: u32,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn wrong(&self) -> Fault {
        Fault::Syntax(self.at)
    }

    /// Consumes a text if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn expect(&mut self, c: char) -> Result<(), Fault> {
        if self.eat(c.encode_utf8(&mut [0; 4])) { Ok(()) } else { Err(self.wrong()) }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Consumes the characters that match.
    fn take(&mut self, matches: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let taken = rest.split(|c| !matches(c)).next().unwrap_or_default().to_owned();
        self.at += taken.len();
        taken
    }

    /// Parses an inner part, one level deeper.
    fn deeper<T>(&mut self, part: impl Fn(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Fault::TooCostly);
        }
        let parsed = part(self);
        self.depth -= 1;
        parsed
    }

    fn count(counter: &mut u32, most: u32) -> Result<(), Fault> {
        *counter += 1;
        if *counter > most { Err(Fault::TooCostly) } else { Ok(()) }
    }

    fn segments(&mut self) -> Result<Vec<Segment>, Fault> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.blanks();
            let descends = self.eat("..");
            if descends {
                Self::count(&mut self.walks, WALKS_MAX)?;
            }
            let selectors = if self.peek() == Some('[') {
                self.deeper(Self::bracketed)?
            } else if descends || self.eat(".") {
                vec![self.named()?]
            } else {
                self.at = before;
                return Ok(segments);
            };
            segments.push(Segment { descends, selectors });
        }
    }

    /// `*` or a name, behind a dot.
    fn named(&mut self) -> Result<Selector, Fault> {
        if self.eat("*") {
            return Ok(Selector::Wildcard);
        }
        let first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        if !self.peek().is_some_and(first) {
            return Err(self.wrong());
        }
        Ok(Selector::Name(self.take(|c| first(c) || c.is_ascii_digit())))
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>, Fault> {
        self.expect('[')?;
        let mut selectors = Vec::new();
        loop {
            self.blanks();
            selectors.push(self.selector()?);
            self.blanks();
            if self.eat("]") {
                return Ok(selectors);
            }
            self.expect(',')?;
            Self::count(&mut self.further, FURTHER_MAX)?;
        }
    }

    fn selector(&mut self) -> Result<Selector, Fault> {
        match self.peek() {
            Some('*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some('\'' | '"') => Ok(Selector::Name(self.string()?)),
            Some('?') => {
                self.at += 1;
                Self::count(&mut self.walks, WALKS_MAX)?;
                self.blanks();
                Ok(Selector::Filter(self.either()?))
            }
            _ => self.index_or_slice(),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, Fault> {
        let start = self.integer()?;
        let before = self.at;
        self.blanks();
        if !self.eat(":") {
            self.at = before;
            return start.map(Selector::Index).ok_or_else(|| self.wrong());
        }
        self.blanks();
        let end = self.integer()?;
        let before = self.at;
        self.blanks();
        let step = if self.eat(":") {
            self.blanks();
            self.integer()?
        } else {
            self.at = before;
            None
        };
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    fn integer(&mut self) -> Result<Option<i64>, Fault> {
        let before = self.at;
        let negative = self.eat("-");
        let digits = self.take(|c| c.is_ascii_digit());
        if digits.is_empty() && !negative {
            return Ok(None);
        }
        let padded = digits.starts_with('0') && (negative || digits.len() > 1);
        let number = digits.parse::<i64>().ok().filter(|n| *n <= INDEX_MAX && !padded);
        let Some(number) = number else {
            self.at = before;
            return Err(self.wrong());
        };
        Ok(Some(if negative { -number } else { number }))
    }

    /// A text in single or double quotes.
    fn string(&mut self) -> Result<String, Fault> {
        let quote = self.peek().ok_or_else(|| self.wrong())?;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if c < ' ' {
                break;
            }
            self.at += c.len_utf8();
            match c {
                '\\' => text.push(self.escaped(quote)?),
                c if c == quote => return Ok(text),
                c => text.push(c),
            }
        }
        Err(self.wrong())
    }

    fn escaped(&mut self, quote: char) -> Result<char, Fault> {
        let c = self.peek().ok_or_else(|| self.wrong())?;
        let plain = match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' | '\\' => c,
            'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ if c == quote => c,
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        Ok(plain)
    }

    /// Four hexadecimal digits, or two surrogates.
    fn unicode(&mut self) -> Result<char, Fault> {
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if !self.eat("\\u") {
                return Err(self.wrong());
            }
            let second = self.hex()?;
            let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
            0x10000 + ((first - 0xd800) << 10) + low.ok_or_else(|| self.wrong())?
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.wrong())
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.wrong())?;
        self.at += 4;
        Ok(code)
    }

    /// Conditions joined by `||`.
    fn either(&mut self) -> Result<Logical, Fault> {
        let mut list = vec![self.both()?];
        while self.operator("||") {
            list.push(self.both()?);
        }
        Ok(joined(list, Logical::Or))
    }

    /// Conditions joined by `&&`.
    fn both(&mut self) -> Result<Logical, Fault> {
        let mut list = vec![self.condition()?];
        while self.operator("&&") {
            list.push(self.condition()?);
        }
        Ok(joined(list, Logical::And))
    }

    /// Consumes an operator and the blanks around it, or nothing.
    fn operator(&mut self, operator: &str) -> bool {
        let before = self.at;
        self.blanks();
        let found = self.eat(operator);
        if found {
            self.blanks();
        } else {
            self.at = before;
        }
        found
    }

    fn condition(&mut self) -> Result<Logical, Fault> {
        let negated = self.eat("!");
        if negated {
            self.blanks();
        }
        let condition = if self.peek() == Some('(') {
            self.deeper(Self::group)?
        } else {
            let start = self.at;
            let left = self.operand()?;
            match self.comparison().filter(|_| !negated) {
                Some(compare) => {
                    let left = comparable(left, start)?;
                    let start = self.at;
                    let right = self.operand()?;
                    Logical::Compare(left, compare, comparable(right, start)?)
                }
                None => match left {
                    Operand::Query(query) => Logical::Exists(query),
                    Operand::Literal(_)
                    | Operand::Length(_)
                    | Operand::Count(_)
                    | Operand::Value(_) => return Err(Fault::Syntax(start)),
                },
            }
        };
        Ok(if negated { Logical::Not(Box::new(condition)) } else { condition })
    }

    fn group(&mut self) -> Result<Logical, Fault> {
        self.expect('(')?;
        self.blanks();
        let condition = self.either()?;
        self.blanks();
        self.expect(')')?;
        Ok(condition)
    }

    fn comparison(&mut self) -> Option<Compare> {
        const ALL: [(&str, Compare); 6] = [
            ("==", Compare::Equal),
            ("!=", Compare::Different),
            ("<=", Compare::AtMost),
            (">=", Compare::AtLeast),
            ("<", Compare::Less),
            (">", Compare::More),
        ];
        ALL.into_iter().find(|(text, _)| self.operator(text)).map(|(_, compare)| compare)
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        match self.peek() {
            Some('@' | '$') => Ok(Operand::Query(self.query()?)),
            Some('\'' | '"') => Ok(Operand::Literal(Value::from(self.string()?))),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number(),
            Some(c) if c.is_ascii_lowercase() => self.word(),
            _ => Err(self.wrong()),
        }
    }

    fn query(&mut self) -> Result<Query, Fault> {
        let from_root = self.eat("$");
        if from_root {
            Self::count(&mut self.roots, ROOTS_MAX)?;
        } else {
            self.expect('@')?;
        }
        Ok(Query { from_root, segments: self.segments()? })
    }

    fn number(&mut self) -> Result<Operand, Fault> {
        let start = self.at;
        let text = self.take(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
        // The grammar of JSON numbers is the same, apart from blanks.
        let number = serde_json::from_str(&text).map(Value::Number);
        number.map(Operand::Literal).map_err(|_| Fault::Syntax(start))
    }

    /// `true`, `false`, `null` or a function.
    fn word(&mut self) -> Result<Operand, Fault> {
        let start = self.at;
        let name = self.take(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let operand = match name.as_str() {
            "true" => Operand::Literal(Value::Bool(true)),
            "false" => Operand::Literal(Value::Bool(false)),
            "null" => Operand::Literal(Value::Null),
            "match" | "search" => return Err(Fault::Regex),
            "length" => Operand::Length(Box::new(self.deeper(Self::value_argument)?)),
            "count" => Operand::Count(self.deeper(Self::nodes_argument)?),
            "value" => Operand::Value(self.deeper(Self::nodes_argument)?),
            _ => return Err(Fault::Syntax(start)),
        };
        Ok(operand)
    }

    fn value_argument(&mut self) -> Result<Operand, Fault> {
        self.expect('(')?;
        self.blanks();
        let start = self.at;
        let operand = self.operand()?;
        let operand = comparable(operand, start)?;
        self.blanks();
        self.expect(')')?;
        Ok(operand)
    }

    fn nodes_argument(&mut self) -> Result<Query, Fault> {
        self.expect('(')?;
        self.blanks();
        let query = self.query()?;
        self.blanks();
        self.expect(')')?;
        Ok(query)
    }
}

/// Checks that a query in a comparison has at most one result.
fn comparable(operand: Operand, start: usize) -> Result<Operand, Fault> {
    let several = matches!(&operand, Operand::Query(query) if !query.is_singular());
    if several { Err(Fault::Syntax(start)) } else { Ok(operand) }
}

/// The only condition of a list, or all of them joined.
fn joined(mut all: Vec<Logical>, join: impl Fn(Vec<Logical>) -> Logical) -> Logical {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        one => {
            all.extend(one);
            join(all)
        }
    }
}
