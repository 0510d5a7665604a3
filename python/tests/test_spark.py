"""Spark on a cluster of two worker processes gives the program's records, also when a worker dies in the middle."""

from __future__ import annotations

import json
import os
import signal
import sys

import pyarrow
import pyarrow.parquet
import pytest
from conftest import COLUMNS
from test_readme import EXAMPLES, run

import offlimits

pyspark = pytest.importorskip("pyspark", reason="Spark is not installed: python/check --spark")
import offlimits.spark  # noqa: E402


SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "6",
}

#: A machine that is busy with other things is slow, not broken. Whoever is killed is missed at once all the same: its
#: connections close.
PATIENCE = {
    "spark.network.timeout": "600s",
    "spark.python.authenticate.socketTimeout": "300s",
    "spark.worker.timeout": "600",
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession

    # The workers need this environment's Python, else they would lack pyarrow and this package; and no other Spark.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.pop("SPARK_HOME", None)
    # Nothing depends on the machine's name, or on a network.
    os.environ["SPARK_LOCAL_IP"] = os.environ["SPARK_LOCAL_HOSTNAME"] = "127.0.0.1"
    builder = SparkSession.builder.master("local-cluster[2,1,1024]")
    folders = {name: str(tmp_path_factory.mktemp("spark")) for name in ("spark.local.dir", "spark.sql.warehouse.dir")}
    for name, value in {**SETTINGS, **PATIENCE, **folders}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def messages(rows, tmp_path_factory):
    """The rows as Parquet files, each row with its place in its conversation; and as the program is given them."""
    folder = tmp_path_factory.mktemp("messages")
    rows = [{**row, "place": place} for place, row in enumerate(rows)]
    table = pyarrow.Table.from_pylist(rows)
    for part in range(5):
        some = table.filter(pyarrow.array([place * 7 % 5 == part for place in range(len(rows))]))
        pyarrow.parquet.write_table(some, folder / f"part-{part}.parquet")
    return str(folder)


@pytest.fixture(scope="module")
def threaded(rows, cli):
    """The program's records of rows with a conversation; the others have no place of their own in Spark."""
    return cli([row for row in rows if row["conversation_id"]], "--format", "generic_jsonl")


def in_conversations(df):
    return df.where("conversation_id is not null")


def lines(df, source):
    return sorted(line.replace('"source":"table"', f'"source":{json.dumps(source)}', 1) for line in offlimits.jsonl(df.toArrow()))


def test_the_schema_is_the_records(spark):
    from pyspark.sql.pandas.types import to_arrow_schema

    for quote in (False, True):
        published = to_arrow_schema(offlimits.spark.schema(quote=quote))
        assert published.names == pyarrow.schema(offlimits.schema(quote=quote)).names


@pytest.mark.parametrize("adaptive", ["true", "false"])
def test_spark_gives_the_programs_records(spark, messages, threaded, adaptive):
    # Spark's default is to join small partitions again; it must never cut one.
    spark.conf.set("spark.sql.adaptive.enabled", adaptive)
    df = in_conversations(spark.read.parquet(messages))
    records = offlimits.spark.assess(df, order="place", **COLUMNS)
    assert records.schema == offlimits.spark.schema()
    assert lines(records, json.loads(threaded[0])["source"]) == sorted(threaded)


def test_conversations_that_stand_together_are_not_moved(spark, rows, threaded, tmp_path):
    table = pyarrow.Table.from_pylist(sorted((row for row in rows if row["conversation_id"]), key=lambda row: row["conversation_id"]))
    # Two files that end between conversations, of several row groups each, at which Spark may split a file.
    half = table.column("conversation_id").index(table.column("conversation_id")[len(table) // 2]).as_py()
    for name, part in (("a", table.slice(0, half)), ("b", table.slice(half))):
        pyarrow.parquet.write_table(part, tmp_path / f"{name}.parquet", row_group_size=500)
    # Without the second setting these files are too small to be split anyhow; without the first, they are.
    spark.conf.set("spark.sql.files.minPartitionNum", "1")
    spark.conf.set("spark.sql.files.openCostInBytes", "0")
    records = offlimits.spark.assess(spark.read.parquet(str(tmp_path)), grouped=True, **COLUMNS)
    plan = records._jdf.queryExecution().executedPlan().toString()
    assert "Exchange" not in plan and "Sort" not in plan, plan
    assert lines(records, json.loads(threaded[0])["source"]) == sorted(threaded)


def test_rows_that_stand_alone(spark, messages, scanner, rows):
    df = spark.read.parquet(messages)
    records = offlimits.spark.assess(df, role="role", id="id", index="place", scanner={"region": "CA"})
    table = pyarrow.Table.from_pylist([{**row, "place": place} for place, row in enumerate(rows)])
    scanner = offlimits.Scanner(region="CA")
    expected = scanner.assess_batch(table, role="role", id="id", index="place")
    assert sorted(offlimits.jsonl(records.toArrow())) == sorted(offlimits.jsonl(expected))


def test_the_readmes_example(spark, monkeypatch):
    # It takes the session that there is.
    names = run(EXAMPLES[1], monkeypatch)
    found = {(row["conversation_id"], row["index"]): len(row["sensitive"]) for row in names["records"].collect()}
    assert found == {("a", 0): 1, ("a", 1): 1, ("b", 0): 0}


@pytest.mark.parametrize("victim", ["python", "executor"])
def test_a_worker_dies_in_the_middle(spark, messages, threaded, tmp_path, victim):
    marker = str(tmp_path / "died")
    options = {**COLUMNS, "source": "table"}

    def work(batches):
        for number, batch in enumerate(offlimits.spark.assess_batches(batches, {"threads": 1}, options)):
            yield batch
            # After a batch has gone out: what it held must not be counted twice.
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            pid = os.getpid()
            if victim == "executor":
                # This worker is a child of a daemon, which is a child of the executor.
                pid = parent(parent(pid))
            os.kill(pid, signal.SIGKILL)

    def parent(pid):
        with open(f"/proc/{pid}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])

    df = in_conversations(spark.read.parquet(messages)).repartition(6, "conversation_id")
    df = df.sortWithinPartitions("conversation_id", "place").select(*COLUMNS.values())
    records = df.mapInArrow(work, offlimits.spark.schema())
    got = lines(records, json.loads(threaded[0])["source"])
    assert os.path.exists(marker), "nobody died"
    assert got == sorted(threaded)


def test_wrong_use_is_told_before_anything_runs(spark, messages):
    df = spark.read.parquet(messages)
    with pytest.raises(ValueError, match="no column `body`; there are id"):
        offlimits.spark.assess(df, text="body")
    with pytest.raises(ValueError, match="say with `order`"):
        offlimits.spark.assess(df, conversation="conversation_id")
    with pytest.raises(ValueError, match="no policy profile `nobody`"):
        offlimits.spark.assess(df, scanner={"policy": "nobody"})


def test_conversations_are_never_cut():
    ids = ["a", "a", "b", "c", "c", "c", "c", "d", None, None, "e"]
    table = pyarrow.table({"c": ids, "n": range(len(ids))})
    for size in range(1, 12):
        pieces = list(offlimits.spark.whole(table.to_batches(max_chunksize=size), "c"))
        assert pyarrow.concat_tables(pieces).column("n").to_pylist() == list(range(len(ids)))
        homes = [set(piece.column("c").to_pylist()) - {None} for piece in pieces]
        assert sum(map(len, homes)) == len(set(ids) - {None}), size
