//! Long texts, a piece at a time.

/// A longer text is read piece by piece, so that memory stays bounded: in bytes, about 45,000 words.
const PIECE: usize = 1 << 18;

/// The pieces of a text, cut between words where there are any, each with where it starts; one for an empty text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = &text[start..];
        if rest.len() <= PIECE {
            next = None;
            return Some((start, rest));
        }
        let limit = (0..=PIECE).rfind(|&end| rest.is_char_boundary(end)).unwrap_or(PIECE);
        let end = rest[..limit].rfind(char::is_whitespace).filter(|&end| end > 0).unwrap_or(limit);
        next = Some(start + end);
        Some((start, &rest[..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::{PIECE, pieces};

    #[test]
    fn pieces_are_the_text_cut_between_words() {
        for text in ["", "short", &"wörter und ".repeat(100_000), &"é".repeat(PIECE), &" ".repeat(3 * PIECE)] {
            let all: Vec<(usize, &str)> = pieces(text).collect();
            assert_eq!(all.iter().map(|(_, piece)| *piece).collect::<String>(), text);
            let mut at = 0;
            for (start, piece) in &all {
                assert!(*start == at && piece.len() <= PIECE);
                at += piece.len();
            }
        }
        let text = "wörter und ".repeat(100_000);
        assert!(pieces(&text).count() > 3 && pieces(&text).skip(1).all(|(_, piece)| piece.starts_with(' ')));
    }
}
