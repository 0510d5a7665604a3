#!/usr/bin/env python3
"""Fits the points of lexicons/whom.tsv and whom-words.tsv, by which it is told whom a message is about, and writes them.

    cargo build --release --example whom_signs
    python3 tests/rows/whom.py [--more FILE.jsonl[=WEIGHT] ...] [--folds] [--write]

Multinomial logistic regression, all languages together, on the user's and the assistant's rows of tests/rows whose category
is found: every rule and category, the PATTERNS patterns and WORDS words that weigh most (their greatest weight times the
root of their rows). Patterns and words are held back harder than rules. Points are rounded to hundredths. `--folds` says how
often the answer is right on rows that were not fitted: fifths of tests/rows, and tests/gold with everything fitted. Rows of
tests/gold are never fitted, and nothing of them is shown but these shares. Needs numpy, scipy and scikit-learn."""

import argparse, collections, json, subprocess, tempfile, zlib
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ["en", "fr", "de", "es", "it", "pt"]
WHOM = ["self", "other", "topic"]
PARTS = ("first words:", "words before:", "words behind:", "last words:")
PATTERNS, WORDS = 120, 200
# The least rows of a rule, a pattern, a word.
LEAST_RULE, LEAST_PATTERN, LEAST_WORD = 15, 30, 10
# How far things may go; patterns and words count half while they are chosen, words also afterwards, which holds them back.
FREEDOM, HALF = 0.12, 0.5
# A sign that comes to less says nothing.
LEAST_POINTS = 0.05
# Words farther from any evidence are not looked at; the same as in src/classify/disclosure.
REACH = 120


def table(language):
    for number, line in enumerate((ROOT / f"tests/rows/{language}.tsv").read_text(encoding="utf-8").splitlines()[1:], 1):
        role, labels, _, _, _, text = line.split("\t")
        about = dict(label.split(":") for label in labels.split(",") if label != "-")
        yield {"id": f"t-{language}-{number}", "lang": language, "role": {"a": "assistant"}.get(role, "user"), "text": text, "disclosure": about}


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cases(program, rows, part, weight=1.0):
    """The categories found in rows that are labelled with whom they are about."""
    rows = {row["id"]: row for row in rows if "disclosure" in row.get("labelled", ["disclosure"])}
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows.values())
        file.flush()
        out = subprocess.run([program, file.name], capture_output=True, check=True, text=True).stdout
    for line in out.splitlines():
        case = json.loads(line)
        row = rows[case["id"]]
        if case["category"] in row["disclosure"]:
            words = {word for word in case["words"][:REACH] if not word.isdigit()}
            yield {
                "part": part,
                "weight": weight,
                "language": row["lang"],
                "about": WHOM.index(row["disclosure"][case["category"]]),
                "said": WHOM.index(case["said"]),
                "rules": {k: v for k, v in case["signs"].items() if not k.startswith(PARTS)} | {"category: " + case["category"]: 1},
                "patterns": {k: 1 for k in case["signs"] if k.startswith(PARTS)},
                "words": {f"{row['lang']}\t{word}": 1 for word in words},
                "fold": zlib.crc32(case["id"].encode()) % 5,
            }


def matrix(cases, kind, least, fitted):
    vectors = DictVectorizer()
    found = vectors.fit_transform([case[kind] for case in cases]).tocsr()
    keep = np.asarray((found[fitted] != 0).sum(0)).ravel() >= least
    return found[:, keep], vectors.get_feature_names_out()[keep]


def most(coefficients, found, count):
    return np.argsort(-np.abs(coefficients).max(0) * np.sqrt(np.asarray((found != 0).sum(0)).ravel()))[:count]


