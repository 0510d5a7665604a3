//! The list of subcommands, in groups, as `--help` shows it.

use std::fmt::Write as _;

use clap::Command;

/// Headings with the commands below them; a command that no group names stands under the last.
const GROUPS: &[(&str, &[&str])] = &[
    ("Read and report", &["scan", "rescope", "diff", "verify", "explain"]),
    ("For researchers", &["eval", "sample", "codebook", "agreement", "adjudicate", "prevalence"]),
    ("Look inside", &["messages", "interests", "formats", "schema", "policy", "lexicon"]),
    ("Other", &[]),
];

/// Puts the groups in the place of one long list.
pub(super) fn group(command: Command) -> Command {
    let commands: Vec<(String, String)> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .map(|sub| (sub.get_name().to_owned(), sub.get_about().map(ToString::to_string).unwrap_or_default()))
        .chain([("help".to_owned(), "Print this message or the help of the given subcommand(s)".to_owned())])
        .collect();
    let width = commands.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let grouped = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let mut list = String::new();
    for (heading, names) in GROUPS {
        let own: Vec<&(String, String)> = if names.is_empty() {
            commands.iter().filter(|(name, _)| !grouped(name)).collect()
        } else {
            names.iter().filter_map(|name| commands.iter().find(|(known, _)| known == name)).collect()
        };
        // Writing to a string cannot fail.
        let _ = writeln!(list, "{heading}:");
        for (name, about) in own {
            let _ = writeln!(list, "  {name:<width$}  {about}");
        }
        list.push('\n');
    }
    // Braces would be read as places of the template.
    let list = list.replace(['{', '}'], "");
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}Options:\n{{options}}{{after-help}}"
    ))
}
