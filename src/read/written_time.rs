//! Dates and times as pages write them for people: `Sep 22, 2025 6:33 pm`, `2 de mar. de 2026, 10:30:00 CET`.
//!
//! Law: an order of day and month that cannot be known is no time at all.

use std::sync::LazyLock;

use regex::Regex;

use super::time;
use crate::chat::Timestamp;

/// The beginnings of month names in the languages that exports were seen in or come in, January first.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan",
        "ene",
        "gen",
        "jän",
        "ian",
        "янв",
        "січ",
        "sty",
        "led",
        "oca",
        "ιαν",
        "tammi",
        "saus",
        "जन",
        "يناير",
        "ינו",
        "sij",
    ],
    &[
        "feb",
        "fév",
        "fev",
        "фев",
        "лют",
        "lut",
        "úno",
        "şub",
        "φεβ",
        "helmi",
        "vas",
        "फ़र",
        "फर",
        "فبراير",
        "פבר",
        "velj",
    ],
    &["mar", "mär", "mrt", "maa", "már", "мар", "бер", "bře", "μαρ", "kov", "मार्च", "مارس", "מרץ", "ožu"],
    &["apr", "abr", "avr", "ápr", "апр", "кві", "kwi", "dub", "nis", "απρ", "huhti", "bal", "अप्रैल", "أبريل", "אפר"],
    &[
        "may", "mai", "maj", "mei", "mag", "máj", "май", "мая", "тра", "kvě", "μαΐ", "μαι", "μάι", "touko", "geg",
        "मई", "مايو", "מאי", "svi",
    ],
    &[
        "jun",
        "juin",
        "giu",
        "jún",
        "iun",
        "июн",
        "чер",
        "cze",
        "čvn",
        "haz",
        "ιουν",
        "kesä",
        "birž",
        "जून",
        "يونيو",
        "יונ",
    ],
    &[
        "jul",
        "juil",
        "lug",
        "júl",
        "iul",
        "июл",
        "лип",
        "lip",
        "čvc",
        "tem",
        "ιουλ",
        "heinä",
        "liep",
        "जुल",
        "يوليو",
        "יול",
    ],
    &[
        "aug",
        "ago",
        "aoû",
        "aou",
        "agu",
        "авг",
        "сер",
        "sie",
        "srp",
        "ağu",
        "αυγ",
        "elo",
        "rugp",
        "अग",
        "أغسطس",
        "אוג",
        "kol",
    ],
    &["sep", "set", "sze", "сен", "вер", "wrz", "zář", "eyl", "σεπ", "syys", "rugs", "सित", "سبتمبر", "ספט", "ruj"],
    &["oct", "okt", "ott", "out", "окт", "жов", "paź", "říj", "eki", "οκτ", "loka", "spal", "अक्टू", "أكتوبر", "אוק"],
    &["nov", "noi", "ноя", "лис", "lis", "kas", "νοε", "marras", "lapkr", "नव", "نوفمبر", "נוב", "stu"],
    &[
        "dec",
        "dic",
        "dez",
        "déc",
        "des",
        "дек",
        "гру",
        "gru",
        "pro",
        "ara",
        "δεκ",
        "joulu",
        "gruod",
        "दिस",
        "ديسمبر",
        "דצמ",
    ],
];

/// Zone abbreviations that name one offset, in minutes. Ambiguous ones take the reading of Google's pages.
const ZONES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("IST", 330),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("BRT", -180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("TRT", 180),
    ("WIB", 420),
    ("WITA", 480),
    ("WIT", 540),
    ("SGT", 480),
    ("HKT", 480),
    ("PHT", 480),
    ("ICT", 420),
    ("MYT", 480),
    ("PKT", 300),
    ("NPT", 345),
    ("GST", 240),
    ("SAST", 120),
    ("EAT", 180),
    ("WAT", 60),
    ("CAT", 120),
    ("ART", -180),
    ("CLT", -240),
    ("CLST", -180),
    ("COT", -300),
    ("PET", -300),
    ("BOT", -240),
    ("VET", -240),
    ("UYT", -180),
    ("BRST", -120),
    ("AST", -240),
    ("ADT", -180),
    ("NST", -210),
    ("NDT", -150),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("AWST", 480),
    ("ACST", 570),
    ("ACDT", 630),
    ("WEZ", 0),
    ("WESZ", 60),
    ("OEZ", 120),
    ("OESZ", 180),
    ("SEČ", 60),
    ("SELČ", 120),
    ("HNEC", 60),
    ("HEEC", 120),
];

