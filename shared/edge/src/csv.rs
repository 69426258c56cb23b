//! Lists as files that spreadsheets open (`CATALOGUE HI-13`).

use lambda_http::{Body, Response};

use crate::http::header;

/// The byte order mark. Programs that guess the encoding detect UTF-8 by it.
pub const BOM: &str = "\u{feff}";

/// The first characters of a formula. Some programs also accept the full-width forms.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Escapes a cell so that no spreadsheet evaluates external text as a formula.
///
/// Some programs split a line at `;` or at a tab, or do not see that a line break is inside of a
/// quoted cell: the text after one of these is escaped like the beginning of a cell.
pub fn safe(cell: &str) -> String {
    let mut escaped = String::with_capacity(cell.len() + 1);
    if cell.starts_with(['\t', '\r', '\n']) {
        escaped.push('\'');
    }
    let mut begins = true;
    for character in cell.chars() {
        if begins && FORMULA.contains(&character) {
            escaped.push('\'');
        }
        escaped.push(character);
        begins = matches!(character, ';' | '\t' | '\r' | '\n');
    }
    escaped
}

/// A response that is saved as a file. `next`: the cursor of the next page, and its path and
/// query.
pub fn attachment(bytes: Vec<u8>, name: &str, next: Option<(&str, &str)>) -> Response<Body> {
    let mut answer = Response::new(Body::Binary(bytes));
    // Otherwise lambda_http decodes the body as text and removes the byte order mark.
    header(&mut answer, "content-encoding", "identity");
    header(&mut answer, "content-type", "text/csv; charset=utf-8; header=present");
    header(&mut answer, "content-disposition", &format!("attachment; filename=\"{name}\""));
    header(&mut answer, "x-content-type-options", "nosniff");
    if let Some((cursor, place)) = next {
        header(&mut answer, "x-next-cursor", cursor);
        header(&mut answer, "link", &format!("<{place}>; rel=\"next\""));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gd_26_no_part_of_a_cell_is_a_formula_in_a_program_that_splits_elsewhere() {
        assert_eq!(safe("Ana;=1+1"), "Ana;'=1+1");
        assert_eq!(safe("a\t@b;-2;c-3"), "a\t'@b;'-2;c-3");
        assert_eq!(safe("a\r\n+1\n\n＝2"), "a\r\n'+1\n\n'＝2");
        assert_eq!(safe("a = b; c"), "a = b; c");
    }

    #[test]
    fn hi_13_no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            let cell = format!("{start}cmd|' /C calc'!A0");
            assert_eq!(safe(&cell), format!("'{cell}"));
        }
        assert_eq!(safe("whk_1=2"), "whk_1=2");
        assert_eq!(safe(""), "");
    }
}
