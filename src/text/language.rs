//! Which language a text is in, from the function words that its tokens already are, and from its script.
//!
//! Every language of `languages.tsv` gives a vote for each of its words that occurs, worth less the more languages share
//! the word. A script that belongs to one language decides alone.

use super::{ByHash, Script, Text, hash_word};
use crate::error::{Error, ErrorKind, Result};

/// Only so many words of a text are read for its language: more change no verdict and cost time.
pub const WORDS: usize = 400;

/// The languages that can be told apart.
#[derive(Debug)]
pub struct Languages {
    tags: Vec<(String, Script)>,
    /// The function words, in open addressing by the hash of the folded word.
    words: Box<[Word]>,
    /// One bit for each leading 16 bits of those hashes: most words are no function words, and this tells in a few cycles.
    filter: Box<[u64]>,
    /// The languages of each word, one word's after the other's.
    users: Vec<u8>,
    /// By script: the languages written in it, for scripts that say something.
    scripts: [u128; Script::COUNT],
}

/// A function word.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    hash: u64,
    /// Its worth for each language that uses it.
    worth: f32,
    /// Where these languages stand in [`Languages::users`]; of a free place there are none.
    first: u16,
    count: u16,
    /// The same languages, one bit each.
    mask: u128,
}

/// Votes for each language, addable over the messages of a conversation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Votes {
    scores: Vec<f32>,
    /// The languages that have a vote: with a hundred of them, looking at all would cost more than reading a short message.
    touched: u128,
    tokens: u32,
}

/// A guess and how far ahead it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// Index of the language.
    pub language: usize,
    /// Votes for it.
    pub votes: f32,
    /// Votes for the runner-up.
    pub second: f32,
}

impl Guess {
    /// Whether the lead is clear enough to stand alone, without the conversation's other messages.
    pub fn is_clear(&self) -> bool {
        self.votes >= 1.5 && self.votes >= 1.4 * self.second
    }

    /// Whether further messages of the same conversation would hardly change it.
    pub fn is_settled(&self) -> bool {
        self.votes >= 12.0 && self.votes >= 3.0 * self.second
    }
}

impl Languages {
    /// Reads `languages.tsv`: `tag`, `name`, `script`, `words`.
    pub fn parse(file: &str, text: &str) -> Result<Languages> {
        let bad = |line: usize, why: &str| Error::new(ErrorKind::Data, why).at(format!("{file}:{}", line + 1));
        let mut languages = Languages {
            tags: Vec::new(),
            words: Box::default(),
            filter: vec![0; 1 << 10].into_boxed_slice(),
            users: Vec::new(),
            scripts: [0; Script::COUNT],
        };
        let mut words: ByHash<u128> = ByHash::default();
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() || line.starts_with("tag\t") {
                continue;
            }
            let mut columns = line.split('\t');
            let (Some(tag), Some(_), Some(script)) = (columns.next(), columns.next(), columns.next()) else {
                return Err(bad(number, "needs the columns tag, name, script, words"));
            };
            let script = Script::from_name(script).ok_or_else(|| bad(number, "unknown script"))?;
            if languages.tags.len() >= 128 {
                return Err(bad(number, "more than 128 languages"));
            }
            let bit = 1u128 << languages.tags.len();
            languages.tags.push((tag.to_owned(), script));
            if script != Script::Latin && script != Script::Other {
                languages.scripts[script as usize] |= bit;
            }
            for word in Text::of(columns.next().unwrap_or("")).tokens() {
                *words.entry(word.hash).or_default() |= bit;
            }
        }
        if words.values().map(|mask| mask.count_ones()).sum::<u32>() > u32::from(u16::MAX) {
            return Err(bad(0, "more than 65,535 words"));
        }
        languages.add_words(words);
        Ok(languages)
    }

    fn add_words(&mut self, words: ByHash<u128>) {
        self.words = vec![Word::default(); (words.len() * 2).next_power_of_two()].into_boxed_slice();
        for (hash, mask) in words {
            let (first, count) = (self.users.len() as u16, mask.count_ones() as u16);
            self.users.extend(bits(mask).map(|language| language as u8));
            // A word of one language is worth 1, of two ½ …: shared words cannot outvote distinctive ones.
            let word = Word { hash, worth: 1.0 / f32::from(count), first, count, mask };
            let mut place = hash as usize & (self.words.len() - 1);
            while self.words[place].count > 0 {
                place = (place + 1) & (self.words.len() - 1);
            }
            self.words[place] = word;
            self.filter[(hash >> 54) as usize] |= 1 << (hash >> 48 & 63);
        }
    }

    /// The function word of this hash.
    #[inline(always)]
    fn word(&self, hash: u64) -> Option<&Word> {
        if self.filter[(hash >> 54) as usize] >> (hash >> 48 & 63) & 1 == 0 {
            return None;
        }
        let mut place = hash as usize & (self.words.len() - 1);
        // Half of the places are free, so the search ends.
        loop {
            let word = self.words.get(place).filter(|word| word.count > 0)?;
            if word.hash == hash {
                return Some(word);
            }
            place = (place + 1) & (self.words.len() - 1);
        }
    }

    /// The tag of a language.
    pub fn tag(&self, language: usize) -> &str {
        &self.tags[language].0
    }

    /// The index of a tag.
    pub fn find(&self, tag: &str) -> Option<usize> {
        self.tags.iter().position(|(t, _)| t == tag)
    }

    /// Whether a folded word is a function word of that language.
    pub fn is_function_word(&self, tag: &str, word: &str) -> bool {
        let mask = self.word(hash_word(word.as_bytes())).map_or(0, |word| word.mask);
        self.find(tag).is_some_and(|language| mask >> language & 1 == 1)
    }

    /// The votes of a text, in place of what `votes` held. Reads at most the first [`WORDS`] words.
    pub fn count(&self, text: &Text, votes: &mut Votes) {
        votes.clear();
        votes.scores.resize(self.tags.len(), 0.0);
        // Chinese characters beside kana are Japanese.
        let (mut han, mut kana) = (0u16, false);
        for token in text.tokens().iter().take(WORDS) {
            votes.tokens += 1;
            if let Some(word) = self.word(token.hash) {
                votes.touched |= word.mask;
                for language in &self.users[usize::from(word.first)..usize::from(word.first + word.count)] {
                    votes.scores[usize::from(*language)] += word.worth;
                }
            }
            match token.script {
                Script::Latin => {}
                Script::Han => han += 1,
                script => {
                    kana |= script == Script::Kana;
                    votes.give(self.scripts[script as usize], 0.5);
                }
            }
        }
        if han > 0 {
            let script = if kana { Script::Kana } else { Script::Han };
            votes.give(self.scripts[script as usize], 0.5 * f32::from(han));
        }
    }

    /// The votes of a text.
    pub fn votes(&self, text: &Text) -> Votes {
        let mut votes = Votes::default();
        self.count(text, &mut votes);
        votes
    }

    /// The best guess, if anything spoke at all.
    pub fn guess(&self, votes: &Votes) -> Option<Guess> {
        let mut best: Option<Guess> = None;
        let mut second = 0.0;
        for language in bits(votes.touched) {
            let score = votes.scores[language];
            match best {
                Some(guess) if score <= guess.votes => second = f32::max(second, score),
                _ if score > 0.0 => {
                    second = best.map_or(second, |b| b.votes);
                    best = Some(Guess { language, votes: score, second: 0.0 });
                }
                _ => {}
            }
        }
        best.map(|guess| Guess { second, ..guess })
    }
}

