//! Lists as files that spreadsheets open (`CATALOGUE HI-13`).

use lambda_http::{Body, Response};

use crate::http::header;

/// Tells programs that guess that the text is UTF-8.
pub const BOM: &str = "\u{feff}";

/// A spreadsheet must not take a stranger's text for a formula. The full-width forms count in
/// some programs.
pub fn safe(cell: &str) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(formula) { format!("'{cell}") } else { cell.to_owned() }
}

/// An answer that is saved as a file. `next`: the cursor of the part that follows, and the path
/// and query that lead to it.
pub fn attachment(bytes: Vec<u8>, name: &str, next: Option<(&str, &str)>) -> Response<Body> {
    let mut answer = Response::new(Body::Binary(bytes));
    // Else lambda_http decodes it as text, and takes the mark at its beginning away.
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
