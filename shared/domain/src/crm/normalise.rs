//! Normalisation of e-mail addresses and phone numbers for matching contacts (`FACTS S3.7`).

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use serde::{Deserialize, Serialize};

/// The longest address (RFC 5321, less the angle brackets).
const EMAIL_MAX: usize = 254;

/// The longest text that is parsed as a phone number.
const PHONE_TEXT_MAX: usize = 64;

/// Not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

/// Not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number")]
pub struct InvalidPhone;

/// An e-mail address, trimmed and in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// A phone number in E.164: `+5511987654321`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Reads an e-mail address. Its form must be valid for a mail server on the Internet.
pub fn email(text: &str) -> Result<Email, InvalidEmail> {
    let address = text.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@').ok_or(InvalidEmail)?;
    let good = address.len() <= EMAIL_MAX && is_local(local) && is_domain(domain);
    if good { Ok(Email(address)) } else { Err(InvalidEmail) }
}

fn is_local(local: &str) -> bool {
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || is_foreign_letter(c)
    };
    (1..=64).contains(&local.len())
        && local.chars().all(allowed)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || is_foreign_letter(c);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    top.is_some_and(|top| top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()))
        && domain.split('.').all(label)
}

/// Letters of other scripts, in internationalised addresses; nothing invisible.
fn is_foreign_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

/// Decodes the tables of phone numbers and compiles the patterns of Brazil. Otherwise the first
/// number would wait some milliseconds for it.
pub fn prepare() {
    _ = phone("+55 11 98765-4321", "BR");
}

/// The servers of chat ids whose user is a phone number with its country code.
const PHONE_SERVERS: [&str; 2] = ["s.whatsapp.net", "c.us"];
/// The servers of chat ids that hide the number, or that are no person: groups, lists, channels.
const OTHER_SERVERS: [&str; 5] = ["lid", "hosted.lid", "g.us", "broadcast", "newsletter"];
/// The end of a group's id.
const GROUP: &str = "-group";
/// The schemes before a phone number.
const SCHEMES: [&str; 3] = ["tel:", "whatsapp:", "sms:"];

/// Returns true for the id of a chat that has no phone number: `184467440000001@lid`, or
/// `120363019500000000-group`, as Z-API writes a group.
pub fn is_id_without_phone(text: &str) -> bool {
    let text = text.trim();
    let server = text.rsplit_once('@').map(|(_, server)| server);
    let is_other = |server: &str| OTHER_SERVERS.iter().any(|it| server.eq_ignore_ascii_case(it));
    server.is_some_and(is_other) || text.strip_suffix(GROUP).is_some_and(|id| !id.is_empty())
}

