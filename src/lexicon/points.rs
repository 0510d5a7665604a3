//! What each sign is worth that tells whom a message is about, read from `whom.tsv` and `whom-words.tsv`; and the sum of
//! those that hold.

use super::pattern::Pattern;
use super::whom::{COUNT, Rule};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Disclosure;
use crate::text::{Text, hash_word, mix};

/// The points of the writer, of others, of nobody in particular.
type Worth = [f32; 3];

/// What holds of a message and one of its categories.
#[derive(Debug, Clone)]
pub struct Tally {
    /// How far each rule holds: mostly 0 or 1; for what is said of pieces of evidence, the share of them.
    rules: [f32; COUNT],
    category: u64,
    patterns: Vec<Pattern>,
    /// Its words, each with its language.
    words: Vec<u64>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { rules: [0.0; COUNT], category: 0, patterns: Vec::new(), words: Vec::new() }
    }
}

/// The number of a word in a language.
fn word_in(language: &str, word: u64) -> u64 {
    mix(hash_word(language.as_bytes()), word)
}

impl Tally {
    /// Adds to a rule.
    pub fn add(&mut self, rule: impl Into<Rule>, amount: f32) {
        self.rules[rule.into().place()] += amount;
    }

    /// Says that a rule holds.
    pub fn set(&mut self, rule: impl Into<Rule>, holds: bool) {
        self.rules[rule.into().place()] = f32::from(u8::from(holds));
    }

    /// Says which category it is, by the hash of its name.
    pub fn set_category(&mut self, category: u64) {
        self.category = category;
    }

    /// Says that a pattern stands in it; how often makes no difference.
    pub fn add_pattern(&mut self, pattern: Pattern) {
        if !self.patterns.contains(&pattern) {
            self.patterns.push(pattern);
        }
    }

    /// Says which words stand in it, by their hashes; how often makes no difference.
    pub fn set_words(&mut self, language: &str, words: impl Iterator<Item = u64>) {
        self.words.clear();
        self.words.extend(words.map(|word| word_in(language, word)));
        self.words.sort_unstable();
        self.words.dedup();
    }

    /// The rules and patterns that hold, by name, and how far: what points are fitted to.
    pub fn signs(&self) -> impl Iterator<Item = (String, f32)> {
        let rules = Rule::all().map(|rule| (rule, self.rules[rule.place()])).filter(|(_, amount)| *amount != 0.0);
        rules.map(|(rule, amount)| (rule.name(), amount)).chain(self.patterns.iter().map(|found| (found.name(), 1.0)))
    }

    /// Everything that holds and is worth something.
    fn worths<'p>(&'p self, points: &'p Points) -> impl Iterator<Item = (Source<'p>, f32, Worth)> {
        let rules = Rule::all().map(|rule| (Source::Rule(rule), self.rules[rule.place()], points.rules[rule.place()]));
        let patterns = self.patterns.iter().filter_map(|pattern| {
            let found = points.patterns.binary_search_by_key(pattern, |(known, _)| *known).ok()?;
            points.patterns.get(found).map(|(pattern, worth)| (Source::Pattern(*pattern), 1.0, *worth))
        });
        let named = std::iter::once(&self.category).chain(&self.words).filter_map(|word| {
            let found = points.named.binary_search_by_key(word, |named| named.0).ok()?;
            points.named.get(found).map(|(_, name, worth)| (Source::Named(name), 1.0, *worth))
        });
        rules.filter(|(_, amount, _)| *amount != 0.0).chain(patterns).chain(named)
    }

    /// The points of the writer, of others and of nobody.
    pub fn sums(&self, points: &Points) -> [f32; 3] {
        let mut sums = [0.0; 3];
        for (_, amount, worth) in self.worths(points) {
            sums.iter_mut().zip(worth).for_each(|(sum, worth)| *sum += amount * worth);
        }
        sums
    }

    /// The answer with the most points; in a draw the writer before others, others before nobody.
    pub fn answer(&self, points: &Points) -> Disclosure {
        let [own, others, nobody] = self.sums(points);
        if own >= others && own >= nobody {
            Disclosure::Oneself
        } else if others >= nobody {
            Disclosure::Another
        } else {
            Disclosure::Topic
        }
    }

    /// The signs that hold, by name, with the lead that each gives the answer over the better of the two others; the greatest
    /// first.
    pub fn reasons(&self, points: &Points) -> Vec<(String, f32)> {
        let (sums, answer) = (self.sums(points), self.answer(points) as usize);
        let rival = (0..3).filter(|other| *other != answer).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
        let leads = self.worths(points).map(|(from, amount, worth)| (from, amount * (worth[answer] - worth[rival])));
        let mut reasons: Vec<(Source<'_>, f32)> = leads.filter(|(_, lead)| lead.abs() >= 0.05).collect();
        reasons.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
        reasons.into_iter().map(|(from, lead)| (from.name(), lead)).collect()
    }
}

/// Where points come from.
#[derive(Debug, Clone, Copy)]
enum Source<'p> {
    Rule(Rule),
    Pattern(Pattern),
    Named(&'p str),
}

