"""Shares from Python are the program's, from a table as from a path, and whatever order the table is in."""

from __future__ import annotations

import csv
import io
import json
import random
import subprocess

import polars
import pyarrow
import pyarrow.parquet
import pytest
from conftest import COLUMNS, GOLD

import offlimits


@pytest.fixture(scope="module")
def records(scanner, table):
    return pyarrow.table(scanner.assess_batch(table, **COLUMNS))


@pytest.fixture(scope="module")
def path(records, tmp_path_factory):
    """The records as the program's lines, conversation by conversation."""
    path = tmp_path_factory.mktemp("prevalence") / "records.jsonl"
    lines = offlimits.jsonl(records.sort_by("conversation_id"))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def printed(program, path):
    def run(*options):
        command = [program, "prevalence", str(path), "--csv", *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return list(csv.DictReader(io.StringIO(done.stdout)))

    return run


def cells(shares) -> list[dict]:
    """As the program writes them."""

    def cell(name, value):
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        return f"{value:.{4 if name == 'design_effect' else 8}f}" if isinstance(value, float) else str(value)

    return [{name: cell(name, value) for name, value in row.items()} for row in pyarrow.table(shares).to_pylist()]


ENGLISH = next(path for path in GOLD if path.name == "en.jsonl")

QUESTIONS = {
    "plain": ({}, []),
    "gold": ({"gold": ENGLISH}, ["--gold", ENGLISH]),
    "several": ({"gold": [str(path) for path in GOLD], "bootstrap": 300}, ["--gold", *GOLD, "--bootstrap", 300]),
    "groups": ({"gold": ENGLISH, "by": ["month", "lang"], "min_cell": 20}, ["--gold", ENGLISH, "--by", "month,lang", "--min-cell", 20]),
    "people": ({"user": "scope", "by": "intent"}, ["--user", "scope", "--by", "intent"]),
    "unlisted": ({"gold": ENGLISH, "categories": ["finances", "health", "any"]}, ["--gold", ENGLISH, "--category", "finances,health,any"]),
    "some": ({"about": "self", "categories": ["health", "any"]}, ["--about", "self", "--category", "health,any"]),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_shares_are_the_programs(scanner, records, path, printed, question):
    asked, options = QUESTIONS[question]
    expected = printed(*options)
    assert len(expected) >= 4 and any(float(row["share"] or 0) > 0.01 for row in expected)
    assert cells(scanner.prevalence(path, **asked)) == expected
    assert cells(scanner.prevalence(records, **asked)) == expected


def test_any_order_and_any_library(scanner, records, printed):
    expected = printed("--by", "month")
    order = list(range(len(records)))
    random.Random(5).shuffle(order)
    mixed = records.take(order)
    assert cells(scanner.prevalence(pyarrow.Table.from_batches(mixed.to_batches(max_chunksize=97)), by="month")) == expected
    assert cells(scanner.prevalence(polars.from_arrow(mixed), by="month")) == expected


def test_aligned_tables_files_and_rows(scanner, table, records, printed, tmp_path):
    expected = printed("--gold", ENGLISH)
    aligned = scanner.assess_batch(table, aligned=True, **COLUMNS)
    assert aligned.num_rows == table.num_rows > len(records)
    assert cells(scanner.prevalence(aligned, gold=ENGLISH)) == expected
    parquet = tmp_path / "records.parquet"
    pyarrow.parquet.write_table(records.sort_by("conversation_id"), parquet)
    assert cells(scanner.prevalence(parquet, gold=[ENGLISH])) == expected
    rows = [json.loads(line) for line in ENGLISH.read_text(encoding="utf-8").splitlines()]
    assert cells(scanner.prevalence(records, gold=rows)) == expected


def test_an_export_goes_straight_in(scanner, tmp_path):
    export = tmp_path / "rows.csv"
    export.write_text("text\nmy oncologist moved my appointment\nany quiet hotel in Lisbon?\n", encoding="utf-8")
    shares = pyarrow.table(scanner.prevalence(scanner.scan(export))).to_pylist()
    health = next(row for row in shares if (row["unit"], row["category"]) == ("messages", "health"))
    assert (health["of"], health["flagged"], health["share"]) == (2, 1, 0.5)
    assert 0 < health["share_low"] < 0.5 < health["share_high"] < 1 and health["corrected"] is None


def test_wrong_use_is_told(scanner, records, table, tmp_path):
    cases = [
        (lambda: scanner.prevalence(records, categories=["helth"]), ValueError, "category: `helth` is none of"),
        (lambda: scanner.prevalence(records, categories="health"), ValueError, "give a list"),
        (lambda: scanner.prevalence(records, about="me"), ValueError, "about: `me` is none"),
        (lambda: scanner.prevalence(records, by="model"), ValueError, "no record has a value of `model`"),
        (lambda: scanner.prevalence(records, gold=[]), ValueError, "no rows"),
        (lambda: scanner.prevalence(records.slice(0, 0)), ValueError, "no records"),
        (lambda: scanner.prevalence(table), ValueError, "not a table of records: no column `source`"),
        (lambda: scanner.prevalence(tmp_path / "none"), FileNotFoundError, "none"),
        (lambda: scanner.prevalence(7), TypeError, "gives no Arrow data"),
    ]
    for call, kind, words in cases:
        with pytest.raises(kind, match=words):
            call()
