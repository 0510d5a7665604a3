"""Each recipe gives the records that a batch gives."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow
import pytest

import offlimits

sys.path.insert(0, str(Path(__file__).parents[1] / "recipes"))


@pytest.fixture(scope="module")
def messages(rows):
    kept = [row for row in rows[:1200] if row["conversation_id"]]
    return pyarrow.Table.from_pylist([{**row, "place": place} for place, row in enumerate(kept)])


@pytest.fixture(scope="module")
def expected(messages, scanner):
    return lines(scanner.assess_batch(messages, conversation="conversation_id", role="role", id="id"))


def lines(records):
    return sorted(offlimits.jsonl(records))


def texts_by_category(messages, scanner):
    rows = pyarrow.table(scanner.assess_batch(messages.select(["text"]), aligned=True)).column("sensitive").to_pylist()
    return [[v["category"] for v in row or []] for row in rows]


def test_polars(messages, expected, scanner):
    import polars
    import polars_recipe

    frame = polars.from_arrow(messages)
    assert lines(polars_recipe.records(frame)) == expected
    found = polars_recipe.categories(frame.lazy()).collect()["sensitive"].to_list()
    assert [row or [] for row in found] == texts_by_category(messages, scanner)


def test_duckdb(messages, expected, scanner):
    import duckdb
    import duckdb_recipe

    connection = duckdb.connect()
    connection.register("messages", messages)
    assert lines(duckdb_recipe.records(connection, "select * from messages order by place")) == expected
    duckdb_recipe.register(connection)
    found = connection.sql("select sensitive(text) from messages order by place").fetchall()
    assert [row for (row,) in found] == texts_by_category(messages, scanner)


def test_dask(messages, expected):
    dataframe = pytest.importorskip("dask.dataframe")
    import dask_recipe

    frame = dataframe.from_pandas(messages.to_pandas(), npartitions=3)
    found = dask_recipe.records(frame).compute(scheduler="threads")
    assert lines(pyarrow.Table.from_pandas(found, dask_recipe.SCHEMA, preserve_index=False)) == expected


def test_ray(messages, expected, scanner, monkeypatch):
    ray = pytest.importorskip("ray", reason="Ray is not installed: python/check --ray")
    pytest.importorskip("ray.data")
    import ray_recipe

    # Ray's workers must find the recipe, and the machine's name must not matter.
    monkeypatch.setenv("PYTHONPATH", str(Path(ray_recipe.__file__).parent))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False, _node_ip_address="127.0.0.1")
    try:
        together = lambda data: pyarrow.concat_tables(ray.get(data.to_arrow_refs()))
        data = ray.data.from_arrow([messages.slice(start, 100) for start in range(0, len(messages), 100)])
        assert lines(together(ray_recipe.in_conversations(data.random_shuffle(seed=7), blocks=3))) == expected
        alone = pyarrow.table(scanner.assess_batch(messages, role="role", id="id"))
        # Without a conversation a row's place is that in its batch.
        strip = lambda table: lines(table.remove_column(table.schema.get_field_index("index")))
        assert strip(together(ray_recipe.records(data))) == strip(alone)
    finally:
        ray.shutdown()
