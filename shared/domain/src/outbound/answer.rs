//! The answers by which a list of deliveries is filtered: classes of HTTP statuses, and errors.

use serde::{Deserialize, Serialize};

use crate::outbound::delivery::{Attempt, Fault, Outcome};

/// The answer to the last attempt of a delivery, as a filter names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Answer {
    /// A status of a hundred: 2 for `2xx`.
    Class(u8),
    /// No answer that could be read, for this reason.
    Error(Fault),
}

/// A text that names no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such answer")]
pub struct UnknownAnswer;

impl Answer {
    /// Every answer of a filter.
    pub fn all() -> impl Iterator<Item = Self> {
        let classes = [2, 4, 5].into_iter().map(Self::Class);
        classes.chain(Fault::ALL.into_iter().map(Self::Error))
    }

    /// Parses `2xx`, `4xx`, `5xx` or the name of an error.
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|answer| String::from(*answer) == text)
    }

    /// The answer to an attempt; `None` for a webhook that was handed over.
    pub fn of(attempt: &Attempt) -> Option<Self> {
        match attempt.outcome {
            Outcome::Status(status) => u8::try_from(status / 100).ok().map(Self::Class),
            Outcome::Fault(fault) => Some(Self::Error(fault)),
            Outcome::HandedOver(_) => None,
        }
    }
}

impl From<Answer> for String {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Class(class) => format!("{class}xx"),
            Answer::Error(fault) => fault.as_str().to_owned(),
        }
    }
}

impl TryFrom<String> for Answer {
    type Error = UnknownAnswer;

    fn try_from(text: String) -> Result<Self, UnknownAnswer> {
        Self::parse(&text).ok_or(UnknownAnswer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_is_spelled() {
        assert_eq!(Answer::all().count(), 12);
        for answer in Answer::all() {
            assert_eq!(Answer::parse(&String::from(answer)), Some(answer));
        }
        for unknown in ["", "200", "1xx", "3xx", "6xx", "2XX", "success"] {
            assert_eq!(Answer::parse(unknown), None, "{unknown}");
        }
    }
}
