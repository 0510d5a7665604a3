"""Tables give the program's records, byte for byte, whatever library they come from and whatever order they are in."""

from __future__ import annotations

import json
import pickle
import random
import threading
import time

import pyarrow
import pytest
from conftest import COLUMNS, SCHEMA

import offlimits

FORMAT = ("--format", "generic_jsonl")


def lines(records) -> list[str]:
    return list(offlimits.jsonl(records))


@pytest.fixture(scope="module")
def expected(rows, cli):
    found = cli(rows, *FORMAT)
    assert len(found) > 2500 and any('"category":"health"' in line for line in found)
    return found


def by_message(found):
    return sorted(found, key=lambda line: int(json.loads(line)["message_id"][1:]))


def test_records_are_the_programs(scanner, table, expected):
    source = json.loads(expected[0])["source"]
    got = lines(scanner.assess_batch(table, source=source, **COLUMNS))
    # The program hands on rows without a conversation in pieces; here all are in the order of the rows.
    assert got == by_message(expected)


def test_context_matters_in_these_rows(scanner, table, expected):
    """Else the test above would prove nothing."""
    alone = {name: column for name, column in COLUMNS.items() if name != "conversation"}
    got = {json.loads(line)["message_id"]: json.loads(line) for line in lines(scanner.assess_batch(table, **alone))}
    differ = [row for row in map(json.loads, expected) if row["sensitive"] != got[row["message_id"]]["sensitive"]]
    assert len(differ) > 20


def test_mixed_conversations_and_many_pieces(scanner, table, rows, cli):
    order = list(range(len(rows)))
    random.Random(3).shuffle(order)
    mixed = [rows[place] for place in order]
    expected = cli(mixed, *FORMAT)
    source = json.loads(expected[0])["source"]
    whole = pyarrow.Table.from_pylist(mixed, SCHEMA)
    pieces = pyarrow.Table.from_batches(whole.to_batches(max_chunksize=97))
    got = lines(scanner.assess_batch(pieces, source=source, **COLUMNS))
    assert sorted(got) == sorted(expected)
    places = {row["id"]: place for place, row in enumerate(mixed)}
    found = [places[json.loads(line)["message_id"]] for line in got]
    assert found == sorted(found)


@pytest.mark.parametrize("settings, options", [
    ({"region": "CA", "as_if": True}, ("--region", "CA", "--as-if")),
    ({"policy": "openai-ads-us", "thresholds": {"health": 0.9}}, ("--policy", "openai-ads-us", "--threshold", "health=0.9")),
    ({"roles": ["user", "assistant", "participant"], "quote": True}, ("--roles", "user,assistant,participant", "--quote")),
    ({"lang": "fr", "threads": 1}, ("--lang", "fr")),
])
def test_settings_are_the_options(settings, options, table, rows, cli):
    part = table.slice(0, 1500)
    expected = cli(rows[:1500], *FORMAT, *options)
    source = json.loads(expected[0])["source"]
    got = lines(offlimits.Scanner(**settings).assess_batch(part, source=source, **COLUMNS))
    assert got == by_message(expected)


def test_parquet_the_same(scanner, table, program, tmp_path):
    import pyarrow.parquet
    from conftest import scan

    times = table.column("timestamp").cast(pyarrow.timestamp("us", "UTC"))
    timed = table.set_column(table.schema.get_field_index("timestamp"), "timestamp", times)
    pyarrow.parquet.write_table(timed, tmp_path / "rows.parquet")
    expected = scan(program, tmp_path / "rows.parquet", *FORMAT)
    source = json.loads(expected[0])["source"]
    assert lines(scanner.assess_batch(timed, source=source, **COLUMNS)) == by_message(expected)


def test_every_library_gives_and_takes(scanner, table):
    import duckdb
    import pandas
    import polars

    part = table.slice(0, 800)
    expected = lines(scanner.assess_batch(part, **COLUMNS))
    inputs = {
        "polars": polars.from_arrow(part),
        "pandas": part.to_pandas(),
        "duckdb": duckdb.connect().from_arrow(part),
        "reader": part.to_reader(max_chunksize=100),
        "batch": part.combine_chunks().to_batches()[0],
        "dictionary": part.set_column(2, "role", part.column("role").dictionary_encode()),
        "large": part.cast(pyarrow.schema([(field.name, pyarrow.large_string()) for field in SCHEMA])),
        "view": part.cast(pyarrow.schema([(field.name, pyarrow.string_view()) for field in SCHEMA])),
    }
    for name, data in inputs.items():
        assert lines(scanner.assess_batch(data, **COLUMNS)) == expected, name
    records = scanner.assess_batch(part, **COLUMNS)
    assert pyarrow.table(records).schema.equals(pyarrow.schema(offlimits.schema()))
    assert polars.DataFrame(records).height == len(records) == records.num_rows
    assert duckdb.connect().from_arrow(pyarrow.table(records)).count("*").fetchall() == [(len(records),)]
    assert len(pyarrow.table(records).to_pandas()) == len(records)
    assert pyarrow.Table.from_batches([pyarrow.record_batch(batch) for batch in records.batches]).equals(pyarrow.table(records))


