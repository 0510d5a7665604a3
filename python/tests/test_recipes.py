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


def test_ray(messages, scanner):
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'ray[data]'")
    pytest.importorskip("ray.data")
    import ray_recipe

    folder = str(Path(__file__).parents[1] / "recipes")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False,
             runtime_env={"env_vars": {"PYTHONPATH": folder}})
    try:
        data = ray.data.from_arrow(messages)
        alone = scanner.assess_batch(messages, role="role", id="id", index="place")
        found = pyarrow.concat_tables(ray.get(ray_recipe.records(data).to_arrow_refs()))
        index = found.schema.get_field_index("index")
        # Without a conversation a row's place is that in its batch.
        strip = lambda table: lines(table.remove_column(index))
        assert strip(found) == strip(pyarrow.table(alone))
        few = messages.slice(0, 60)
        found = pyarrow.concat_tables(ray.get(ray_recipe.grouped(ray.data.from_arrow(few)).to_arrow_refs()))
        assert lines(found) == lines(scanner.assess_batch(few, conversation="conversation_id", role="role", id="id"))
    finally:
        ray.shutdown()