class Model:
    def __init__(self, cases):
        self.fitted = np.array([case["part"] == "rows" for case in cases])
        self.about = np.array([case["about"] for case in cases])
        self.weights = np.array([case["weight"] for case in cases])
        self.rules, self.rule_names = matrix(cases, "rules", LEAST_RULE, self.fitted)
        self.patterns, self.pattern_names = matrix(cases, "patterns", LEAST_PATTERN, self.fitted)
        self.words, self.word_names = matrix(cases, "words", LEAST_WORD, self.fitted)

    def fit(self, chosen):
        """The points of names, and the answers to all cases, fitted to the chosen ones."""
        rules, patterns = self.rules.shape[1], self.patterns.shape[1]
        all_ = hstack([self.rules, self.patterns * HALF, self.words * HALF]).tocsr()
        first = LogisticRegression(C=FREEDOM, max_iter=80).fit(all_[chosen], self.about[chosen], self.weights[chosen]).coef_
        pattern = most(first[:, rules : rules + patterns], self.patterns[chosen], PATTERNS)
        word = most(first[:, rules + patterns :], self.words[chosen], WORDS)
        kept = hstack([self.rules, self.patterns[:, pattern], self.words[:, word] * HALF]).tocsr()
        model = LogisticRegression(C=FREEDOM, max_iter=300, fit_intercept=False).fit(kept[chosen], self.about[chosen], self.weights[chosen])
        points = model.coef_.copy()
        points[:, rules + len(pattern) :] *= HALF
        names = [*self.rule_names, *self.pattern_names[pattern], *self.word_names[word]]
        return dict(zip(names, points.T)), model.predict(kept)


def report(title, cases, answers):
    right = collections.defaultdict(list)
    for case, answer in zip(cases, answers):
        for name in (f"{case['part']} {case['language']}", f"{case['part']} all"):
            right[name].append(case["about"] == answer)
    print(title, *(f"{name} {np.mean(those):.4f}" for name, those in right.items()), sep="\n  ")


def written(points, kept_notes):
    lines, words = [], []
    for name, worth in points.items():
        if np.abs(worth).max() >= LEAST_POINTS:
            numbers = "\t".join(f"{number:.2f}" for number in worth)
            (words if "\t" in name else lines).append(f"{name}\t{numbers}\t{kept_notes.get(name, '')}")
    return lines, sorted(words)


def write(points):
    file = ROOT / "lexicons/whom.tsv"
    old = file.read_text(encoding="utf-8").splitlines()
    notes = {line.split("\t")[0]: line.split("\t")[4] for line in old if line.count("\t") == 4}
    order = {line.split("\t")[0]: number for number, line in enumerate(old)}
    lines, words = written(points, notes)
    lines.sort(key=lambda line: (line.startswith(PARTS), line.split(":")[0] if line.startswith(PARTS) else "", order.get(line.split("\t")[0], 9999), line))
    head = old[: next(number for number, line in enumerate(old) if line.startswith("rule\t")) + 1]
    file.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    file = ROOT / "lexicons/whom-words.tsv"
    old = file.read_text(encoding="utf-8").splitlines()
    head = old[: next(number for number, line in enumerate(old) if line.startswith("language\t")) + 1]
    file.write_text("\n".join([*head, *words]) + "\n", encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--program", default=str(ROOT / "target/release/examples/whom_signs"))
    arguments.add_argument("--more", action="append", default=[], help="further labelled rows, FILE or FILE=WEIGHT")
    arguments.add_argument("--folds", action="store_true")
    arguments.add_argument("--write", action="store_true")
    arguments = arguments.parse_args()
    found = []
    for language in LANGUAGES:
        found += cases(arguments.program, [*rows_of(ROOT / f"tests/rows/{language}.jsonl"), *table(language)], "rows")
        for name in (f"{language}-hard", language):
            path = ROOT / f"tests/gold/{name}.jsonl"
            found += cases(arguments.program, rows_of(path), f"gold{name[2:]}") if path.exists() else []
    for name, _, weight in (more.partition("=") for more in arguments.more):
        found += cases(arguments.program, rows_of(Path(name)), "rows", float(weight or 1))
    report("as it is", found, [case["said"] for case in found])
    model = Model(found)
    points, answers = model.fit(model.fitted)
    report("fitted", found, answers)
    if arguments.folds:
        folds = np.array([case["fold"] for case in found])
        for fold in range(5):
            part = model.fitted & (folds == fold)
            answers[part] = model.fit(model.fitted & ~part)[1][part]
        report("not fitted", found, answers)
    if arguments.write:
        write(points)


if __name__ == "__main__":
    main()
