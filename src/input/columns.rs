//! Which columns of a table a reader needs: the others are not even read from the disk.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::Type;

/// The columns that a reader needs, by their paths as a shape writes them: `conversation[].role`.
#[derive(Debug, Clone, Copy, Default)]
pub enum Columns {
    /// Every one.
    #[default]
    All,
    /// These, and what stands below them.
    Named(&'static [&'static str]),
    /// Those at the top whose names are accepted, and what stands below them.
    Like(fn(&str) -> bool),
}

impl Columns {
    fn wants(self, path: &str) -> bool {
        let below =
            |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        match self {
            Columns::All => true,
            Columns::Named(names) => names.iter().any(|name| below(name)),
            Columns::Like(accepts) => accepts(path.split(['.', '[']).next().unwrap_or_default()),
        }
    }
}

/// The part of a schema that is wanted; none where that is all of it, or nothing (then the reader has to see for itself).
pub(super) fn projection(schema: &Type, columns: Columns) -> Option<Type> {
    if matches!(columns, Columns::All) {
        return None;
    }
    let fields = fields_of(schema, "", columns);
    let some = !fields.is_empty();
    some.then(|| Type::group_type_builder(schema.name()).with_fields(fields).build().ok()).flatten()
}

fn fields_of(group: &Type, path: &str, columns: Columns) -> Vec<Arc<Type>> {
    let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    group.get_fields().iter().filter_map(|field| prune(field, &inside(field.name()), columns)).collect()
}

/// A field without what is not wanted. Maps, and lists in one of the old forms, are kept or dropped whole.
fn prune(field: &Arc<Type>, path: &str, columns: Columns) -> Option<Arc<Type>> {
    if columns.wants(path) {
        return Some(Arc::clone(field));
    }
    if field.is_primitive() {
        return None;
    }
    let info = field.get_basic_info();
    let is_list = info.converted_type() == ConvertedType::LIST || info.logical_type_ref() == Some(&LogicalType::List);
    let plain = info.converted_type() == ConvertedType::NONE && info.logical_type_ref().is_none();
    if is_list {
        let [repeated] = field.get_fields() else { return whole(field, path, columns) };
        let [element] = group_fields(repeated) else { return whole(field, path, columns) };
        if element.is_primitive() || repeated.get_basic_info().repetition() != Repetition::REPEATED {
            return whole(field, path, columns);
        }
        let kept = prune(element, &format!("{path}[]"), columns)?;
        rebuilt(field, vec![Arc::new(rebuilt_type(repeated, vec![kept])?)])
    } else if plain && info.has_repetition() && info.repetition() != Repetition::REPEATED {
        let kept = fields_of(field, path, columns);
        if kept.is_empty() { None } else { rebuilt(field, kept) }
    } else {
        whole(field, path, columns)
    }
}

fn group_fields(group: &Type) -> &[Arc<Type>] {
    if group.is_group() { group.get_fields() } else { &[] }
}

/// All of a field, if something below it may be wanted.
fn whole(field: &Arc<Type>, path: &str, columns: Columns) -> Option<Arc<Type>> {
    let may = match columns {
        Columns::Named(names) => names.iter().any(|name| name.starts_with(path)),
        Columns::All | Columns::Like(_) => false,
    };
    may.then(|| Arc::clone(field))
}

fn rebuilt(group: &Type, fields: Vec<Arc<Type>>) -> Option<Arc<Type>> {
    rebuilt_type(group, fields).map(Arc::new)
}

fn rebuilt_type(group: &Type, fields: Vec<Arc<Type>>) -> Option<Type> {
    let info = group.get_basic_info();
    let builder = Type::group_type_builder(group.name())
        .with_repetition(info.repetition())
        .with_converted_type(info.converted_type())
        .with_logical_type(info.logical_type_ref().cloned())
        .with_fields(fields);
    let builder = if info.has_id() { builder.with_id(Some(info.id())) } else { builder };
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::{Columns, projection};
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;
    use std::sync::Arc;

    fn leaves(columns: Columns) -> Vec<String> {
        let schema = parse_message_type(
            "message schema { optional binary id (STRING); optional group turns (LIST) { repeated group list {
               optional group element { optional binary content (STRING); optional binary ip (STRING);
               optional group moderation { optional double hate; optional double self_harm; } } } }
             optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
             optional group header { optional binary agent; optional binary lang; } }",
        )
        .unwrap();
        let kept = projection(&schema, columns).unwrap_or(schema);
        let described = SchemaDescriptor::new(Arc::new(kept));
        described.columns().iter().map(|column| column.path().string()).collect()
    }

    #[test]
    fn only_what_is_wanted_is_kept() {
        assert_eq!(leaves(Columns::Named(&["id", "turns[].content"])), ["id", "turns.list.element.content"]);
        assert_eq!(leaves(Columns::Named(&["header.lang", "tags"])), ["tags.list.element", "header.lang"]);
        assert_eq!(leaves(Columns::Named(&["turns[].moderation"])).len(), 2);
        assert_eq!(leaves(Columns::Like(|name| name == "turns")).len(), 4);
        assert_eq!(leaves(Columns::Named(&["nothing"])), leaves(Columns::All));
    }
}
