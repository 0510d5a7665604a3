//! The current branch of a tree of messages: from a leaf up to the root.

use std::collections::HashMap;

/// A message's place in its tree.
pub(crate) struct Node<'a, T> {
    /// Its id.
    pub(crate) id: Option<&'a str>,
    /// The id of the message that it answers. An unknown one makes a root.
    pub(crate) parent: Option<&'a str>,
    /// What decides between leaves: the greatest wins, the later of equal ones.
    pub(crate) rank: T,
}

/// The places of the branch that ends in the best leaf, oldest first. Loops end the walk.
pub(crate) fn best<T: Ord>(nodes: &[Node<'_, T>]) -> Vec<usize> {
    let places: HashMap<&str, usize> = nodes.iter().enumerate().filter_map(|(at, node)| Some((node.id?, at))).collect();
    let parent = |node: &Node<'_, T>| node.parent.and_then(|id| places.get(id).copied());
    let mut is_leaf = vec![true; nodes.len()];
    for place in nodes.iter().filter_map(parent) {
        is_leaf[place] = false;
    }
    let leaves = (0..nodes.len()).filter(|&at| is_leaf[at]);
    let mut next = leaves.max_by_key(|&at| (&nodes[at].rank, at)).or_else(|| nodes.len().checked_sub(1));
    let mut seen = vec![false; nodes.len()];
    let mut branch = Vec::new();
    while let Some(at) = next.filter(|&at| !std::mem::replace(&mut seen[at], true)) {
        branch.push(at);
        next = parent(&nodes[at]);
    }
    branch.reverse();
    branch
}

#[cfg(test)]
mod tests {
    use super::{Node, best};

    fn branch(rows: &[(&'static str, &'static str, i64)]) -> Vec<usize> {
        let node = |&(id, parent, rank): &(&'static str, &'static str, i64)| Node {
            id: Some(id),
            parent: (!parent.is_empty()).then_some(parent),
            rank,
        };
        best(&rows.iter().map(node).collect::<Vec<_>>())
    }

    #[test]
    fn the_newest_leaf_wins_and_the_later_of_equal_ones() {
        assert_eq!(branch(&[("a", "", 1), ("b", "a", 3), ("c", "a", 3), ("d", "a", 2)]), [0, 2]);
        assert_eq!(branch(&[("b", "a", 9), ("a", "gone", 1)]), [1, 0]);
        assert!(branch(&[]).is_empty());
    }

    #[test]
    fn loops_end() {
        assert_eq!(branch(&[("a", "b", 1), ("b", "a", 2)]), [0, 1]);
        assert_eq!(branch(&[("a", "a", 1)]), [0]);
    }
}
