#!/usr/bin/env python3
"""Fits weights of the lexicon on labelled rows, and writes them into its files, one entry a line.

    python3 tests/rows/fit.py en --program target/release/offlimits [--more FILE.jsonl[=WEIGHT] ...] [--write]

What is fitted, for each category and each branch of ad topics, by logistic regression on top of what the lexicon says:

- the weight of every entry that counts in at least three rows (two for topics) moves by what the rows ask for, held back by
  a penalty, in quarters; an entry that would change its sign or comes to less than a quarter goes;
- single words that no evidence for the category covers get weights of their own where they speak for it in several rows.
  Words never speak against; those of one stem are fitted together, and each form that occurs becomes an entry.

Nothing is fitted on rows of `tests/gold`: they tell whether it was worth while. Needs numpy, scipy and snowballstemmer.
"""

import argparse, collections, json, math, re, subprocess, sys, unicodedata
from pathlib import Path

import numpy as np
import snowballstemmer
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

CATEGORIES = ["health", "religion", "politics", "orientation", "ethnicity", "philosophy", "union"]
STEMMERS = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian", "pt": "portuguese"}
ROOT = Path(__file__).resolve().parents[2]
# Topics before evidence, the length from which a text is thinned, and what a sensitive verdict takes off, as in
# src/classify/topic.rs; names that labels use for parts of Entertainment.
PRIOR, LONG, SENSITIVE = -3.0, 60.0, 2.0
ALIASES = {"Movies": "Entertainment", "Music and Audio": "Entertainment", "Television": "Entertainment", "Pop Culture": "Entertainment"}
# How strongly entries and words are held back; the least weight of a word; rows it must speak for.
HOLD_ENTRY = 1.0
HOLD_WORD = {"en": 2.0, "fr": 2.0}
HOLD_TOPIC_WORD, LEAST_WORD, LEAST_ROWS = 0.5, 0.5, 3


def words(text):
    text = text.lower().replace("ß", "ss").replace("œ", "oe").replace("æ", "ae").replace("ø", "o").replace("ł", "l")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"\d+(?=[a-z]{2})|[a-z0-9]+", text)


class Rows:
    """Labelled rows with what the program finds in them."""

    def __init__(self, language, program, files):
        self.rows, self.found, self.weights = [], [], []
        loose = sum((["--threshold", f"{c}=0.000001"] for c in CATEGORIES), [])
        for file, weight in files:
            rows = {r["id"]: r for r in map(json.loads, open(file, encoding="utf-8")) if r["lang"] == language}
            scan = [program, "scan", file, "--roles", "user,assistant", "--quiet", "--no-progress", "--quote", *loose, "--records", "-"]
            for line in subprocess.run(scan, capture_output=True, check=True, text=True).stdout.splitlines():
                record = json.loads(line)
                if (row := rows.pop(record["message_id"], None)) is not None:
                    self.rows.append(row), self.found.append(record), self.weights.append(weight)
        stem = snowballstemmer.stemmer(STEMMERS[language]).stemWord
        stems = {}
        self.forms = collections.defaultdict(collections.Counter)
        self.stems, self.evidence = [], []
        for row, record in zip(self.rows, self.found):
            evidence = collections.defaultdict(list)
            for e in record.get("evidence", []):
                evidence[e["category"]].append((e["phrase"], round(e["weight"], 3)))
            self.evidence.append(evidence)
            here = set()
            for word in words(row["text"]):
                if len(word) > 2 and not word.isdigit():
                    s = stems.get(word) or stems.setdefault(word, stem(word))
                    self.forms[s][word] += 1
                    here.add(s)
            self.stems.append(here)

    def covered(self, i, names):
        """Stems of the words in the evidence for some targets."""
        said = {w for name, list_ in self.evidence[i].items() if name in names for phrase, _ in list_ for w in words(phrase)}
        return {s for s in self.stems[i] if said & set(self.forms[s])} if said else set()