/// A time that was read, and whether it was local (no zone: written as if UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// The moment.
    pub(crate) at: Timestamp,
    /// No zone was written.
    pub(crate) local: bool,
}

/// The hour of a 24-hour clock, from an hour and AM (`false`) or PM (`true`).
pub(crate) fn hour_of(hour: i64, afternoon: Option<bool>) -> i64 {
    match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    }
}

static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[^\d])(\d{1,2})([:.])(\d{2})(?:[:.](\d{2}))?(?:[\s\u{a0}\u{202f}]*([ap])\.?[\s\u{a0}\u{202f}]?m\b\.?)?",
    )
    .ok()
});
static OFFSET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:GMT|UTC)?\s?([+\-−])(\d{1,2})(?::?(\d{2}))?\s*$").ok());
static YEAR_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{4})\s?[-./年년]\s?(\d{1,2})\s?[-./月월]\s?(\d{1,2})").ok());
static YEAR_LAST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{1,2})([-./])\s?(\d{1,2})[-./]\s?(\d{4})\b").ok());

/// Reads a date with a clock time out of a line that holds nothing else.
pub(crate) fn parse(line: &str) -> Option<Written> {
    if line.len() > 80 || line.contains('\n') {
        return None;
    }
    // The last match: `22.09.2025 18.33` begins with something that looks like a clock.
    let clock = CLOCK.as_ref()?.captures_iter(line).filter(|c| !is_date_part(line, c)).last()?;
    let number = |place: usize| clock.get(place).and_then(|m| m.as_str().parse::<i64>().ok());
    let whole = clock.get(0)?;
    let (before, after) = (&line[..clock.get(1)?.start()], &line[whole.end()..]);
    let afternoon = clock.get(5).map(|half| half.as_str().eq_ignore_ascii_case("p")).or_else(|| word_half(line));
    let date = date_of(before).or_else(|| date_of(after))?;
    let at = time::from_parts(date, (hour_of(number(1)?, afternoon), number(3)?, number(4).unwrap_or(0)))?;
    let offset = zone_of(after).or_else(|| offset_before(before));
    Some(Written { at: Timestamp(at.0 - i64::from(offset.unwrap_or(0)) * 60_000), local: offset.is_none() })
}

/// A dotted pair of numbers that goes on as a date (`22.09.2025`) is no clock time, nor is an offset (`GMT+01:00`).
fn is_date_part(line: &str, clock: &regex::Captures<'_>) -> bool {
    let (Some(hour), Some(mark), Some(whole)) = (clock.get(1), clock.get(2), clock.get(0)) else { return true };
    let next = line[whole.end()..].chars().next();
    line[..hour.start()].ends_with(['+', '-', '−'])
        || mark.as_str() == "." && next.is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | '/' | '-'))
}

fn word_half(line: &str) -> Option<bool> {
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let word = |words: &[&str]| line.split_whitespace().any(|own| words.contains(&own));
    if has(&["午後", "下午", "오후", "μ.μ.", "μμ", "晚上", "中午"]) || word(&["م", "PTG", "CH", "ÖS"]) {
        Some(true)
    } else if has(&["午前", "上午", "오전", "π.μ.", "πμ", "凌晨", "早上"]) || word(&["ص", "PG", "SA", "ÖÖ"])
    {
        Some(false)
    } else {
        None
    }
}

fn zone_of(after: &str) -> Option<i32> {
    if let Some(found) = OFFSET.as_ref()?.captures(after) {
        let minutes = found[2].parse::<i32>().ok()? * 60 + found.get(3).map_or(Some(0), |m| m.as_str().parse().ok())?;
        return Some(if &found[1] == "+" { minutes } else { -minutes });
    }
    let word = after.split_whitespace().last()?;
    ZONES.iter().find(|(name, _)| word == *name).map(|&(_, minutes)| minutes)
}

/// In Chinese the zone stands before the time: `GMT+8 17:00:00`.
fn offset_before(before: &str) -> Option<i32> {
    let at = before.rfind("GMT").or_else(|| before.rfind("UTC"))?;
    zone_of(&before[at..])
}

