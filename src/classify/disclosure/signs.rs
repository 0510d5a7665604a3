//! Which rules hold: where the persons stand, and how the message begins.

use super::persons::Person;
use super::{Case, Place, REACH};
use crate::lexicon::whom::{Kind, Rule, Sign, Tally, Where};

/// A person word stands after the evidence: it is as far as this many words more.
const BEHIND: usize = 4;

/// A person word that is not said ("can't sleep again") stands at most this many words from the evidence.
const IMPLIED: usize = 4;

/// Among these first words stands what makes a question general: "what is", "write an essay on".
const HEAD: usize = 5;

/// Of more first or third persons than this, no more is to be learnt.
const MANY: usize = 5;

/// A length beyond this many words says no more; it counts in units of the second number.
const LONGEST: usize = 120;
const UNIT: f32 = 40.0;

impl Case<'_> {
    pub(super) fn of_assistant(&self, places: &[Place], tally: &mut Tally) {
        let (tokens, grammar) = (self.text.tokens(), &self.pack.grammar);
        let (from, to) = self.window(places);
        let is_you = |at: usize| self.cues.at(grammar.you, at, tokens.len()).is_some();
        let addressed = (from..to).filter(|at| is_you(*at)).take(2).count();
        tally.set(Sign::Assistant, true);
        tally.set(Sign::AssistantYou, addressed > 0);
        tally.set(Sign::AssistantYouTwice, addressed > 1);
        let third = (from..to).any(|at| self.longest([grammar.they, grammar.others], at, to).is_some());
        tally.set(Sign::AssistantThirdPerson, third);
    }

    pub(super) fn of_user(&self, places: &[Place], tally: &mut Tally) {
        let (from, to) = self.window(places);
        let persons = self.persons(places, from, to);
        tally.set(Sign::User, true);
        for place in places {
            self.of_place(place, &persons, tally);
        }
        for person in &persons {
            tally.set(Rule::person(Where::Mentioned, person.kind), true);
        }
        if let Some(person) = persons.first() {
            tally.set(Rule::person(Where::OpensMessage, person.kind), true);
        }
        let named = Named { writer: persons.iter().any(|p| p.kind == Kind::Writer), anybody: !persons.is_empty() };
        tally.set(Sign::MentionedNobody, !named.anybody);
        self.of_words(named, from, to, tally);
        self.of_question(named, from, to, tally);
    }

    /// The owner of one piece of evidence.
    fn of_place(&self, place: &Place, persons: &[Person], tally: &mut Tally) {
        let tokens = self.text.tokens();
        let nearest = nearest(self, place, persons);
        match nearest {
            Some((found, kind)) => tally.add(Rule::person(found, kind), place.share),
            None => tally.add(Sign::NearestNobody, place.share),
        }
        let to = (place.end + IMPLIED).min(tokens.len());
        let implied = (place.start.saturating_sub(IMPLIED)..to)
            .any(|at| self.cues.at(self.pack.grammar.implied, at, to).is_some());
        if implied {
            tally.add(if nearest.is_some() { Sign::Implied } else { Sign::ImpliedNobody }, place.share);
        }
        let mut clause = place.start;
        while clause > 0 && place.start - clause < REACH && !self.opens_clause(clause) {
            clause -= 1;
        }
        let inside = persons.iter().find(|person| (clause..place.end).contains(&person.start));
        if let Some(person) = inside {
            tally.add(Rule::person(Where::OpensClause, person.kind), place.share);
        }
        if place.start <= 1 {
            tally.add(Sign::EvidenceOpens, place.share);
            if place.end < tokens.len() && self.text.gap(place.end).contains(',') {
                tally.add(Sign::EvidenceOpensComma, place.share);
            }
        }
    }

    fn opens_clause(&self, at: usize) -> bool {
        const BORDERS: [char; 14] = [',', ';', ':', '(', ')', '"', '“', '”', '„', '«', '»', '—', '–', '…'];
        self.opens_sentence(at) || self.text.gap(at).contains(BORDERS)
    }

    /// How long it is, and how often it speaks of whom.
    fn of_words(&self, named: Named, from: usize, to: usize, tally: &mut Tally) {
        let (tokens, grammar) = (self.text.tokens(), &self.pack.grammar);
        let words = tokens.len();
        let is_first = |at: usize| self.writer(at, to).is_some();
        let is_third = |at: usize| self.longest([grammar.they, grammar.others], at, to).is_some();
        let share = |count: usize| count as f32 / MANY as f32;
        tally.add(Sign::Length, words.min(LONGEST) as f32 / UNIT);
        tally.set(Sign::WordsFew, words < 8);
        tally.set(Sign::WordsFewNobody, words < 9 && !named.anybody);
        tally.set(Sign::WordsSome, (8..14).contains(&words));
        tally.set(Sign::WordsMany, words > 60);
        tally.set(Sign::WordsManyWriter, words > 60 && named.writer);
        tally.add(Sign::FirstPersons, share((from..to).filter(|at| is_first(*at)).take(MANY).count()));
        tally.add(Sign::ThirdPersons, share((from..to).filter(|at| is_third(*at)).take(MANY).count()));
        tally.set(Sign::FirstPersonOpens, (0..words.min(2)).any(|at| self.writer(at, words).is_some()));
        let last = tokens.last().map_or(0, |token| token.sentence);
        let last = from + tokens[from..to].partition_point(|token| token.sentence < last);
        tally.set(Sign::FirstPersonLast, (last..to).any(is_first));
    }

    /// Whether it asks what anybody might ask, or gives a task.
    fn of_question(&self, named: Named, from: usize, to: usize, tally: &mut Tally) {
        let (tokens, grammar) = (self.text.tokens(), &self.pack.grammar);
        let is_general = |at: usize| self.cues.at(grammar.general, at, tokens.len()).is_some();
        let general = (0..tokens.len().min(HEAD)).any(is_general);
        tally.set(Sign::General, general);
        tally.set(Sign::GeneralWriter, general && named.writer);
        tally.set(Sign::GeneralOthers, general && named.anybody && !named.writer);
        tally.set(Sign::GeneralNobody, general && !named.anybody);
        tally.set(Sign::GeneralLater, (from.max(HEAD)..to).any(is_general));
        let asks = self.pack.wording().asks(tokens.first().map_or(0, |token| token.hash));
        tally.set(Sign::QuestionWord, asks);
        tally.set(Sign::QuestionWordWriter, asks && named.writer);
        tally.set(Sign::QuestionWordOthers, asks && named.anybody && !named.writer);
        tally.set(Sign::QuestionWordNobody, asks && !named.anybody);
        let mark = (from + 1..=to).any(|at| self.text.gap(at).contains('?'));
        tally.set(Sign::QuestionMark, mark);
        tally.set(Sign::QuestionMarkNobody, mark && !named.anybody);
        let mut tasks = (from..to).filter(|at| self.cues.at(grammar.task, *at, to).is_some()).map(|at| tokens[at].hash);
        let task = tasks.next();
        tally.set(Sign::Task, task.is_some());
        tally.set(Sign::TaskTwice, tasks.any(|other| Some(other) != task));
        tally.set(Sign::TaskWriter, task.is_some() && named.writer);
        tally.set(Sign::TaskNobody, task.is_some() && !named.anybody);
    }
}

