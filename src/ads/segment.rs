//! What an ad topic is called where ads are bought: Audience Taxonomy 1.1 segments and Meta's interest branch.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::finding::TopicId;
use crate::taxonomy::Taxonomy;

/// A node of the IAB Audience Taxonomy 1.1 (OpenRTB segtax 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its names below the tier that both kinds share, joined with ` > `.
    pub name: String,
}

/// The segments of a topic. A node without one of its own has that of the node above it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// Who shows an interest.
    pub interest: Option<Node>,
    /// Who wants to buy.
    pub purchase: Option<Node>,
    /// The branch of Meta's own interest tree, as third parties show it.
    pub meta: Option<String>,
}

/// Parsed once, by topic id. A test reads every line, so that none can be wrong in a release.
static OWN: LazyLock<HashMap<&str, Segment>> = LazyLock::new(|| rows().filter_map(read).collect());

fn rows() -> impl Iterator<Item = &'static str> {
    let text: &'static str = include_str!("../../lexicons/segments.tsv");
    text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("id\t"))
}

fn read(line: &'static str) -> Option<(&'static str, Segment)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [topic, interest, interest_name, purchase, purchase_name, meta] = columns[..] else { return None };
    let node = |id: &str, name: &str| (!id.is_empty()).then(|| Node { id: id.to_owned(), name: name.to_owned() });
    let meta = (!meta.is_empty()).then(|| meta.to_owned());
    Some((topic, Segment { interest: node(interest, interest_name), purchase: node(purchase, purchase_name), meta }))
}

impl Segment {
    /// The segments of a topic, its own or inherited; none for a topic that may not be used for ads.
    pub fn of(taxonomy: &Taxonomy, topic: TopicId) -> Segment {
        let mut segment = Segment::default();
        if !taxonomy.topic(topic).usable {
            return segment;
        }
        let mut at = Some(topic);
        while let Some(node) = at.map(|id| taxonomy.topic(id)) {
            if let Some(own) = OWN.get(node.id.as_str()) {
                segment.interest = segment.interest.or_else(|| own.interest.clone());
                segment.purchase = segment.purchase.or_else(|| own.purchase.clone());
                segment.meta = segment.meta.or_else(|| own.meta.clone());
            }
            at = node.parent;
        }
        segment
    }
}

#[cfg(test)]
mod tests {
    use super::{OWN, Segment, rows};
    use crate::finding::TopicId;
    use crate::taxonomy::Taxonomy;

    #[test]
    fn every_usable_topic_has_a_meta_branch_and_a_segment() {
        assert_eq!(rows().count(), OWN.len(), "a line is malformed or a topic stands twice");
        let file =
            |name: &str| std::fs::read_to_string(format!("{}/lexicons/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let taxonomy = Taxonomy::parse(&file("taxonomy.toml"), &file("topics.tsv"), "").unwrap();
        assert!(OWN.keys().all(|id| taxonomy.topics.iter().any(|topic| topic.id == *id && topic.usable)));
        for id in (0..taxonomy.topics.len() as u16).map(TopicId) {
            let segment = Segment::of(&taxonomy, id);
            let usable = taxonomy.topic(id).usable;
            assert_eq!(segment.meta.is_some(), usable, "{}", taxonomy.label(id));
            assert!(!usable || segment.interest.is_some() || segment.purchase.is_some(), "{}", taxonomy.label(id));
        }
        let camping = Segment::of(&taxonomy, taxonomy.find_topic("Travel/Camping").unwrap());
        assert_eq!(camping.purchase.unwrap().id, "1659");
        assert_eq!(camping.meta.unwrap(), "Sports and outdoors > Outdoor recreation");
    }
}
