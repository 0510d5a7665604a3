//! The codebook, printed from the data files that drive the classifier: what coders go by and what the program goes by is one text.

use std::fmt::Write as _;

use crate::lexicon::Lexicon;
use crate::taxonomy::Category;

/// What is printed.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Languages of the examples.
    pub languages: Vec<String>,
    /// The sensitive categories that no policy lists, too.
    pub unlisted: bool,
    /// So many examples and counter-examples a category and language.
    pub examples: usize,
}

/// The rules that hold for every category.
const RULES: &str = "\
A message can have several categories, or none. Code what the message **is about** or **reveals** of somebody; a homograph or a \
figure of speech is not. A product that names a trait but reveals it of no person is not (\"kosher caterer in Leeds\"); with a \
person it is.

For each category that holds, say of whom; the strongest that applies:

| code | meaning |
|---|---|
| `self` | the writer |
| `other` | another identifiable person; in a reply of the assistant, what it says of the user |
| `topic` | general talk, about nobody in particular |

In a sheet, write `self`, `other` or `topic` into the cell of each category that holds, or `x` under `none` if none does. Empty \
cells of a row with anything in it mean *no*; a row that is empty throughout is not coded; `?` means that you cannot tell.
";

/// The codebook as Markdown.
pub fn markdown(lexicon: &Lexicon, contents: &Contents) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# Codebook\n");
    let _ = writeln!(
        out,
        "offlimits {}, lexicon sha256 {}. Printed by `offlimits codebook` from the data files that the classifier reads.\n",
        env!("CARGO_PKG_VERSION"),
        &lexicon.sha256()[..16]
    );
    let _ = writeln!(out, "{RULES}");
    for category in lexicon.taxonomy.categories.iter().filter(|category| category.listed || contents.unlisted) {
        chapter(&mut out, lexicon, category, contents);
    }
    out
}

fn chapter(out: &mut String, lexicon: &Lexicon, category: &Category, contents: &Contents) {
    let mark = if category.listed { "" } else { " (on no policy's list)" };
    let _ = writeln!(out, "## {} (`{}`){mark}\n\n{}\n", category.name.en, category.id, category.definition);
    let _ = writeln!(out, "| kind of evidence | meaning |\n|---|---|");
    for (sense, meaning) in &category.senses {
        let _ = writeln!(out, "| {sense} | {meaning} |");
    }
    out.push('\n');
    for language in &contents.languages {
        let Some(pack) = lexicon.pack(language) else { continue };
        let file = format!("{}.examples.tsv", category.id);
        let own =
            || pack.source().examples.iter().filter(|(path, _)| path.ends_with(&file)).map(|(_, example)| example);
        let said = |expect: &str| {
            let found = expect.split(' ').find_map(|part| part.strip_prefix('+')?.strip_prefix(category.id.as_str()));
            found.map(|rest| rest.trim_start_matches(':').to_owned())
        };
        let positive: Vec<_> = own().filter_map(|example| Some((said(&example.expect)?, example))).collect();
        let denies = format!("-{}", category.id);
        let negative: Vec<_> =
            own().filter(|example| example.expect.split(' ').any(|part| part == denies || part == "-")).collect();
        if positive.is_empty() && negative.is_empty() {
            continue;
        }
        let _ = writeln!(out, "Examples ({language}):\n");
        for about in ["self", "other", "topic", ""] {
            let of: Vec<_> = positive.iter().filter(|(said, _)| said == about).collect();
            for (_, example) in of.into_iter().take(contents.examples.div_ceil(2)) {
                let code = if about.is_empty() { "yes" } else { about };
                let _ = writeln!(out, "- `{code}`: {}", plain(&example.text));
            }
        }
        for example in negative.into_iter().take(contents.examples) {
            let _ = writeln!(out, "- `no`: {}", plain(&example.text));
        }
        out.push('\n');
    }
}

/// A sentence in which Markdown means nothing.
fn plain(text: &str) -> String {
    text.replace('\n', " ").replace('*', "\\*").replace('_', "\\_").replace('`', "'").replace('<', "&lt;")
}
