#!/usr/bin/env python3
"""Fits what each word says by itself, and writes it as lexicons/LANG/words.tsv.

    python3 tests/rows/words.py en [--more FILE.jsonl[=WEIGHT] ...] --write

A second opinion beside the lexicon: one logistic regression for each category and each branch of ad topics, one of three classes for the
intent, over single words and their first four letters, each occurrence weighted by how rare the word is (idf, in tenths), a text's features
scaled to length 1. It is fitted without looking at what the lexicon finds: two judges that err for different reasons correct one
another, where one fitted on top of the other only repeats it (measured: see README.md here).

A line of words.tsv is a word (or a beginning, `chem*`), its rarity, and what it adds, in log-odds, to each target in a text of
ordinary length; the line `*` holds what every text starts from. Nothing is fitted on rows of `tests/gold`.
Needs numpy, scipy, scikit-learn and snowballstemmer (for `fit`).
"""

import argparse, collections, json, math, sys

import numpy as np
from scipy.sparse import diags
from sklearn.linear_model import LogisticRegression

from fit import ALIASES, CATEGORIES, INTENTS, ROOT, UNLISTED, branches, examples, matrix, table, tells_topics, unlisted, words

# The strength of the fit (the inverse of the penalty), the rows a word must stand in, what an example sentence counts.
STRENGTH, LEAST_ROWS, EXAMPLE = 8.0, 2, 2.0
# What a row on nothing listed counts as one on nothing unlisted either: nobody was asked, and some are.
NOTHING_LISTED = 0.3
# The length to which a text of ordinary size comes, for numbers that can be read as log-odds; src/lexicon/words.rs has the same.
LENGTH = 2.6
# The least length: one word is no opinion. There, too.
SHORTEST = 1.5
# What the opinion on a topic or an intent counts beside the lexicon's, and what is added to each start: chosen on other rows.
FACTOR = {"category": 1.0, "unlisted": 1.5, "topic": 1.4, "intent": 1.0}
START = {"category": 1.4, "unlisted": 5.1, "topic": 3.5, "intent": 0.0}
# Rows to learn from hold far more of each category than chats do, and most so for health, of which everyday life is full.
START_OF = {"health": 1.1, "politics": 1.8, "orientation": 1.6, "en orientation": 1.0, "intent:purchase": 1.5, "intent:interest": 0.5}
# Of these languages less is found; in others a topic is named too soon.
START_IN = {"en topic": -0.3, "fr topic": -1.1, "de topic": -0.2, "es topic": -0.3, "it topic": -0.2, "pt topic": -0.5, "en unlisted": 0.2, "de unlisted": -0.4, "de category": 1.0, "es category": 1.0, "it category": 1.0, "pt category": 1.0}
# Where the lexicon is the better judge, the words count less; where it is poorer, more.
FACTOR_OF = {"en": 0.7, "de": 1.5, "es": 1.5, "it": 1.5, "pt": 1.5}
# Words that are not asked: a boyfriend in nearly every row on orientation does not make "what do I give my boyfriend?" one. In the other
# languages their rows on other matters have enough of them.
SILENT = {
    "es orientation": ["novio", "novia", "novios", "novias", "novi*", "marido", "mari*"],
    # "because of" stands in 9 rows on crime ("wegen Diebstahl") and in 10 others, and in questions of grammar.
    "de crime": ["wegen", "wege*"],
    "de relationships": ["freund", "freundin", "freunde", "freu*"],
    "it sex_life": ["ragazzo", "ragazza", "raga*"],
}
# Nor is a word as common as this (a rarity, idf in tenths: more than two rows in a hundred) asked for what is unlisted: those rows are few, and longer
# than rows on nothing, so that "and" and "so" would speak for everything.
COMMON = 0.49
# Smaller numbers are not worth a place.
LEAST = 0.15


def features(text):
    """Every word that is no number, and the first four letters of those that have as many; as often as they occur."""
    said = [w for w in words(text) if not w.isdigit()]
    return said + [w[:4] + "*" for w in said if len(w) >= 4]


class Vocabulary:
    def __init__(self, texts, unlisted_texts):
        # Rarity is that among rows of all kinds: in those on unlisted matters money and courts are common. Their own words are added.
        often = collections.Counter(f for one in texts for f in set(one))
        further = collections.Counter(f for one in unlisted_texts for f in set(one) if often[f] < LEAST_ROWS)
        often.update({f: count for f, count in further.items() if count >= LEAST_ROWS})
        # `phrase` heads the columns of the file.
        self.names = sorted(f for f, count in often.items() if count >= LEAST_ROWS and f != "phrase")
        self.places = {f: n for n, f in enumerate(self.names)}
        self.rarity = np.array([round((math.log((1 + len(texts)) / (1 + often[f])) + 1) / 10, 2) for f in self.names])

    def matrix(self, texts):
        X = matrix(texts, self.places)
        length = np.sqrt(X @ self.rarity**2)
        length = np.maximum(length, SHORTEST)
        return (diags(1 / length) @ X @ diags(self.rarity)).tocsr()


def read(language, files):
    """Rows with their weights."""
    rows = [(row, EXAMPLE) for row in examples(language, branches())] + [(row, 1.0) for row in table(language)]
    for name, weight in files:
        with open(name, encoding="utf-8") as lines:
            rows += [(row, weight) for row in map(json.loads, lines) if row["lang"] == language]
    return rows + [(row, 1.0) for row in unlisted(language)]