/// Who is named in a message.
#[derive(Debug, Clone, Copy)]
struct Named {
    writer: bool,
    anybody: bool,
}

/// The person nearest to the evidence: in its sentence; if nobody is in it, in what stands around it.
fn nearest(case: &Case<'_>, place: &Place, persons: &[Person]) -> Option<(Where, Kind)> {
    let tokens = case.text.tokens();
    [(0, Where::Before), (2, Where::Around), (8, Where::Far)].into_iter().find_map(|(distance, found)| {
        let low = tokens[place.start].sentence.saturating_sub(distance);
        let high = tokens[place.end - 1].sentence + distance;
        let inside = persons.iter().filter(|person| {
            person.start + REACH >= place.start
                && person.end <= place.end + REACH
                && tokens[person.start].sentence >= low
                && tokens[person.end - 1].sentence <= high
        });
        let away = |person: &Person| {
            if person.end <= place.start {
                place.start - person.end
            } else if person.start >= place.end {
                person.start - place.end + BEHIND
            } else {
                0
            }
        };
        let person = inside.min_by_key(|person| away(person))?;
        let within = match away(person) {
            _ if person.start >= place.end => Where::Behind,
            _ if person.start >= place.start => Where::Inside,
            0 => Where::Touching,
            1..=3 => Where::Close,
            _ => Where::Before,
        };
        Some((if distance == 0 { within } else { found }, person.kind))
    })
}
