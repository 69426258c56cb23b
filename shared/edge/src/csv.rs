//! Lists as files that spreadsheets open (`CATALOGUE HI-13`).

use lambda_http::{Body, Response};

use crate::http::header;

/// The byte order mark. Programs that guess the encoding detect UTF-8 by it.
pub const BOM: &str = "\u{feff}";

/// Escapes a cell so that no spreadsheet evaluates external text as a formula. Some programs also
/// accept the full-width forms.
pub fn safe(cell: &str) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(formula) { format!("'{cell}") } else { cell.to_owned() }
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
    fn hi_13_no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            let cell = format!("{start}cmd|' /C calc'!A0");
            assert_eq!(safe(&cell), format!("'{cell}"));
        }
        assert_eq!(safe("whk_1=2"), "whk_1=2");
        assert_eq!(safe(""), "");
    }
}