impl Source<'_> {
    fn name(self) -> String {
        match self {
            Source::Rule(rule) => rule.name(),
            Source::Pattern(pattern) => pattern.name(),
            Source::Named(name) => name.to_owned(),
        }
    }
}

/// The points of every rule, pattern, category and word: for the writer, for others, for nobody in particular.
#[derive(Debug, Clone)]
pub struct Points {
    rules: [Worth; COUNT],
    /// By their numbers.
    patterns: Vec<(Pattern, Worth)>,
    /// Categories and words, by their numbers.
    named: Vec<(u64, String, Worth)>,
}

impl Points {
    /// Reads `whom.tsv` (a header, then a sign a line with its points) and `whom-words.tsv` (language, word and points). What
    /// is not listed is worth nothing.
    pub fn parse(signs: &str, words: &str) -> Result<Points> {
        let mut points = Points { rules: [[0.0; 3]; COUNT], patterns: Vec::new(), named: Vec::new() };
        for (number, line) in lines(signs) {
            let bad = |what: &str| Error::new(ErrorKind::Data, what).at(format!("whom.tsv:{number}"));
            let (name, cells) = line.split_once('\t').ok_or_else(|| bad("three numbers are needed"))?;
            let worth = worth(cells).ok_or_else(|| bad("three numbers are needed"))?;
            if let Some(category) = name.strip_prefix("category: ") {
                points.named.push((hash_word(category.as_bytes()), name.to_owned(), worth));
            } else if let Some(pattern) = Pattern::find(name) {
                points.patterns.push((pattern, worth));
            } else {
                let rule = Rule::all().find(|rule| rule.name() == name).ok_or_else(|| bad("no such rule"))?;
                points.rules[rule.place()] = worth;
            }
        }
        for (number, line) in lines(words) {
            let bad = |what: &str| Error::new(ErrorKind::Data, what).at(format!("whom-words.tsv:{number}"));
            let mut cells = line.splitn(3, '\t');
            let (Some(language), Some(word), Some(cells)) = (cells.next(), cells.next(), cells.next()) else {
                return Err(bad("a language, a word and three numbers are needed"));
            };
            let worth = worth(cells).ok_or_else(|| bad("three numbers are needed"))?;
            let &[token] = Text::of(word).tokens() else { return Err(bad("one word is needed")) };
            points.named.push((word_in(language, token.hash), format!("“{word}”"), worth));
        }
        points.patterns.sort_by_key(|(pattern, _)| *pattern);
        points.named.sort_by_key(|(number, ..)| *number);
        Ok(points)
    }
}

/// The lines behind the header, comments left out, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).skip(1)
}

fn worth(cells: &str) -> Option<Worth> {
    let mut cells = cells.split('\t').map(|cell| cell.parse().ok().filter(|number: &f32| number.is_finite()));
    Some([cells.next()??, cells.next()??, cells.next()??])
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Points, Rule, Tally};
    use crate::finding::Disclosure;
    use crate::lexicon::whom::{Kind, Sign, Where};
    use crate::text::hash_word;

    #[test]
    fn the_answer_with_the_most_points_is_given_with_its_reasons() {
        let file = "# why\nrule\tself\tother\ttopic\tnote\nuser\t.5\t0\t0\ntouching: kin\t-1\t2\t-1\ttheirs\n\
                    category: union\t0\t0\t2\nwords before: my word is\t0\t3\t0\n";
        let points = Points::parse(file, "language\tword\tself\tother\ttopic\nen\tHere\t4\t0\t0\n").unwrap();
        let mut tally = Tally::default();
        assert_eq!(tally.answer(&points), Disclosure::Oneself);
        tally.set(Sign::User, true);
        assert_eq!(tally.sums(&points), [0.5, 0.0, 0.0]);
        tally.add(Rule::person(Where::Touching, Kind::Kin), 0.5);
        assert_eq!(tally.answer(&points), Disclosure::Another);
        tally.set_category(hash_word(b"union"));
        assert_eq!(tally.answer(&points), Disclosure::Topic);
        tally.add_pattern(Pattern::find("words before: my word is").unwrap());
        assert_eq!(tally.answer(&points), Disclosure::Another);
        tally.set_words("de", [hash_word(b"here")].into_iter());
        assert_eq!(tally.answer(&points), Disclosure::Another);
        tally.set_words("en", [hash_word(b"here")].into_iter());
        assert_eq!(tally.answer(&points), Disclosure::Oneself);
        let reasons: Vec<String> = tally.reasons(&points).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(reasons, ["“Here”", "words before: my word is", "touching: kin", "user"]);
    }

    #[test]
    fn a_wrong_file_is_refused() {
        for wrong in ["rule\tself\nno such\t1\t2\t3", "rule\tself\nuser\t1\t2", "rule\tself\nuser\t1\tNaN\t3"] {
            let error = Points::parse(wrong, "").expect_err("wrong").to_string();
            assert!(error.contains("whom.tsv:2"), "{error}");
        }
        for wrong in ["en\tone two\t1\t2\t3", "en\tone\t1\t2", "en"] {
            let error = Points::parse("", &format!("language\tword\n{wrong}")).expect_err("wrong").to_string();
            assert!(error.contains("whom-words.tsv:2"), "{error}");
        }
    }
}
