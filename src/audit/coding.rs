//! Several coders' sheets together: what they agree on, where they do not, and the gold rows that come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::sample::Candidate;
use super::sheet::{Code, Coded};
use crate::error::{Error, ErrorKind, Result};
use crate::eval::Gold;
use crate::stats::Estimate;
use crate::stats::agreement::{Agreement, Ratings, UNKNOWN};
use crate::table::{Table, decimal, quoted, with_range};

/// One coder's rows by id.
pub type Coder = BTreeMap<String, Coded>;

/// The question that coders were asked, with how far they agree.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// `presence` (holds or not) or `code` (no, self, other, topic).
    pub question: &'static str,
    /// Category id, or `any`.
    pub category: String,
    /// Share of the codes that say that it holds.
    pub prevalence: f64,
    /// The coefficients.
    #[serde(flatten)]
    pub agreement: Agreement,
}

/// All ids, each once.
fn ids(coders: &[Coder]) -> BTreeSet<&str> {
    coders.iter().flat_map(|coder| coder.keys().map(String::as_str)).collect()
}

/// The codes of one unit for one category, a place a coder.
fn codes(coders: &[Coder], id: &str, category: usize) -> Vec<Option<Code>> {
    coders.iter().map(|coder| coder.get(id).and_then(|row| row.codes[category])).collect()
}

/// Whether any category holds, by coder; none where one is not coded and none holds.
fn any(coders: &[Coder], id: &str) -> Vec<Option<Code>> {
    let one = |row: &Coded| {
        let holds = row.codes.iter().flatten().any(|code| code.holds());
        let complete = row.codes.iter().all(Option::is_some);
        (holds || complete).then_some(if holds { Code::Yes } else { Code::No })
    };
    coders.iter().map(|coder| coder.get(id).and_then(one)).collect()
}

/// How far the coders agree: on whether each category holds, and on of whom it does.
pub fn agreement(coders: &[Coder], categories: &[String], draws: u32) -> Vec<Answered> {
    let ids = ids(coders);
    let question = |question: &'static str, name: &str, codes: &dyn Fn(&str) -> Vec<Option<Code>>| {
        let presence = question == "presence";
        let mut ratings = Ratings::new(if presence { 2 } else { 4 });
        let (mut holds, mut all) = (0_u32, 0_u32);
        for id in &ids {
            let unit = codes(id);
            unit.iter().flatten().for_each(|code| (holds, all) = (holds + u32::from(code.holds()), all + 1));
            let number = |code: Code| if presence { u16::from(code.holds()) } else { code as u16 };
            // Of whom it holds was not said by those who said yes.
            ratings.add(unit.into_iter().map(|code| code.map(number)).collect());
        }
        Answered {
            question,
            category: name.to_owned(),
            prevalence: f64::from(holds) / f64::from(all.max(1)),
            agreement: ratings.agreement(draws, 7),
        }
    };
    let each = |name: &'static str| -> Vec<Answered> {
        let of = |(place, id): (usize, &String)| question(name, id, &|unit| codes(coders, unit, place));
        categories.iter().enumerate().map(of).collect()
    };
    let mut all = each("presence");
    all.push(question("presence", "any", &|unit| any(coders, unit)));
    all.extend(each("code"));
    all.retain(|answered| answered.agreement.units > 0);
    all
}

/// Tables of agreement: on presence, and on the code.
pub fn tables(answered: &[Answered]) -> Vec<Table> {
    let table = |question: &str, title: &str| {
        let two = answered.iter().any(|found| found.agreement.cohen.is_some());
        let kappa = if two { "Cohen's kappa" } else { "Fleiss' kappa" };
        let mut table = Table::new(title, ["", "units", "equal", kappa, "alpha", "AC1"]);
        let cell = |estimate: Option<Estimate>| {
            estimate.map_or("-".to_owned(), |e| {
                if e.interval == UNKNOWN { decimal(e.value) } else { with_range(e.value, e.interval) }
            })
        };
        for found in answered.iter().filter(|found| found.question == question) {
            let agreement = &found.agreement;
            let kappa = if two { agreement.cohen } else { agreement.fleiss };
            let equal = agreement.percent.map_or("-".to_owned(), |e| decimal(e.value));
            let cells = [found.category.clone(), agreement.units.to_string(), equal];
            table.row(cells.into_iter().chain([kappa, agreement.alpha, agreement.ac1].map(cell)));
        }
        table
    };
    let mut presence = table("presence", "does the category hold: yes or no");
    presence.note(
        "95 % intervals: bootstrap over units. Where a category is rare, the kappas and alpha fall although coders agree; AC1 \
         does not. A dash: all codes are equal, so there is nothing to measure.",
    );
    vec![presence, table("code", "and of whom: no, self, other, topic")]
}

