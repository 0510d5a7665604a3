//! The page's content-security policy: nothing may be loaded, only the page's own style and script run, told by their digests.

use sha2::{Digest, Sha256};

/// What a page may do. `style` and `script` are the exact contents of its elements.
pub(super) fn policy(style: &str, script: Option<&str>) -> String {
    let mut policy = format!("default-src 'none'; style-src '{}'", source(style));
    if let Some(script) = script {
        policy += &format!("; script-src '{}'", source(script));
    }
    // These two do not fall back to `default-src`.
    policy + "; base-uri 'none'; form-action 'none'"
}

fn source(content: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(content.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, policy};

    #[test]
    fn digests_are_written_as_browsers_read_them() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        // The digest of nothing is well known.
        assert!(policy("", None).contains("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"));
        assert!(!policy("", None).contains("script-src") && policy("", Some("")).contains("script-src"));
    }
}
