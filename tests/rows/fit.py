#!/usr/bin/env python3
"""Fits weights of the lexicon on labelled rows, and writes them into its files, one entry a line.

    python3 tests/rows/fit.py en --program target/release/offlimits [--more FILE.jsonl[=WEIGHT] ...] [--write]

What is fitted, for each category and each branch of ad topics, by logistic regression on top of what the lexicon says:

- the weight of every entry that counts in at least three rows (two for topics) moves by what the rows ask for, held back by
  a penalty, in quarters; an entry that would change its sign or comes to less than a quarter goes;
- intent (purchase, interest, none) in the same way, with pairs of words beside single ones;
- single words that no evidence for the category covers get weights of their own where they speak for it in several rows.
  Words never speak against; those of one stem are fitted together, and each form that occurs becomes an entry.

Nothing is fitted on rows of `tests/gold`: they tell whether it was worth while. Needs numpy, scipy and snowballstemmer.
"""

import argparse, collections, json, math, re, subprocess, sys, tempfile, unicodedata
from pathlib import Path

import numpy as np
import snowballstemmer
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

CATEGORIES = ["health", "religion", "politics", "orientation", "ethnicity", "philosophy", "union"]
# Sensitive too, but on no policy's list: their rows stand in a table of their own.
UNLISTED = ["finances", "crime", "immigration", "sex_life", "relationships", "grief", "abuse", "children", "genetics", "location"]
STEMMERS = {"en": "english", "fr": "french", "de": "german", "es": "spanish", "it": "italian", "pt": "portuguese"}
ROOT = Path(__file__).resolve().parents[2]
# Topics before evidence, the length from which a text is thinned, and what a sensitive verdict takes off: src/classify/topic.rs
# has the same, but for a prior that is a quarter higher, set afterwards because it finds more at few false alarms; names that labels use for parts of Entertainment.
PRIOR, LONG, SENSITIVE = -3.0, 60.0, 2.0
# Categories before evidence, as in lexicons/taxonomy.toml.
CATEGORY_PRIOR = -4.0
# Intents before evidence, and what a topic adds, as there; the least rows of a word and of a pair of words, and the
# greatest share of them.
INTENTS = ["none", "interest", "purchase"]
INTENT_PRIOR, WITH_TOPIC = {"interest": -1.0, "purchase": -2.0}, 0.5
HOLD_INTENT_WORD, INTENT_ROWS, MOST_ROWS = 3.0, {1: 5, 2: 8}, 0.05
ALIASES = {"Movies": "Entertainment", "Music and Audio": "Entertainment", "Television": "Entertainment", "Pop Culture": "Entertainment"}
# A word gets an entry only if so large a share of its rows, and so many, speak of the category, or of the ad topic; names of
# persons and places (written with a capital inside sentences in more than so many cases) never for a category.
LEAN, LEAN_ROWS, TOPIC_LEAN, TOPIC_ROWS, NAME = 0.4, 3, 0.15, 2, 0.6
# How strongly entries and words are held back; the least weight of a word; rows it must speak for.
HOLD_ENTRY = 0.6
HOLD_WORD = {"en": 2.0, "fr": 2.0}
HOLD_TOPIC_WORD, LEAST_WORD, LEAST_ROWS = 0.5, 0.5, 3
# The most rows, or the greatest share, that a word may stand in that leans to a category: everyday words stand in any story.
MOST_WORD, MOST_SHARE = 60, 0.003
# The weight from which an entry decides alone.
ALONE = 4.0
# What the lexicon's own example sentences count, which must come out right.
EXAMPLE = 40.0


def words(text):
    text = text.lower().replace("ß", "ss").replace("œ", "oe").replace("æ", "ae").replace("ø", "o").replace("ł", "l")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"\d+(?=[a-z]{2})|[a-z0-9]+", text)