/// One row a question and coefficient: for programs.
pub fn tidy(answered: &[Answered]) -> Table {
    let mut table =
        Table::new("", ["question", "category", "units", "prevalence", "coefficient", "value", "low", "high"]);
    for found in answered {
        let a = &found.agreement;
        let coefficients = [
            ("percent", a.percent),
            ("cohen_kappa", a.cohen),
            ("fleiss_kappa", a.fleiss),
            ("krippendorff_alpha", a.alpha),
            ("gwet_ac1", a.ac1),
        ];
        for (name, estimate) in coefficients {
            let Some(e) = estimate else { continue };
            let first = [found.question.to_owned(), found.category.clone(), a.units.to_string()];
            let known = e.interval != UNKNOWN;
            let end = |value: f64| if known { format!("{value:.6}") } else { String::new() };
            let numbers = [format!("{:.6}", e.value), end(e.interval.low), end(e.interval.high)];
            table.row(first.into_iter().chain([format!("{:.6}", found.prevalence), name.to_owned()]).chain(numbers));
        }
    }
    table
}

/// What coders said of a unit's category together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Nothing,
    Agreed(Code),
    Disputed,
}

fn verdict(codes: &[Option<Code>], majority: bool) -> Verdict {
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    codes.iter().flatten().for_each(|code| *counts.entry(*code).or_default() += 1);
    let all: usize = counts.values().sum();
    match counts.iter().max_by_key(|(_, count)| **count) {
        None => Verdict::Nothing,
        Some((code, count)) if *count == all || (majority && 2 * count > all) => Verdict::Agreed(*code),
        _ => Verdict::Disputed,
    }
}

/// How coders' sheets go together.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// Units that somebody coded.
    pub units: usize,
    /// Units that only one coder coded.
    pub coded_once: usize,
    /// Units with a category that coders see differently and nobody has decided.
    pub disputed: Vec<String>,
    rows: BTreeMap<String, Vec<Option<Code>>>,
}

/// Merges sheets. Decisions stand above the coders; with `majority`, more than half of the codes decide what nobody decided.
pub fn merge(coders: &[Coder], decisions: Option<&Coder>, categories: &[String], majority: bool) -> Merged {
    let mut merged = Merged::default();
    for id in ids(coders) {
        let coded =
            coders.iter().filter(|c| c.get(id).is_some_and(|row| row.codes.iter().any(Option::is_some))).count();
        if coded == 0 {
            continue;
        }
        merged.units += 1;
        merged.coded_once += usize::from(coded == 1);
        let mut disputed = false;
        let decided = |place: usize| decisions?.get(id)?.codes[place];
        let codes =
            (0..categories.len()).map(|place| match (decided(place), verdict(&codes(coders, id, place), majority)) {
                (Some(code), _) | (None, Verdict::Agreed(code)) => Some(code),
                (None, Verdict::Nothing) => None,
                (None, Verdict::Disputed) => {
                    disputed = true;
                    None
                }
            });
        let codes = codes.collect();
        if disputed {
            merged.disputed.push(id.to_owned());
        }
        merged.rows.insert(id.to_owned(), codes);
    }
    merged
}