def fit(entries, words_, offset, labels, weights, hold_word):
    """Changes of entries' weights, and weights of words, none of them below zero."""
    X = hstack([entries, words_]).tocsr()
    transposed, sign = X.T.tocsr(), np.where(labels, 1.0, -1.0)
    count = entries.shape[1]
    hold = np.r_[np.full(count, HOLD_ENTRY), np.full(words_.shape[1], hold_word)]

    def loss(p):
        z = sign * (X @ p + offset)
        return (weights * np.logaddexp(0, -z)).sum() + 0.5 * (hold * p * p).sum(), transposed @ (-sign * weights / (1 + np.exp(z))) + hold * p

    bounds = [(-6, 3)] * count + [(0, 4)] * words_.shape[1]
    return minimize(loss, np.zeros(X.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200}).x


def matrix(lists, places):
    indices, ends = [], [0]
    for one in lists:
        indices += [places[x] for x in one if x in places]
        ends.append(len(indices))
    return csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(lists), len(places)))


def learn(rows, chosen, names, offsets, labels, least, hold_word, most):
    """What the rows `chosen` ask for: {(name, phrase, weight): change}, {stem: weight}."""
    lists = [{(name, *e) for name in names(i) for e in rows.evidence[i][name]} for i in chosen]
    counts = collections.Counter(x for one in lists for x in one)
    entries = {x: n for n, x in enumerate(sorted(x for x, c in counts.items() if c >= least))}
    free = [rows.stems[i] - rows.covered(i, set(names(i))) for i in chosen]
    everywhere = collections.Counter(s for one in free for s in one)
    speaking = collections.Counter(s for one, is_ in zip(free, labels) if is_ for s in one)
    stems = sorted(s for s, c in speaking.items() if c >= LEAST_ROWS and everywhere[s] < most * len(chosen))
    stems = {s: n for n, s in enumerate(stems)}
    weights = np.array([rows.weights[i] for i in chosen])
    found = fit(matrix(lists, entries), matrix(free, stems), np.clip(offsets, -7, 7), np.array(labels), weights, hold_word)
    changes = {x: found[n] for x, n in entries.items()}
    return changes, {s: found[len(entries) + n] for s, n in stems.items() if found[len(entries) + n] >= LEAST_WORD}


def quarter(x):
    return round(x * 4) / 4


