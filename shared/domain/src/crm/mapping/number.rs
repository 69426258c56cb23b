//! Numbers as people and programs write them; their digits stay unchanged.

use serde_json::{Number, Value};

use super::{format::NumberFormat, mapped::ProblemReason};

/// The most digits of a deal's value, as in a DynamoDB number.
const AMOUNT_DIGITS_MAX: usize = 38;

/// Reads a number from a number or from a text in a format; its digits stay unchanged.
pub(super) fn number(value: &Value, format: NumberFormat) -> Result<Number, ProblemReason> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        Value::String(text) => {
            let digits = number_text(text, format)?;
            digits.parse().map_err(|_| ProblemReason::InvalidNumber)
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(ProblemReason::WrongType)
        }
    }
}

fn number_text(text: &str, format: NumberFormat) -> Result<String, ProblemReason> {
    let amount = without_currency(text);
    let unsigned = amount.unsigned.as_str();
    let (thousands, decimal) = match format {
        NumberFormat::Plain => (',', '.'),
        NumberFormat::Br => ('.', ','),
        NumberFormat::Auto => separators(unsigned, amount.brazilian)?,
    };
    let (whole, fraction) = match unsigned.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let whole = without_groups(whole, thousands).ok_or(ProblemReason::InvalidNumber)?;
    let whole = whole.trim_start_matches('0');
    let mut digits = if amount.negative { "-".to_owned() } else { String::new() };
    digits.push_str(if whole.is_empty() { "0" } else { whole });
    if let Some(fraction) = fraction {
        if !is_digits(fraction) {
            return Err(ProblemReason::InvalidNumber);
        }
        digits.push('.');
        digits.push_str(fraction);
    }
    Ok(digits)
}

/// The separators of the groups and of the fraction in a text of digits. With both kinds the last
/// one is of the fraction; a repeated one is of groups; a single one is of the fraction, unless
/// exactly three digits follow it.
fn separators(text: &str, brazilian: bool) -> Result<(char, char), ProblemReason> {
    let marks: Vec<(usize, char)> =
        text.char_indices().filter(|(_, c)| matches!(c, ',' | '.')).collect();
    let (Some((first_at, first)), Some((last_at, last))) = (marks.first(), marks.last()) else {
        return Ok((',', '.'));
    };
    let other = if *last == '.' { ',' } else { '.' };
    if first != last {
        return Ok((other, *last));
    }
    if marks.len() > 1 {
        return Ok((*last, other));
    }
    // `0.125` and `1234.567` cannot be groups of three.
    let grouped = text.len() - last_at == 4 && (1..=3).contains(first_at) && !text.starts_with('0');
    match (grouped, last) {
        (false, _) => Ok((other, *last)),
        (true, '.') if brazilian => Ok((*last, other)),
        (true, _) => Err(ProblemReason::AmbiguousNumber),
    }
}

/// A text of digits and separators, and the signs around it.
struct Amount {
    negative: bool,
    /// True if the currency is the real.
    brazilian: bool,
    unsigned: String,
}

/// Splits off the sign and removes spaces and currency.
fn without_currency(text: &str) -> Amount {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = squeezed.as_str();
    let mut negative = false;
    let mut brazilian = false;
    for mark in ["-", "R$", "US$", "BRL", "USD", "EUR", "$", "€", "£", "-"] {
        if let Some(after) = rest.strip_prefix(mark) {
            negative |= mark == "-";
            brazilian |= matches!(mark, "R$" | "BRL");
            rest = after;
        }
    }
    for mark in ["BRL", "USD", "EUR", "€"] {
        if let Some(before) = rest.strip_suffix(mark) {
            brazilian |= mark == "BRL";
            rest = before;
        }
    }
    let unsigned = rest.strip_prefix('+').unwrap_or(rest).to_owned();
    Amount { negative, brazilian, unsigned }
}

/// The digits of a whole number without the separators of its groups of three.
fn without_groups(whole: &str, separator: char) -> Option<String> {
    let mut groups = whole.split(separator);
    let first = groups.next().filter(|first| is_digits(first))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.len() > 3 || !is_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A number as an amount of money: a plain decimal of at most 38 digits. `None` if it is longer.
pub(super) fn amount(number: &Number) -> Option<String> {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let plain = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => shifted(mantissa, exponent.parse().ok()?)?,
        None => digits.to_owned(),
    };
    let fits = plain.bytes().filter(u8::is_ascii_digit).count() <= AMOUNT_DIGITS_MAX;
    fits.then(|| format!("{sign}{plain}"))
}