impl Merged {
    /// A sheet of what must be decided: agreed cells are filled in, disputed ones hold `?`, and a column tells who said what.
    pub fn disputes(&self, coders: &[Coder], categories: &[String]) -> String {
        let row_of = |id: &str| coders.iter().find_map(|coder| coder.get(id));
        let quotes = self.disputed.iter().any(|id| row_of(id).is_some_and(|row| row.text.is_some()));
        let text = if quotes { "text," } else { "" };
        let mut out = format!("id,lang,{text}{},coders,note\n", categories.join(","));
        for id in &self.disputed {
            let row = row_of(id);
            let mut cells = vec![id.clone(), row.and_then(|row| row.lang.clone()).unwrap_or_default()];
            if quotes {
                cells.push(row.and_then(|row| row.text.clone()).unwrap_or_default());
            }
            let mut said = Vec::new();
            for (place, category) in categories.iter().enumerate() {
                let codes = codes(coders, id, place);
                let settled = self.rows[id][place];
                let dispute = settled.is_none() && codes.iter().any(Option::is_some);
                cells.push(if dispute { "?".to_owned() } else { settled.map_or("", Code::name).to_owned() });
                if dispute {
                    let names: Vec<&str> = codes.iter().map(|code| code.map_or("?", Code::name)).collect();
                    said.push(format!("{category}: {}", names.join(" | ")));
                }
            }
            cells.extend([said.join("; "), String::new()]);
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}", cells.join(","));
        }
        out
    }

    /// Gold rows in the shared form; with the key of the sample, they carry stratum, weight and what the scan said.
    ///
    /// A weight is the stratum's size over its coded rows: rows left uncoded are taken to be like the others of their stratum.
    pub fn gold(
        &self,
        coders: &[Coder],
        key: Option<&BTreeMap<String, Candidate>>,
        categories: &[String],
    ) -> Result<Vec<Gold>> {
        let mut coded: BTreeMap<&str, u64> = BTreeMap::new();
        for id in self.rows.keys() {
            let Some(key) = key else { break };
            let Some(drawn) = key.get(id) else {
                return Err(Error::new(ErrorKind::Usage, format!("row `{id}` is not in the key file")));
            };
            *coded.entry(&drawn.stratum).or_default() += 1;
        }
        let gold = self.rows.iter().map(|(id, codes)| {
            let row = coders.iter().find_map(|coder| coder.get(id));
            let drawn = key.and_then(|key| key.get(id));
            let mut gold = Gold {
                id: id.clone(),
                lang: row.and_then(|row| row.lang.clone()).or_else(|| drawn.map(|drawn| drawn.lang.clone())),
                role: Some(drawn.map_or("user", |drawn| &drawn.role).to_owned()),
                text: row.and_then(|row| row.text.clone()).unwrap_or_default(),
                source: "sample".to_owned(),
                stratum: drawn.map(|drawn| drawn.stratum.clone()),
                weight: drawn.map(|drawn| drawn.stratum_size as f64 / coded[drawn.stratum.as_str()] as f64),
                said: drawn.map(|drawn| drawn.said.clone()),
                ..Gold::default()
            };
            for (code, category) in codes.iter().zip(categories) {
                let Some(code) = code else { continue };
                gold.labelled.push(category.clone());
                if code.holds() {
                    gold.sensitive.push(category.clone());
                }
                if matches!(code, Code::Oneself | Code::Another | Code::Topic) {
                    gold.disclosure.insert(category.clone(), code.name().to_owned());
                }
            }
            if gold.disclosure.len() == gold.sensitive.len() {
                gold.labelled.push("disclosure".to_owned());
            }
            gold
        });
        Ok(gold.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::{by_id, read};
    use super::{Coder, agreement, merge};

    fn coder(sheet: &str) -> Coder {
        let categories = ["health", "union"].map(str::to_owned);
        by_id("a.csv", read("a.csv", sheet, &categories).unwrap()).unwrap()
    }

    #[test]
    fn disputes_are_listed_and_decided() {
        let categories = ["health", "union"].map(str::to_owned);
        let one = coder("id,lang,health,union,none\n1,en,self,,\n2,en,,,x\n3,en,,topic,\n");
        let two = coder("id,lang,health,union,none\n1,en,other,,\n2,en,,,x\n3,en,,topic,\n4,en,,,x\n");
        let coders = [one, two];
        let open = merge(&coders, None, &categories, false);
        assert_eq!((open.units, open.coded_once, open.disputed.clone()), (4, 1, vec!["1".to_owned()]));
        let sheet = open.disputes(&coders, &categories);
        assert!(sheet.contains("1,en,?,no,health: self | other,"), "{sheet}");
        // The sheet as it is decides nothing.
        assert_eq!(merge(&coders, Some(&coder(&sheet)), &categories, false).disputed.len(), 1);
        let decided = coder(&sheet.replace("1,en,?", "1,en,self"));
        let closed = merge(&coders, Some(&decided), &categories, false);
        assert!(closed.disputed.is_empty());
        let gold = closed.gold(&coders, None, &categories).unwrap();
        assert_eq!(gold[0].about("health"), Some("self"));
        assert!(gold[2].is("union") && gold[1].sensitive.is_empty() && gold[1].knows("union"));
        let found = agreement(&coders, &categories, 10);
        assert!(found.iter().any(|f| f.category == "any" && f.agreement.units == 3));
    }
}
