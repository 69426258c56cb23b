//! Characters of texts that people write.

/// Returns true for a control character and for one that changes the direction or the line of a text.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}