class File:
    """A term file that is changed in place."""

    def __init__(self, path):
        self.path, self.lines = path, path.read_text(encoding="utf-8").split("\n")
        self.moved = self.gone = self.new = 0

    def rows(self):
        head = next(n for n, l in enumerate(self.lines) if l.startswith("phrase\t"))
        return [(n, self.lines[n].split("\t")) for n in range(head + 1, len(self.lines)) if self.lines[n].count("\t") == 8]

    def change(self, changes):
        drop = set()
        for n, row in self.rows():
            old = float(row[1])
            move = quarter(changes.get((row[0], round(old, 3)), 0.0))
            if move == 0.0:
                continue
            new = old + move
            if new * old <= 0 or abs(new) < 0.25:
                drop.add(n)
            else:
                row[1] = f"{max(-6.0, min(6.0, new)):g}"
                self.lines[n] = "\t".join(row)
                self.moved += 1
        self.gone = len(drop)
        self.lines = [l for n, l in enumerate(self.lines) if n not in drop]

    def add(self, sense, weighed, forms, same=lambda sense: True):
        known = {" ".join(words(row[0])) for _, row in self.rows() if same(row[2])}
        new = []
        for stem, weight in weighed.items():
            for form, count in forms[stem].items():
                if form not in known and (count > 1 or len(forms[stem]) == 1):
                    new.append(f"{form}\t{quarter(weight):g}\t{sense}\t\t\t\t\tfitted\t")
        self.new += len(new)
        self.lines = [l for l in self.lines if l] + new + [""]

    def save(self):
        self.path.write_text("\n".join(self.lines), encoding="utf-8")
        print(f"{self.path.relative_to(ROOT)}: {self.moved} weights changed, {self.gone} entries gone, {self.new} new")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=sorted(STEMMERS))
    parser.add_argument("--program", default=str(ROOT / "target/release/offlimits"))
    parser.add_argument("--more", action="append", default=[], help="further labelled rows, FILE or FILE=WEIGHT")
    parser.add_argument("--write", action="store_true", help="change the lexicon's files")
    parser.add_argument("--only", choices=["sensitive", "topics"])
    asked = parser.parse_args()
    language = asked.language
    more = [(name, float(weight or 1)) for name, _, weight in (m.partition("=") for m in asked.more)]
    rows = Rows(language, asked.program, [(str(ROOT / f"tests/rows/{language}.jsonl"), 1.0), *more])
    print(f"{language}: {len(rows.rows)} rows")
    folder = ROOT / "lexicons" / language
    if asked.only != "topics":
        for category in CATEGORIES:
            chosen = [i for i, row in enumerate(rows.rows) if category in row["labelled"]]
            labels = [category in rows.rows[i]["sensitive"] for i in chosen]
            score = lambda i: next((v["score"] for v in rows.found[i]["sensitive"] if v["category"] == category), None)
            logit = lambda p: PRIOR if p is None else math.log(max(p, 1e-5) / max(1 - p, 1e-5))
            offsets = np.array([logit(score(i)) for i in chosen])
            changes, weighed = learn(rows, chosen, lambda i: [category], offsets, labels, 3, HOLD_WORD.get(language, 1.0), 0.01)
            file = File(folder / f"{category}.tsv")
            file.change({key[1:]: change for key, change in changes.items() if abs(change) >= 0.3})
            file.add("general", weighed, rows.forms)
            report(file, asked.write)
    if asked.only != "sensitive":
        topics(rows, folder, asked.write)


def topics(rows, folder, write):
    table = [l.split("\t") for l in (ROOT / "lexicons/topics.tsv").read_text(encoding="utf-8").splitlines() if not l.startswith(("#", "id\t"))]
    branches = {name for _, parent, name, use, *_ in table if not parent and use == "ad"}
    chosen = [i for i, row in enumerate(rows.rows) if "topics" in row["labelled"]]
    gold = lambda i: {ALIASES.get(t, t) for t in rows.rows[i]["topics"]}
    allowed = lambda i: {ALIASES.get(t, t) for t in rows.rows[i].get("topics_ok", [])}
    file = File(folder / "topics.tsv")
    changed, added = {}, {}
    for branch in sorted({t for i in chosen for t in gold(i)} & branches):
        here = [i for i in chosen if branch in gold(i) or branch not in allowed(i)]
        labels = [branch in gold(i) for i in here]
        names = lambda i: [name for name in rows.evidence[i] if name.split("/")[0] == branch]

        def offset(i):
            said = {(name, *e) for name in names(i) for e in rows.evidence[i][name]}
            thinned = math.log(max(len(words(rows.rows[i]["text"])) / LONG, 1)) + (SENSITIVE if rows.found[i]["sensitive"] and any(v["score"] >= 0.5 for v in rows.found[i]["sensitive"]) else 0)
            return PRIOR + sum(weight for *_, weight in said) - thinned

        changes, weighed = learn(rows, here, names, np.array([offset(i) for i in here]), labels, 2, HOLD_TOPIC_WORD, 0.02)
        for (_, phrase, weight), change in changes.items():
            if abs(change) >= 0.3:
                changed[(phrase, weight)] = change
        added[branch] = weighed
    file.change(changed)
    for branch, weighed in added.items():
        file.add(branch, weighed, rows.forms, lambda sense: sense.split("/")[0] == branch)
    report(file, write)


def report(file, write):
    if write:
        file.save()
    else:
        print(f"{file.path.name}: {file.moved} weights would change, {file.gone} entries go, {file.new} are new")


if __name__ == "__main__":
    sys.exit(main())
