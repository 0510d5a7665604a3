//! Writing systems, as far as telling languages apart needs them.

/// The writing system of a word, as far as telling languages apart needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Tamil,
    Thai,
    Lao,
    Khmer,
    Myanmar,
    Gurmukhi,
    Gujarati,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Georgian,
    Armenian,
    Ethiopic,
    Han,
    Kana,
    Hangul,
    Other,
}

/// Every script with the ranges of code points by which it is known.
const SCRIPTS: &[(Script, u32, u32)] = &[
    (Script::Latin, 0x41, 0x24f),
    (Script::Latin, 0x1e00, 0x1eff),
    (Script::Greek, 0x370, 0x3ff),
    (Script::Greek, 0x1f00, 0x1fff),
    (Script::Cyrillic, 0x400, 0x52f),
    (Script::Armenian, 0x530, 0x58f),
    (Script::Hebrew, 0x590, 0x5ff),
    (Script::Arabic, 0x600, 0x77f),
    (Script::Devanagari, 0x900, 0x97f),
    (Script::Bengali, 0x980, 0x9ff),
    (Script::Gurmukhi, 0xa00, 0xa7f),
    (Script::Gujarati, 0xa80, 0xaff),
    (Script::Tamil, 0xb80, 0xbff),
    (Script::Telugu, 0xc00, 0xc7f),
    (Script::Kannada, 0xc80, 0xcff),
    (Script::Malayalam, 0xd00, 0xd7f),
    (Script::Sinhala, 0xd80, 0xdff),
    (Script::Thai, 0xe00, 0xe7f),
    (Script::Lao, 0xe80, 0xeff),
    (Script::Myanmar, 0x1000, 0x109f),
    (Script::Georgian, 0x10a0, 0x10ff),
    (Script::Hangul, 0x1100, 0x11ff),
    (Script::Ethiopic, 0x1200, 0x139f),
    (Script::Khmer, 0x1780, 0x17ff),
    (Script::Kana, 0x3040, 0x30ff),
    (Script::Han, 0x3400, 0x9fff),
    (Script::Hangul, 0xac00, 0xd7af),
];

impl Script {
    /// How many there are.
    pub const COUNT: usize = Script::Other as usize + 1;

    /// The script's name in `languages.tsv`.
    pub fn from_name(name: &str) -> Option<Script> {
        SCRIPTS.iter().map(|(script, ..)| *script).find(|s| format!("{s:?}") == name)
    }

    pub(super) fn of(c: char) -> Script {
        if c.is_ascii_alphabetic() {
            return Script::Latin;
        }
        let code = c as u32;
        let found = SCRIPTS.iter().find(|(_, first, last)| (*first..=*last).contains(&code));
        found.map_or(Script::Other, |(script, ..)| if c.is_alphabetic() { *script } else { Script::Other })
    }
}