def examples(language, branches):
    """The example sentences of a language as rows; what they do not tell is not labelled."""
    rows = {}
    for file in sorted((ROOT / "lexicons" / language).glob("*.examples.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            expect, _, rest = line.partition("\t")
            if not rest or line.startswith(("#", "expect\t")):
                continue
            text = rest.split("\t")[0]
            row = rows.setdefault(text, {"id": f"example-{len(rows)}", "lang": language, "text": text, "labelled": [], "sensitive": [], "topics": []})
            row["role"] = "assistant" if "role:assistant" in expect else "user"
            for sign, name in re.findall(r"(?:^| )([+-])(topic:[^+-]+|\w+)", expect):
                if name in CATEGORIES or name in UNLISTED:
                    row["labelled"].append(name)
                    row["sensitive"] += [name] * (sign == "+")
                elif name.startswith("topic:"):
                    branch = name[6:].strip().split("/")[0]
                    allowed = row.setdefault("topics_ok", sorted(branches))
                    row["labelled"].append("topics")
                    row["topics"] += [branch] * (sign == "+")
                    row["topics_ok"] = [b for b in allowed if b != branch]
    return list(rows.values())


def table(language):
    """The rows of the table of a language; everything is labelled."""
    lines = (ROOT / f"tests/rows/{language}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for number, line in enumerate(lines, 1):
        role, labels, topics_, intent, _, text = line.split("\t")
        yield {
            "id": f"row-{number}",
            "lang": language,
            "role": "assistant" if role == "a" else "user",
            "text": text,
            # `?`: whoever labelled what is sensitive did not ask what else an advertiser could take from it; `~`: so of this topic alone.
            "labelled": [*CATEGORIES, *(["topics"] if topics_ != "?" else []), "intent"],
            "sure": True,
            "sensitive": [label.split(":")[0] for label in labels.split(",") if label != "-"],
            "topics": [t.strip() for t in topics_.split(";") if t not in "-?" and not t.startswith("~")],
            "topics_ok": [t[1:] for t in topics_.split(";") if t.startswith("~")],
            "intent": intent,
        }


def unlisted(language):
    """The rows of the table on what is on nobody's list; whether they are on something listed, nobody was asked."""
    for number, line in enumerate((ROOT / f"tests/rows/{language}.unlisted.tsv").read_text(encoding="utf-8").splitlines()[1:], 1):
        labels, text = line.split("\t")
        yield {
            "id": f"unlisted-{number}",
            "lang": language,
            "role": "user",
            "text": text,
            "labelled": UNLISTED,
            "sensitive": [label.split(":")[0] for label in labels.split(",") if label != "-"],
        }


def tells_topics(row):
    """Whether a row says which ad topics it has. Most authors who label something sensitive do not go on to label what else an advertiser
    could take from it ("my wife's chemo, three weeks off work"): where a row of theirs names no topic, that is unknown."""
    return "topics" in row["labelled"] and bool(row.get("sure") or row["topics"] or not row.get("sensitive"))


class Rows:
    """Labelled rows with what the program finds in them."""

    def __init__(self, language, program, files):
        made = []
        for weight, those in ((EXAMPLE, examples(language, branches())), (1.0, table(language))):
            made.append(tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8"))
            made[-1].writelines(json.dumps(row) + "\n" for row in those)
            made[-1].flush()
            files = [*files, (made[-1].name, weight)]
        self.rows, self.found, self.weights = [], [], []
        loose = sum((["--threshold", f"{c}=0.000001"] for c in CATEGORIES), [])
        for file, weight in files:
            rows = {r["id"]: r for r in map(json.loads, open(file, encoding="utf-8")) if r["lang"] == language}
            scan = [program, "scan", file, "--roles", "user,assistant", "--quiet", "--no-progress", "--quote", *loose, "--no-builtin", "--lexicon", str(ROOT / "lexicons"), "--records", "-"]
            for line in subprocess.run(scan, capture_output=True, check=True, text=True).stdout.splitlines():
                record = json.loads(line)
                if (row := rows.pop(record["message_id"], None)) is not None:
                    self.rows.append(row), self.found.append(record), self.weights.append(weight)
        stem = snowballstemmer.stemmer(STEMMERS[language]).stemWord
        stems = {}
        self.forms = collections.defaultdict(collections.Counter)
        # Words as they are written: folded → with accents.
        written = collections.defaultdict(collections.Counter)
        self.stems, self.evidence = [], []
        for row, record in zip(self.rows, self.found):
            evidence = collections.defaultdict(list)
            # What words say by themselves (words.tsv) is fitted apart; shared out over a text, it comes in odd fractions.
            for e in (e for e in record.get("evidence", []) if abs(e["weight"] * 100 - round(e["weight"] * 100)) < 1e-3):
                evidence[e["category"]].append((e["phrase"], round(e["weight"], 3)))
            self.evidence.append(evidence)
            here = set()
            for word in re.findall(r"[^\W\d_]+", row["text"].lower()):
                written["".join(words(word))][word] += 1
            for word in words(row["text"]):
                if len(word) > 2 and not word.isdigit():
                    s = stems.get(word) or stems.setdefault(word, stem(word))
                    self.forms[s][word] += 1
                    here.add(s)
            self.stems.append(here)
        self.count_forms(language)
        self.written = {folded: most.most_common(1)[0][0] for folded, most in written.items()}

    def count_forms(self, language):
        """For each word: its rows, those that speak of each category and branch, and how often it is written as a name."""
        self.rows_of, self.speaking = collections.Counter(), collections.defaultdict(collections.Counter)
        inside, capitals = collections.Counter(), collections.Counter()
        for row in self.rows:
            topics_ = {ALIASES.get(t, t) for t in [*row.get("topics", []), *row.get("topics_ok", [])]} if "topics" in row["labelled"] else set()
            for word in set(words(row["text"])):
                self.rows_of[word] += 1
                for target in (*row.get("sensitive", []), *topics_):
                    self.speaking[target][word] += 1
            for found in re.finditer(r"(?<=[a-zà-ÿ,;'’\-] )[^\W\d_]+|(?<=[’'])[^\W\d_]+", row["text"]):
                word = "".join(words(found.group()))
                inside[word] += 1
                capitals[word] += found.group()[0].isupper()
        # German writes every noun so.
        names = (w for w, count in inside.items() if count >= 2 and capitals[w] > NAME * count)
        self.names = set() if language == "de" else set(names)

    def leans(self, word, target):
        """Whether a word may stand in the lexicon for a category or branch."""
        said, everywhere = self.speaking[target][word], self.rows_of[word]
        if target in CATEGORIES:
            return word not in self.names and said >= LEAN_ROWS and said >= LEAN * everywhere
        return said >= TOPIC_ROWS and said >= TOPIC_LEAN * everywhere

    def is_sensitive(self, i):
        """Whether the program would flag it; the scores here are of a scan that reports everything."""
        return any(v["score"] >= 0.5 for v in self.found[i]["sensitive"])

    def topic_sum(self, i, branch):
        """The log-odds of a branch of topics, as src/classify/topic.rs adds them up."""
        said = {(name, *e) for name, list_ in self.evidence[i].items() if name.split("/")[0] == branch for e in list_}
        thinned = math.log(max(len(words(self.rows[i]["text"])) / LONG, 1)) + (SENSITIVE if self.is_sensitive(i) else 0)
        return PRIOR + sum(weight for *_, weight in said) - thinned

    def covered(self, i, names):
        """Stems of the words in the evidence for some targets."""
        phrases = {phrase for name, list_ in self.evidence[i].items() if name in names for phrase, _ in list_}
        said = {w for phrase in phrases for w in words(phrase)}
        starts = tuple(words(phrase)[-1] for phrase in phrases if phrase.endswith("*"))
        here = {w for w in words(self.rows[i]["text"]) if w in said or (starts and w.startswith(starts))}
        return {s for s in self.stems[i] if here & set(self.forms[s])} if here else here


def fit(entries, words_, offset, labels, weights, hold_word):
    """Changes of entries' weights, and weights of words, none of them below zero."""
    X = hstack([entries, words_]).tocsr()
    if X.shape[1] == 0:
        return np.zeros(0)
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
    # Writers of rows think of every other sense of a core word; people who chat seldom do. What decides alone goes on doing so
    # unless most rows are against it.
    right = collections.Counter(x for one, is_ in zip(lists, labels) if is_ for x in one)
    for x in changes:
        if x[2] >= ALONE and right[x] >= counts[x] / 2:
            changes[x] = max(changes[x], ALONE - x[2])
    return changes, {s: found[len(entries) + n] for s, n in stems.items() if found[len(entries) + n] >= LEAST_WORD}


def quarter(x):
    return round(x * 4) / 4


class File:
    """A term file that is changed in place."""

    def __init__(self, path):
        self.path, self.lines = path, path.read_text(encoding="utf-8").split("\n")
        self.moved = self.gone = self.new = 0
        self.wild = {"".join(words(row[0])) + "*" for _, row in self.rows() if row[0].endswith("*")}

    def rows(self):
        head = next(n for n, l in enumerate(self.lines) if l.startswith("phrase\t"))
        return [(n, self.lines[n].split("\t")) for n in range(head + 1, len(self.lines)) if self.lines[n].count("\t") == 8]

    def change(self, changes, of=lambda sense: True):
        drop = set()
        for n, row in self.rows():
            if not of(row[2]):
                continue
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
        self.gone += len(drop)
        self.lines = [l for n, l in enumerate(self.lines) if n not in drop]

    def add(self, sense, weighed, rows, target=None, forms=None, same=lambda sense: True):
        forms = forms or rows.forms
        known = {" ".join(words(row[0])) for _, row in self.rows() if same(row[2])}
        # An exact word would take the place of a longer-known beginning of it.
        starts = tuple(start for start in known if " " not in start and f"{start}*" in self.wild)
        new = []
        for stem, weight in weighed.items():
            for form, count in forms[stem].items():
                # `phrase` heads the columns.
                if not (forms is not rows.forms or rows.leans(form, target or sense)):
                    continue
                if form not in known and form != "phrase" and not (starts and form.startswith(starts)) and (count > 1 or len(forms[stem]) == 1):
                    spelled = " ".join(rows.written.get(word, word) for word in form.split())
                    new.append(f"{spelled}\t{quarter(weight):g}\t{sense}\t\t\t\t\tfitted\t")
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
    parser.add_argument("--only", action="append", choices=["sensitive", "topics", "intent"], help="in this order where none is named")
    asked = parser.parse_args()
    language = asked.language
    more = [(name, float(weight or 1)) for name, _, weight in (m.partition("=") for m in asked.more)]
    files = [(str(ROOT / f"tests/rows/{language}.jsonl"), 1.0), *more]
    folder = ROOT / "lexicons" / language
    steps = {"sensitive": sensitive, "topics": topics, "intent": intents}
    for name in asked.only or steps:
        # Each step rests on what the one before has changed.
        rows = Rows(language, asked.program, files)
        print(f"{language}, {name}: {len(rows.rows)} rows")
        for file in steps[name](rows, folder, language):
            report(file, asked.write)


def sensitive(rows, folder, language):
    for category in CATEGORIES:
        chosen = [i for i, row in enumerate(rows.rows) if category in row["labelled"]]
        labels = [category in rows.rows[i]["sensitive"] for i in chosen]
        score = lambda i: next((v["score"] for v in rows.found[i]["sensitive"] if v["category"] == category), None)
        logit = lambda p: CATEGORY_PRIOR if p is None else math.log(max(p, 1e-5) / max(1 - p, 1e-5))
        offsets = np.array([logit(score(i)) for i in chosen])
        changes, weighed = learn(rows, chosen, lambda i: [category], offsets, labels, 3, HOLD_WORD.get(language, 1.0), max(MOST_WORD / len(chosen), MOST_SHARE))
        file = File(folder / f"{category}.tsv")
        file.change({key[1:]: change for key, change in changes.items() if abs(change) >= 0.3})
        file.add("general", weighed, rows, category)
        yield file


def branches():
    """The names of the highest ad topics."""
    lines = (ROOT / "lexicons/topics.tsv").read_text(encoding="utf-8").splitlines()
    table = [line.split("\t") for line in lines if not line.startswith(("#", "id\t"))]
    return {name for _, parent, name, use, *_ in table if not parent and use == "ad"}


def topics(rows, folder, _):
    chosen = [i for i, row in enumerate(rows.rows) if tells_topics(row)]
    gold = lambda i: {ALIASES.get(t, t) for t in rows.rows[i]["topics"]}
    allowed = lambda i: {ALIASES.get(t, t) for t in rows.rows[i].get("topics_ok", [])}
    file = File(folder / "topics.tsv")
    changed, added = {}, {}
    for branch in sorted({t for i in chosen for t in gold(i)} & branches()):
        here = [i for i in chosen if branch in gold(i) or branch not in allowed(i)]
        labels = [branch in gold(i) for i in here]
        names = lambda i: [name for name in rows.evidence[i] if name.split("/")[0] == branch]

        changes, weighed = learn(rows, here, names, np.array([rows.topic_sum(i, branch) for i in here]), labels, 2, HOLD_TOPIC_WORD, 0.02)
        for (_, phrase, weight), change in changes.items():
            if abs(change) >= 0.3:
                changed[(phrase, weight)] = change
        added[branch] = weighed
    file.change(changed)
    for branch, weighed in added.items():
        file.add(branch, weighed, rows, same=lambda sense: sense.split("/")[0] == branch)
    yield file


def intents(rows, folder, _):
    """One of three: a softmax, in which evidence for none speaks against both others."""
    chosen = [i for i, row in enumerate(rows.rows) if "intent" in row["labelled"]]
    labels = np.array([INTENTS.index(rows.rows[i]["intent"]) for i in chosen])
    weights = np.array([rows.weights[i] for i in chosen])
    lists = [{(n, *e) for n in INTENTS for e in rows.evidence[i]["intent:" + n]} for i in chosen]
    offsets, ads = np.zeros((len(chosen), 3)), branches()
    for at, i in enumerate(chosen):
        said = {n: sum(w for name, _, w in lists[at] if name == n) for n in INTENTS}
        some = {name.split("/")[0] for name in rows.evidence[i]} & ads
        topic = WITH_TOPIC if any(rows.topic_sum(i, branch) >= 0 for branch in some) else -WITH_TOPIC
        sensitive_ = SENSITIVE if rows.is_sensitive(i) else 0.0
        offsets[at, 1] = INTENT_PRIOR["interest"] + said["interest"] + 2 * topic - said["none"] - sensitive_
        offsets[at, 2] = INTENT_PRIOR["purchase"] + said["purchase"] + topic - said["none"]
    counts = collections.Counter(x for one in lists for x in one)
    entries = {x: n for n, x in enumerate(sorted(x for x, c in counts.items() if c >= 3))}
    texts = [words(rows.rows[i]["text"]) for i in chosen]
    grams = [{*text, *(f"{a} {b}" for a, b in zip(text, text[1:]))} for text in texts]
    grams = [{g for g in one if not any(w.isdigit() for w in g.split()) and (" " in g or len(g) > 1)} for one in grams]
    often = collections.Counter(g for one in grams for g in one)
    places = {g: n for n, g in enumerate(sorted(g for g, c in often.items() if INTENT_ROWS[1 + g.count(" ")] <= c < MOST_ROWS * len(chosen)))}
    known, said = matrix(lists, entries), matrix(grams, places)
    of = [np.array([x[0] == n for x in entries], dtype=bool) for n in INTENTS]
    known_of = [known.multiply(mask).tocsr() for mask in of]
    count, width = len(entries), len(places)
    hold = np.r_[np.full(count, HOLD_ENTRY), np.full(3 * width, HOLD_INTENT_WORD)]

    def loss(p):
        sums = [k @ p[:count] + said @ p[count + n * width : count + (n + 1) * width] for n, k in enumerate(known_of)]
        z = offsets.copy()
        z[:, 1] += sums[1] - sums[0]
        z[:, 2] += sums[2] - sums[0]
        likely = np.exp(z - z.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        value = -(weights * np.log(likely[np.arange(len(labels)), labels] + 1e-12)).sum() + 0.5 * (hold * p * p).sum()
        likely[np.arange(len(labels)), labels] -= 1
        likely *= weights[:, None]
        slopes = [-(likely[:, 1] + likely[:, 2]), likely[:, 1], likely[:, 2]]
        slope = np.concatenate([sum(k.T @ g for k, g in zip(known_of, slopes)), *(said.T @ g for g in slopes)])
        return value, slope + hold * p

    bounds = [(-6, 4)] * count + [(0, 4)] * (3 * width)
    found = minimize(loss, np.zeros(count + 3 * width), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200}).x
    file = File(folder / "intent.tsv")
    changes = {x: found[n] for x, n in entries.items() if abs(found[n]) >= 0.3}
    for n in INTENTS:
        file.change({x[1:]: change for x, change in changes.items() if x[0] == n}, lambda sense, n=n: sense == n)
    for number, n in enumerate(INTENTS):
        start = count + number * width
        weighed = {g: found[start + at] for g, at in places.items() if found[start + at] >= LEAST_WORD}
        file.add(n, weighed, rows, None, {g: {g: 2} for g in weighed}, lambda sense, n=n: sense == n)
    yield file


def report(file, write):
    if write:
        file.save()
    else:
        print(f"{file.path.name}: {file.moved} weights would change, {file.gone} entries go, {file.new} are new")


if __name__ == "__main__":
    sys.exit(main())
