"""Texts, exports, gold rows and errors, in the program's words."""

from __future__ import annotations

import json
import subprocess

import pyarrow
import pytest
from conftest import GOLD, ROOT, scan

import offlimits

SAMPLE = ROOT / "tests/exports/sample/chatgpt-export.zip"


def test_one_text(scanner):
    said = scanner.assess("My mother was diagnosed with lupus; any quiet hotel in Lisbon?")
    assert said.sensitive[0]["category"] == "health" and said["sensitive"][0]["disclosure"] == "other"
    assert said.topics[0]["name"] == "Travel" and said.judged and said.lang == "en"
    assert json.loads(json.dumps(said)) == said
    assert not scanner.assess("Я люблю кофе и долгие прогулки по лесу.").judged
    assert "text" not in said and "evidence" not in said
    with pytest.raises(AttributeError, match="an assessment has no `topic`"):
        _ = said.topic
    with pytest.raises(ValueError, match="there is no text"):
        scanner.assess(" ")


def test_text_is_shown_only_on_request():
    said = offlimits.Scanner(quote=True).assess("my oncologist moved my appointment")
    start, end = said["evidence"][0]["span"]
    assert said["text"].encode()[start:end].decode() == "my oncologist"


def test_a_policy_asks_for_place_and_time():
    scanner = offlimits.Scanner(region="CA", linked=["messenger"])
    where = dict(platform="meta_ai", surface="messenger", timestamp="2026-01-10T09:00:00Z")
    assert scanner.assess("hello there", **where).scope == "in"
    assert scanner.assess("hello there", **{**where, "timestamp": "2020-01-10T09:00:00Z"}).scope == "out"
    assert scanner.assess("hello there").scope == "unknown"


@pytest.mark.parametrize("quote", [False, True])
def test_exports_are_scanned_as_by_the_program(quote, program):
    expected = scan(program, SAMPLE, *(["--quote"] if quote else []))
    scanned = offlimits.Scanner(quote=quote).scan(SAMPLE)
    assert list(offlimits.jsonl(pyarrow.table(scanned))) == expected and expected
    assert scanned.ledger["messages"] > 0 and any("conversations.json" in line for line in scanned.ledger["files"])


def test_a_scan_is_an_iterator_that_may_be_left(scanner, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id":"a","text":"my oncologist called"}\n' * 60_000)
    scanned = scanner.scan(path)
    first = next(scanned)
    assert first.num_rows == 4096 and scanned.ledger is None
    del scanned
    sizes = [batch.num_rows for batch in scanner.scan(path)]
    assert sizes == [4096] * 14 + [60_000 - 14 * 4096]


def test_explain_is_the_programs(scanner, program):
    text = "my oncologist moved my appointment"
    printed = subprocess.run([program, "explain", text], capture_output=True, text=True, check=True).stdout
    assert scanner.explain(text) == printed and "verdict: health" in printed


def test_eval_is_the_programs(scanner, program):
    gold = [path for path in GOLD if path.name == "en.jsonl"][0]
    command = [program, "eval", str(gold), "--json", "--bootstrap", "50"]
    printed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert scanner.eval(gold, bootstrap=50) == printed
    rows = [json.loads(line) for line in gold.read_text().splitlines()]
    assert scanner.eval(rows, bootstrap=50)["all"] == printed["all"]


def test_errors_have_the_programs_words(program, tmp_path):
    empty = tmp_path / "settings.json"
    empty.write_text("{}")
    cases = [
        (lambda: offlimits.Scanner(policy="nobody"), ValueError, ["scan", "x", "--policy", "nobody"]),
        (lambda: offlimits.Scanner(region="XX"), ValueError, ["scan", "x", "--region", "XX"]),
        (lambda: offlimits.Scanner(thresholds={"helth": 0.5}), ValueError, ["scan", "x", "--threshold", "helth=0.5"]),
        (lambda: offlimits.Scanner().scan(tmp_path / "none"), FileNotFoundError, ["scan", str(tmp_path / "none")]),
        (lambda: list(offlimits.Scanner().scan(empty)), offlimits.ReadError, ["scan", str(empty)]),
    ]
    for call, kind, command in cases:
        with pytest.raises(kind) as caught:
            call()
        done = subprocess.run([program, *command], capture_output=True, text=True, check=False)
        printed = done.stdout + done.stderr
        # The summary names the reason and counts the files; everything else is told with its place.
        words = str(caught.value).removeprefix(f"{empty}: ")
        assert words in printed, f"{words} / {printed}"
    with pytest.raises(ValueError, match="threads"):
        offlimits.Scanner(threads=0)
    with pytest.raises(ValueError, match="roles: give a list"):
        offlimits.Scanner(roles="user")


def test_a_lexicon_of_ones_own(tmp_path):
    terms = tmp_path / "en.health.tsv"
    terms.write_text("phrase\tweight\tsense\tneeds\tunless\tcase\tforms\tsource\tnote\nquuxitis\t6\tcondition\t\t\t\t\town\t\n")
    scanner = offlimits.Scanner(lexicon=terms)
    assert scanner.assess("I have had quuxitis for a year").sensitive[0]["category"] == "health"
    assert scanner.lexicon_sha256 != offlimits.Scanner().lexicon_sha256
    terms.write_text("phrase\tsize\nquuxitis\tlarge\n")
    with pytest.raises(ValueError):
        offlimits.Scanner(lexicon=terms)


def test_the_stubs_name_what_there_is():
    assert "meta-ai-ads" in offlimits.policies()
    assert set(offlimits.Scanner().languages) >= {"en", "fr", "de"}
    assert 0 < offlimits.Scanner().thresholds["health"] < 1
    keys = list(offlimits.Record.__annotations__)
    assert pyarrow.schema(offlimits.schema()).names == keys