fn date_of(text: &str) -> Option<(i64, i64, i64)> {
    if let Some(found) = YEAR_FIRST.as_ref()?.captures(text) {
        return Some((found[1].parse().ok()?, found[2].parse().ok()?, found[3].parse().ok()?));
    }
    if let Some(found) = YEAR_LAST.as_ref()?.captures(text) {
        let (first, second): (i64, i64) = (found[1].parse().ok()?, found[3].parse().ok()?);
        let year = found[4].parse().ok()?;
        return match (first, second) {
            // Dots are only used day first; with slashes a number over 12 must decide.
            _ if &found[2] == "." || first > 12 => Some((year, second, first)),
            _ if second > 12 || first == second => Some((year, first, second)),
            _ => None,
        };
    }
    let words = text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty());
    let (mut year, mut month, mut day) = (None, None, None);
    for word in words {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        match digits.parse::<i64>() {
            Ok(number) if digits.len() == 4 => year = Some(number),
            Ok(number) if digits.len() <= 2 => day = day.or(Some(number)),
            // The last word that is a month: `mar 3 feb` names a Tuesday first.
            _ => month = month_of(word).or(month),
        }
    }
    let month = month.or_else(|| numbered_month(text)).or_else(|| thai_month(text));
    // The Thai calendar counts from the Buddha's death.
    let year = year.map(|year| if (2500..2700).contains(&year) { year - 543 } else { year });
    Some((year?, month?, day?))
}

/// `22 thg 9, 2025`.
fn numbered_month(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("thg ").or_else(|| text.split_once("tháng "))?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|month| (1..=12).contains(month))
}

/// Thai abbreviations have their stops inside.
fn thai_month(text: &str) -> Option<i64> {
    const THAI: [&str; 12] =
        ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."];
    (1..).zip(THAI).find(|(_, name)| text.contains(name)).map(|(month, _)| month)
}

/// Vowel signs of Indic scripts belong to their words.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{963}')
}

fn month_of(word: &str) -> Option<i64> {
    let word = word.to_lowercase();
    // In Hebrew `in` is a letter before the word.
    let word = word.strip_prefix('ב').unwrap_or(&word);
    let begins = MONTHS.iter().zip(1..).flat_map(|(names, month)| names.iter().map(move |name| (*name, month)));
    begins.filter(|(name, _)| word.starts_with(name)).max_by_key(|(name, _)| name.len()).map(|(_, month)| month)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn reads(line: &str, utc: &str, local: bool) {
        let written = parse(line).unwrap_or_else(|| panic!("{line:?} is not read"));
        assert_eq!((written.at.to_string().as_str(), written.local), (utc, local), "{line:?}");
    }

    #[test]
    fn pages_of_many_languages() {
        reads("Sep 22, 2025 6:33 pm", "2025-09-22T18:33:00Z", true);
        reads("Nov 02, 2024, 7:05 AM", "2024-11-02T07:05:00Z", true);
        reads("Jan 15, 2026, 10:30:00\u{202f}AM UTC", "2026-01-15T10:30:00Z", false);
        reads("Jan 15, 2026, 12:30:00\u{202f}AM GMT+01:00", "2026-01-14T23:30:00Z", false);
        reads("2 de mar. de 2026, 10:30:00 CET", "2026-03-02T09:30:00Z", false);
        reads("22 sept. 2025 18:33", "2025-09-22T18:33:00Z", true);
        reads("22.09.2025, 18.33", "2025-09-22T18:33:00Z", true);
        reads("2026年1月5日 下午3:05", "2026-01-05T15:05:00Z", true);
        reads("6:33 p. m., 22 sep 2025", "2025-09-22T18:33:00Z", true);
        reads("2026年3月1日 GMT+8 17:00:00", "2026-03-01T09:00:00Z", false);
        reads("Monday, September 22, 2025 at 6:33pm", "2025-09-22T18:33:00Z", true);
        reads("22 สิงหาคม ส.ค. 2568 18:33", "2025-08-22T18:33:00Z", true);
        reads("18:33 22 thg 9, 2025", "2025-09-22T18:33:00Z", true);
        reads("22 בספט׳ 2025, 18:33", "2025-09-22T18:33:00Z", true);
        reads("3 marraskuuta 2025 klo 7.05", "2025-11-03T07:05:00Z", true);
    }

    #[test]
    fn doubt_is_no_time() {
        for line in ["02/03/2026 10:00", "at 10:30", "Jan 45, 2026 10:00 am", "", "10 km: 5.20", "Sep 2025"] {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }
}