def targets(rows):
    """(name, kind, places of rows, labels, what each counts), one for each regression."""
    counts = [weight for _, weight in rows]
    of = lambda chosen: [counts[i] for i in chosen]
    for category in CATEGORIES:
        chosen = [i for i, (row, _) in enumerate(rows) if category in row["labelled"]]
        yield category, "category", chosen, [category in rows[i][0]["sensitive"] for i in chosen], of(chosen)
    plain = [i for i, (row, _) in enumerate(rows) if not row.get("sensitive") and set(CATEGORIES) <= set(row["labelled"])]
    for category in UNLISTED:
        asked = [i for i, (row, _) in enumerate(rows) if category in row["labelled"]]
        labels = [category in rows[i][0]["sensitive"] for i in asked] + [False] * len(plain)
        yield category, "unlisted", asked + plain, labels, of(asked) + [NOTHING_LISTED * weight for weight in of(plain)]
    named = lambda row, column: {ALIASES.get(t, t) for t in row.get(column, [])}
    for branch in sorted(branches()):
        chosen = [i for i, (row, _) in enumerate(rows) if tells_topics(row) and (branch in named(row, "topics") or branch not in named(row, "topics_ok"))]
        yield branch, "topic", chosen, [branch in named(rows[i][0], "topics") for i in chosen], of(chosen)
    chosen = [i for i, (row, _) in enumerate(rows) if "intent" in row["labelled"]]
    yield "intent", "intent", chosen, [INTENTS.index(rows[i][0]["intent"]) for i in chosen], of(chosen)


def fit(X, labels, weights):
    """Coefficients and starts: one column for yes and no, three for three classes."""
    if set(labels) == {0, 1, 2}:
        found = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3).fit(X, labels, sample_weight=weights)
        return found.coef_, found.intercept_
    found = LogisticRegression(C=STRENGTH, max_iter=200, solver="liblinear", tol=1e-3).fit(X, labels, sample_weight=weights)
    return found.coef_, found.intercept_


def learn(rows, language):
    """The vocabulary, and {target: (start, weights by word)} in log-odds at ordinary length."""
    texts = [features(row["text"]) for row, _ in rows]
    of_unlisted = {i for i, (row, _) in enumerate(rows) if row["id"].startswith("unlisted-") and row["labelled"] is UNLISTED}
    known = Vocabulary([t for i, t in enumerate(texts) if i not in of_unlisted], [texts[i] for i in sorted(of_unlisted)])
    X = known.matrix(texts)
    out = {}
    for name, kind, chosen, labels, weights in targets(rows):
        if sum(map(bool, labels)) < 10:
            continue
        heard = np.ones(X.shape[1])
        heard[[known.places[word] for word in SILENT.get(f"{language} {name}", []) if word in known.places]] = 0.0
        if kind == "unlisted":
            heard[known.rarity < COMMON] = 0.0
        coefficients, starts = fit((X[chosen] @ diags(heard)).tocsr(), np.array(labels, dtype=int), np.array(weights))
        start = START_OF.get(f"{language} {name}", START_OF.get(name, START[kind]))
        start += START_IN.get(f"{language} {kind}", 0.0)
        factor = FACTOR_OF.get(language, FACTOR[kind]) if kind == "category" else FACTOR[kind]
        scaled = lambda c, s: (factor * s + start, factor * c * known.rarity / LENGTH)
        if kind == "intent":
            for n in (1, 2):
                intent = "intent:" + INTENTS[n]
                out[intent] = scaled(coefficients[n] - coefficients[0], starts[n] - starts[0] + START_OF.get(intent, 0.0))
        else:
            out[name] = scaled(coefficients[0], starts[0])
    return known, out


def lines(known, learnt):
    """The rows of words.tsv."""
    said = lambda values: "; ".join(f"{name} {value:.1f}" for name, value in values)
    yield f"*\t0\t{said((name, start) for name, (start, _) in learnt.items())}\t\t\t\t\tfitted\t"
    for n, word in enumerate(known.names):
        values = [(name, max(-6.3, min(6.3, weights[n]))) for name, (_, weights) in learnt.items() if abs(weights[n]) >= LEAST]
        yield f"{word}\t{known.rarity[n]:g}\t{said(values)}\t\t\t\t\tfitted\t"


HEAD = """# What each word says by itself: a second opinion beside the other files, fitted by tests/rows/words.py, which says how.
# weight: how rare the word is (idf / 10); sense: what it adds to each target, in log-odds, in a text of ordinary length. `*` alone: what
# every text starts from. A number may be overruled by hand, until the next fit.
phrase\tweight\tsense\tneeds\tunless\tcase\tforms\tsource\tnote
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language")
    parser.add_argument("--more", action="append", default=[], help="further labelled rows, FILE or FILE=WEIGHT")
    parser.add_argument("--write", action="store_true", help="write the lexicon's file")
    asked = parser.parse_args()
    more = [(name, float(weight or 1)) for name, _, weight in (m.partition("=") for m in asked.more)]
    rows = read(asked.language, [(str(ROOT / f"tests/rows/{asked.language}.jsonl"), 1.0), *more])
    known, learnt = learn(rows, asked.language)
    made = list(lines(known, learnt))
    print(f"{asked.language}: {len(rows)} rows, {len(known.names)} words, {sum(l.count(';') + 1 for l in made)} numbers")
    if asked.write:
        path = ROOT / "lexicons" / asked.language / "words.tsv"
        path.write_text(HEAD + "\n".join(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