/// Reads a phone number as people write it, or the chat id of a person, with or without the suffix of
/// a device (`5511987654321:12@s.whatsapp.net`). `default_region` (`BR`) applies to numbers without a
/// country code; an unknown region counts as Brazil.
pub fn phone(text: &str, default_region: &str) -> Result<Phone, InvalidPhone> {
    let text = text.trim();
    if let Some((user, server)) = text.rsplit_once('@') {
        let known = PHONE_SERVERS.iter().any(|it| server.eq_ignore_ascii_case(it));
        let user = if known { without_device(user) } else { None };
        return written(&format!("+{}", user.ok_or(InvalidPhone)?), default_region);
    }
    let scheme = SCHEMES.iter().find(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let text = scheme.map_or(text, |scheme| text.get(scheme.len()..).unwrap_or_default());
    match without_device(text) {
        Some(user) if user.len() < text.len() => written(&format!("+{user}"), default_region),
        Some(_) | None => written(text, default_region),
    }
}

/// The digits of a chat's user, without the agent and the device: `5511987654321_1:12`. `None` if
/// there is anything else.
fn without_device(user: &str) -> Option<&str> {
    let number = user.split([':', '_']).next()?;
    let suffix = user.get(number.len()..)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_device = suffix.split([':', '_']).all(|part| part.len() <= 3 && digits(part));
    (!number.is_empty() && digits(number) && is_device).then_some(number)
}

fn written(text: &str, default_region: &str) -> Result<Phone, InvalidPhone> {
    let text = text.trim();
    if text.len() > PHONE_TEXT_MAX || text.chars().any(char::is_alphabetic) {
        return Err(InvalidPhone);
    }
    let region = default_region.to_ascii_uppercase().parse().unwrap_or(Region::BR);
    // In Brazil a carrier code follows 00, so the library rejects 0055...; people mean +55.
    let international = text.strip_prefix("00").map(|rest| format!("+{rest}"));
    [Some(text), international.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(|text| PHONE_NUMBER_UTIL.parse(text, Some(region)).ok())
        .find_map(|number| e164(&number).or_else(|| with_ninth_digit(&number)))
        .ok_or(InvalidPhone)
}

fn e164(number: &PhoneNumber) -> Option<Phone> {
    let text = || number.format_as(PhoneNumberFormat::E164).into_owned();
    number.is_valid().then(|| Phone(text()))
}

/// Adds the ninth digit, a leading 9, that Brazilian mobile numbers got by 2016. Old address books
/// and chat ids lack it; with it the same contact is found.
fn with_ninth_digit(number: &PhoneNumber) -> Option<Phone> {
    let national = number.get_national_significant_number();
    let (area, subscriber) = national.split_at_checked(2)?;
    let old_mobile = subscriber.len() == 8 && subscriber.starts_with(['6', '7', '8', '9']);
    if number.country_code != 55 || !old_mobile {
        return None;
    }
    let whole = format!("+55{area}9{subscriber}");
    e164(&PHONE_NUMBER_UTIL.parse(&whole, None).ok()?)
}

macro_rules! text_type {
    ($name:ident, $error:ident, $read:expr) => {
        impl $name {
            /// The normalised text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                $read(text)
            }
        }
    };
}

text_type!(Email, InvalidEmail, |text: String| email(&text));
text_type!(Phone, InvalidPhone, stored_phone);

/// Reads a stored number and checks only its form: numbering plans change, rows do not.
fn stored_phone(text: String) -> Result<Phone, InvalidPhone> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let shaped = (3..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if shaped { Ok(Phone(text)) } else { Err(InvalidPhone) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn in_32_an_email_is_trimmed_and_in_lower_case() {
        assert_eq!(email(" BEATRIZ@Example.COM ").unwrap().as_str(), "beatriz@example.com");
        assert_eq!(
            email("a.b+tag@sub.exemplo.com.br").unwrap().as_str(),
            "a.b+tag@sub.exemplo.com.br"
        );
        assert!(email("joão@exemplo.com").is_ok());
    }

    #[test]
    fn in_32_an_invalid_email_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        let bad = [
            "",
            "a",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.de",
            "a@b..de",
            ".a@b.de",
            "a.@b.de",
            "a@-b.de",
            "a@b.d",
            "a@1.2.3.4",
            "a@b.de\u{0}",
            "a\n@b.de",
            "a@b@c.de",
            "<a@b.de>",
            "a\u{202e}b@c.de",
            long.as_str(),
        ];
        for text in bad {
            assert_eq!(email(text), Err(InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn in_32_a_phone_is_e164_however_it_was_written() {
        let same = [
            "+55 (11) 98765-4321",
            "(11) 98765-4321",
            "11987654321",
            "5511987654321",
            "011 98765-4321",
            "+5511987654321",
            " 11 9 8765 4321 ",
            "0055 11 98765 4321",
        ];
        for text in same {
            assert_eq!(
                phone(text, "BR").map(String::from),
                Ok("+5511987654321".to_owned()),
                "{text}"
            );
        }
        assert_eq!(phone("11987650000", "br").unwrap().as_str(), "+5511987650000");
        assert_eq!(phone("(31) 3222-1111", "BR").unwrap().as_str(), "+553132221111");
        assert_eq!(phone("(202) 456-1111", "US").unwrap().as_str(), "+12024561111");
        assert_eq!(phone("+1 202 456 1111", "BR").unwrap().as_str(), "+12024561111");
    }

    #[test]
    fn an_old_brazilian_mobile_number_gets_its_ninth_digit() {
        assert_eq!(phone("+55 11 8765-4321", "BR").unwrap().as_str(), "+5511987654321");
        assert_eq!(phone("551187654321", "BR").unwrap().as_str(), "+5511987654321");
    }

    #[test]
    fn fc_28_a_chat_id_is_a_phone_without_its_device() {
        let jonas = [
            "553187650112:12@s.whatsapp.net",
            "5531987650112@s.whatsapp.net",
            "553187650112@c.us",
            "5531987650112_1:3@S.WhatsApp.net",
            "553187650112:12",
            "whatsapp:+5531987650112",
            "tel:+55-31-98765-0112",
            "Tel:(31) 98765-0112",
        ];
        for text in jonas {
            let read = phone(text, "BR").map(String::from);
            assert_eq!(read.as_deref(), Ok("+5531987650112"), "{text}");
        }
        let american = phone("12024561111:3@s.whatsapp.net", "BR").unwrap();
        assert_eq!(american.as_str(), "+12024561111");
        for text in [
            "184467440000001@lid",
            "5531987650112@lid",
            "120363019500000000@g.us",
            "status@broadcast",
            "5531987650112@example.com",
            "ana@s.whatsapp.net",
            "@s.whatsapp.net",
            "553187650112:1234@s.whatsapp.net",
            "120363019500000000-group",
            "10:30",
            "whatsapp:",
        ] {
            assert_eq!(phone(text, "BR"), Err(InvalidPhone), "{text}");
        }
        for text in [" 184467440000001@lid", "1@G.US", "120363019500000000-group"] {
            assert!(is_id_without_phone(text), "{text}");
        }
        assert!(!is_id_without_phone("5531987650112@s.whatsapp.net"));
    }

    #[test]
    fn fc_29_a_landline_gets_no_ninth_digit() {
        for text in ["(31) 3456-0113", "553134560113", "553134560113@s.whatsapp.net"] {
            assert_eq!(phone(text, "BR").unwrap().as_str(), "+553134560113", "{text}");
        }
    }

    #[test]
    fn in_32_an_invalid_phone_is_refused() {
        for text in
            ["", "abc", "123", "00000000000", "+", "+55", "(11)", "call me", "1e10", "\u{0}"]
        {
            assert_eq!(phone(text, "BR"), Err(InvalidPhone), "{text:?}");
        }
        assert_eq!(phone(&"1".repeat(10_000), "BR"), Err(InvalidPhone));
    }

    #[test]
    fn stored_emails_and_phones_are_checked_when_they_are_read() {
        let email: Email = serde_json::from_str("\"Ana@Example.com\"").unwrap();
        assert_eq!(serde_json::to_string(&email).unwrap(), "\"ana@example.com\"");
        assert!(serde_json::from_str::<Email>("\"ana\"").is_err());
        let phone: Phone = serde_json::from_str("\"+5511987654321\"").unwrap();
        assert_eq!(phone.as_str(), "+5511987654321");
        assert!(serde_json::from_str::<Phone>("\"11987654321\"").is_err());
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}", digits in "[0-9() +-]{0,24}") {
            if let Ok(once) = email(&text) {
                prop_assert_eq!(email(once.as_str()), Ok(once.clone()));
            }
            for text in [text, digits] {
                if let Ok(once) = phone(&text, "BR") {
                    prop_assert_eq!(phone(once.as_str(), "US"), Ok(once.clone()));
                }
            }
        }
    }
}