/// The places of the bits of a mask, in order.
fn bits(mask: u128) -> impl Iterator<Item = usize> {
    let half = |mut mask: u64, first: usize| {
        std::iter::from_fn(move || {
            let place = mask.trailing_zeros() as usize;
            mask &= mask.wrapping_sub(1);
            (place < 64).then_some(first + place)
        })
    };
    half(mask as u64, 0).chain(half((mask >> 64) as u64, 64))
}

impl Votes {
    /// Forgets everything.
    pub fn clear(&mut self) {
        for language in bits(self.touched) {
            self.scores[language] = 0.0;
        }
        (self.touched, self.tokens) = (0, 0);
    }

    #[inline]
    fn give(&mut self, languages: u128, worth: f32) {
        self.touched |= languages;
        for language in bits(languages) {
            self.scores[language] += worth;
        }
    }

    /// Adds another text's votes.
    pub fn add(&mut self, other: &Votes) {
        if self.scores.len() < other.scores.len() {
            self.scores.resize(other.scores.len(), 0.0);
        }
        for language in bits(other.touched) {
            self.scores[language] += other.scores[language];
        }
        self.touched |= other.touched;
        self.tokens += other.tokens;
    }

    /// The votes for one language.
    pub fn of(&self, language: usize) -> f32 {
        self.scores.get(language).copied().unwrap_or(0.0)
    }

    /// Words counted.
    pub fn tokens(&self) -> u32 {
        self.tokens
    }
}

#[cfg(test)]
mod tests {
    use super::Languages;
    use crate::text::Text;

    const TABLE: &str = "tag\tname\tscript\twords\nen\tEnglish\tLatin\tthe is of my on me\nfr\tFrench\tLatin\tle est de mon me la\nru\tRussian\tCyrillic\t\nzh\tChinese\tHan\t\nja\tJapanese\tKana\t\n";

    #[test]
    fn function_words_and_scripts_tell_languages() {
        let languages = Languages::parse("languages.tsv", TABLE).unwrap();
        let guess = |text: &str| {
            languages
                .guess(&languages.votes(&Text::of(text)))
                .map(|g| (languages.tag(g.language).to_owned(), g.is_clear()))
        };
        assert_eq!(guess("the cat is on my mat"), Some(("en".into(), true)));
        assert_eq!(guess("le chat est de mon frère"), Some(("fr".into(), true)));
        assert_eq!(guess("где мой кот"), Some(("ru".into(), true)));
        assert_eq!(guess("我有糖尿病"), Some(("zh".into(), true)));
        assert_eq!(guess("私は糖尿病です。"), Some(("ja".into(), true)));
        assert_eq!(guess("me"), Some(("en".into(), false)));
        assert_eq!(guess("xyzzy"), None);
    }
}