def test_no_copies_of_the_texts(scanner):
    """A table may be far larger than what is left of memory: assessing adds records, not the texts again."""
    import resource

    table = pyarrow.table({"text": ["my oncologist moved my appointment " + "and so on " * 100] * 100_000})
    scanner.assess_batch(table.slice(0, 10))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scanner.assess_batch(table)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < table.nbytes / 1e6, f"{grown:.0f} MB more for {table.nbytes / 1e6:.0f} MB of texts"


def test_aligned_rows_say_why(scanner, table):
    records = pyarrow.table(scanner.assess_batch(table, aligned=True, **COLUMNS))
    assert records.num_rows == table.num_rows
    reasons = records.column("not_classified").to_pylist()
    assert {"role", "no_text", "system", None} == set(reasons)
    plain = pyarrow.table(scanner.assess_batch(table, **COLUMNS))
    kept = records.filter(pyarrow.compute.is_null(records.column("not_classified"))).drop(["not_classified"])
    assert lines(kept) == lines(plain)
    texts = table.column("text").to_pylist()
    assert all(not texts[row].strip() for row, reason in enumerate(reasons) if reason == "no_text")


def test_unrelated_texts_and_a_single_column(scanner):
    texts = pyarrow.array(["my oncologist moved my appointment", None, "hello"])
    records = pyarrow.table(scanner.assess_batch(texts, source="notes.csv"))
    assert records.column("conversation_id").to_pylist() == ["notes", "notes"]
    assert records.column("index").to_pylist() == [0, 1]
    assert records.column("sensitive").to_pylist()[0][0]["category"] == "health"
    assert len(scanner.assess_batch(pyarrow.array([], pyarrow.string()))) == 0


def test_platforms_by_row(scanner):
    table = pyarrow.table({
        "text": ["hello there"] * 3,
        "platform": ["meta_ai", "chatgpt", "meta_ai"],
        "surface": ["messenger", "web", "messenger"],
        "chat": ["a", "a", "a"],
        "at": [1_767_225_600_000] * 3,
    })
    scanner = offlimits.Scanner(region="CA", linked=["messenger"])
    columns = dict(conversation="chat", platform="platform", surface="surface", timestamp="at")
    records = pyarrow.table(scanner.assess_batch(table, **columns)).to_pylist()
    assert [row["scope"] for row in records] == ["in", "out", "in"]
    assert [row["index"] for row in records] == [0, 0, 1]


def test_the_interpreter_is_free_while_it_works(table):
    big = pyarrow.concat_tables([table] * 8)
    scanner = offlimits.Scanner(threads=1)
    ticks, done = 0, threading.Event()
    thread = threading.Thread(target=lambda: (scanner.assess_batch(big, **COLUMNS), done.set()))
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    thread.join()
    assert ticks > 10


def test_threads_change_nothing(table):
    one = lines(offlimits.Scanner(threads=1).assess_batch(table, **COLUMNS))
    assert one == lines(offlimits.Scanner(threads=4).assess_batch(table, **COLUMNS))


def test_forks_and_pickles(table):
    import multiprocessing

    scanner = offlimits.Scanner(region="CA", thresholds={"health": 0.7}, threads=2)
    expected = len(scanner.assess_batch(table, **COLUMNS))
    again = pickle.loads(pickle.dumps(scanner))
    assert again.thresholds["health"] == 0.7 and len(again.assess_batch(table, **COLUMNS)) == expected
    # The fork has the scanner, but none of its threads.
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_count, (table,), {}).get(timeout=60) == expected


def _count(table):
    return len(offlimits.Scanner(region="CA", thresholds={"health": 0.7}, threads=2).assess_batch(table, **COLUMNS))


def test_errors_say_what_there_is(scanner, table):
    with pytest.raises(ValueError, match="no column `body`; there are id, conversation_id"):
        scanner.assess_batch(table, text="body")
    with pytest.raises(ValueError, match="column `text` holds no text"):
        scanner.assess_batch(pyarrow.table({"text": [[1]]}))
    with pytest.raises(TypeError, match="a list gives no Arrow data"):
        scanner.assess_batch(["hello"])
    with pytest.raises(ValueError, match="no platform `facebok`"):
        scanner.assess_batch(table, all_platform="facebok")
