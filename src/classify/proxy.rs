//! Proxies: products and situations that give a category away, though the message is not about it.
//!
//! Law: an implication is never merged into the verdicts. It is a probability about the writer, not a fact about the text.

use super::evidence::{Item, Outcome};
use super::passage::Seen;
use crate::finding::{Implication, RuleId};
use crate::lexicon::pack::Target;
use crate::taxonomy::Taxonomy;

/// Evidence from which a rule holds: one phrase of weight 3, or hints that add up to it.
pub(super) const ENOUGH: f32 = 3.0;

/// The rules that hold.
pub fn rules(items: &[Item], seen: &mut Seen) -> Vec<RuleId> {
    let mut sums: Vec<(RuleId, f32)> = Vec::new();
    for item in items.iter().filter(|i| i.outcome == Outcome::Counted) {
        let Target::Proxy(rule) = item.entry.target else { continue };
        if !seen.first(item.entry.line) {
            continue;
        }
        match sums.iter_mut().find(|(r, _)| *r == rule) {
            Some((_, sum)) => *sum += item.entry.weight,
            None => sums.push((rule, item.entry.weight)),
        }
    }
    sums.into_iter().filter(|(_, sum)| *sum >= ENOUGH).map(|(rule, _)| rule).collect()
}

/// Adds what the rules imply: of each category the strongest rule, since two signs of one trait are seldom independent.
pub fn imply(taxonomy: &Taxonomy, rules: &[RuleId], implies: &mut Vec<Implication>) {
    for rule in rules.iter().map(|id| taxonomy.rule(*id)) {
        let new = Implication { category: rule.category, score: rule.strength, rule: rule.id.clone() };
        match implies.iter_mut().find(|i| i.category == rule.category) {
            Some(known) if known.score >= new.score => {}
            Some(known) => *known = new,
            None => implies.push(new),
        }
    }
}
