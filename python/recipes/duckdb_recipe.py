"""DuckDB: records as a relation, and a function for SQL."""

import duckdb
import pyarrow

import offlimits

scanner = offlimits.Scanner()


def records(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyRelation:
    """The records of a query's rows, to be asked further."""
    found = scanner.assess_batch(connection.sql(query), conversation="conversation_id", role="role", id="id")
    return connection.from_arrow(pyarrow.table(found))


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """The SQL function `sensitive(text)`: the categories of each text by itself."""

    def sensitive(texts):
        rows = pyarrow.table(scanner.assess_batch(texts, aligned=True)).column("sensitive").to_pylist()
        return pyarrow.array([[v["category"] for v in row or []] for row in rows], pyarrow.list_(pyarrow.string()))

    connection.create_function("sensitive", sensitive, ["VARCHAR"], "VARCHAR[]", type="arrow", null_handling="special")