/// The plain decimal of a mantissa and an exponent: `1.5` and 3 give `1500`.
fn shifted(mantissa: &str, exponent: i32) -> Option<String> {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let length = i32::try_from(digits.len()).ok()?;
    // Longer than any amount: not written out.
    let most = i32::try_from(AMOUNT_DIGITS_MAX).ok()?;
    if point > most || point < -most || length > most {
        return None;
    }
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(match usize::try_from(point) {
        Ok(at) if at > 0 && point < length => {
            let (before, after) = digits.split_at(at);
            format!("{before}.{after}")
        }
        Ok(at) if at > 0 => {
            let all = [digits, zeros(point - length)].concat();
            let bare = all.trim_start_matches('0');
            if bare.is_empty() { "0".to_owned() } else { bare.to_owned() }
        }
        Ok(_) | Err(_) => format!("0.{}{digits}", zeros(-point)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, format: NumberFormat) -> Result<String, ProblemReason> {
        number(&json!(text), format).map(|number| number.to_string())
    }

    #[test]
    fn numbers_of_a_stated_format_keep_their_digits() {
        let br = [
            ("1.234,56", "1234.56"),
            ("R$ 1.234,56", "1234.56"),
            ("1234,5", "1234.5"),
            ("-10", "-10"),
            ("R$\u{a0}0,90", "0.90"),
            ("1.234.567", "1234567"),
            ("007,10", "7.10"),
            ("- R$ 5,00", "-5.00"),
            ("1.234", "1234"),
        ];
        for (text, expected) in br {
            assert_eq!(read(text, NumberFormat::Br).as_deref(), Ok(expected), "{text}");
        }
        let plain = [("497.90", "497.90"), ("1,234.56", "1234.56"), ("US$ 12", "12"), ("0", "0")];
        for (text, expected) in plain {
            assert_eq!(read(text, NumberFormat::Plain).as_deref(), Ok(expected), "{text}");
        }
        for bad in ["", "abc", "1.2.3", "1,23", "NaN", "1e5", "--", "0x10", "1234,567", "1.", ".5x"]
        {
            assert!(read(bad, NumberFormat::Plain).is_err(), "{bad}");
        }
    }

    #[test]
    fn f3_money_is_read_as_people_write_it() {
        let cases = [
            ("R$ 1.234,56", "1234.56"),
            ("R$1.234,56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("US$ 1,234.56", "1234.56"),
            ("R$ 1,234.56", "1234.56"),
            ("R$ 10", "10"),
            ("R$ 1.234", "1234"),
            ("1.234 BRL", "1234"),
            ("R$ 10.50", "10.50"),
            ("10,5", "10.5"),
            ("-1.234,56", "-1234.56"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
            ("1.234.567,8", "1234567.8"),
            ("0.125", "0.125"),
            ("1234.567", "1234.567"),
            (" 12 ", "12"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, NumberFormat::Auto).as_deref(), Ok(expected), "{text}");
        }
        for text in ["1.234", "1,234", "12,345", "-100.000", "US$ 1,234", "R$ 1,234"] {
            let found = read(text, NumberFormat::Auto);
            assert_eq!(found, Err(ProblemReason::AmbiguousNumber), "{text}");
        }
        for text in ["", "a combinar", "1.2.3", "1,2,3", "12.34,567.8", "10,", "R$", "1e5", "1,,2"]
        {
            let found = read(text, NumberFormat::Auto);
            assert_eq!(found, Err(ProblemReason::InvalidNumber), "{text}");
        }
    }

    #[test]
    fn an_amount_is_a_plain_decimal_of_at_most_38_digits() {
        let read = |text: &str| amount(&text.parse().unwrap());
        for (text, expected) in [
            ("497.90", "497.90"),
            ("1e3", "1000"),
            ("1.5E+3", "1500"),
            ("-12.345e1", "-123.45"),
            ("25e-3", "0.025"),
            ("0e5", "0"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["1e400", "1e-400", "1e39", "123456789012345678901234567890123456789"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
