#!/usr/bin/env python3
"""Lowers new entries of the lexicon that labelled rows contradict.

    python3 tests/rows/doubt.py en --since REVISION [--more FILE.jsonl ...] [--write]

Words for ad topics, and phrases for categories, are written by hand, many at a time, and graded by what their writer thinks of. Rows
tell otherwise of some: `boss` is graded for games, and most rows with it are on work. An entry that git has not had at REVISION is
looked for in the rows (its words, without regard to conditions or inflection); of those that stand in enough rows

- one that is right in hardly any goes;
- one that is right in few weighs 0.75, one that is right in half or fewer 1.5.

Entries that stand in too few rows stay as they were written. Nothing is learnt from rows of `tests/gold`. Needs what `fit.py` needs.
"""

import argparse, collections, json, subprocess

from fit import ALIASES, CATEGORIES, ROOT, branches, examples, table, tells_topics, words

# By kind: in how many rows an entry must stand, and up to which share of them it goes, weighs little, weighs half.
TOPIC, CATEGORY = (4, 0.08, 0.25, 0.5), (2, 0.2, 0.3, 0.65)
LITTLE, HALF = 0.75, 1.5


def judged(rows, name):
    """(words, whether it is right there) for each row that tells of what a file is about, by target; none where nobody asked."""
    ads = branches()
    for row in rows:
        if name == "topics":
            if not tells_topics(row):
                continue
            said = {ALIASES.get(t, t) for t in [*row["topics"], *row.get("topics_ok", [])]}
            yield words(row["text"]), lambda sense, said=said: ALIASES.get(sense.split("/")[0], sense.split("/")[0]) in said or sense.split("/")[0] not in ads
        elif name in row["labelled"]:
            yield words(row["text"]), lambda _, said=name in row["sensitive"]: said


def doubted(lines, before, rows, name):
    """New lines and what becomes of them: {place: weight or None}."""
    least, gone, few, half = TOPIC if name == "topics" else CATEGORY
    places = collections.defaultdict(list)
    for place, line in enumerate(lines):
        cells = line.split("\t")
        if len(cells) == 9 and not line.startswith(("#", "@", "phrase\t")) and line not in before and not (cells[3] or cells[4]):
            places[tuple(words(cells[0].rstrip("*")))].append(place)
    longest = max(map(len, places), default=0)
    stands, right = collections.Counter(), collections.Counter()
    for text, is_right in judged(rows, name):
        grams = {tuple(text[at : at + n]) for n in range(1, longest + 1) for at in range(len(text) - n + 1)}
        for gram in grams & places.keys():
            for place in places[gram]:
                stands[place] += 1
                right[place] += is_right(lines[place].split("\t")[2])
    for place, count in stands.items():
        share, weight = right[place] / count, float(lines[place].split("\t")[1])
        if count < least:
            continue
        if share < gone:
            yield place, None
        elif share < few and weight > LITTLE:
            yield place, LITTLE
        elif share < half and weight > HALF:
            yield place, HALF


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language")
    parser.add_argument("--since", required=True, help="entries that this revision has are left alone")
    parser.add_argument("--more", action="append", default=[], help="further labelled rows")
    parser.add_argument("--write", action="store_true", help="change the lexicon's files")
    asked = parser.parse_args()
    rows = examples(asked.language, branches()) + list(table(asked.language))
    for name in [str(ROOT / f"tests/rows/{asked.language}.jsonl"), *asked.more]:
        with open(name, encoding="utf-8") as lines:
            rows += [row for row in map(json.loads, lines) if row["lang"] == asked.language]
    for name in ["topics", *CATEGORIES]:
        path = ROOT / f"lexicons/{asked.language}/{name}.tsv"
        old = subprocess.run(["git", "-C", ROOT, "show", f"{asked.since}:{path.relative_to(ROOT)}"], capture_output=True, text=True, check=True).stdout
        lines = path.read_text(encoding="utf-8").splitlines()
        found = dict(doubted(lines, set(old.splitlines()), rows, name))
        for place, weight in sorted(found.items()):
            phrase, was, *rest = lines[place].split("\t")
            print(f"{name}\t{phrase}\t{was}\t{'gone' if weight is None else weight}")
            if weight is not None:
                lines[place] = "\t".join([phrase, f"{weight:g}", *rest])
        if asked.write:
            kept = [line for place, line in enumerate(lines) if place not in found or found[place] is not None]
            path.write_text("\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
