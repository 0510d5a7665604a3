"""Dask: partitions are pandas frames; after a shuffle by conversation, context is there."""

import pandas
import pyarrow

import offlimits

SCHEMA = pyarrow.schema(offlimits.schema())
META = SCHEMA.empty_table().to_pandas(types_mapper=pandas.ArrowDtype)

_scanner = None


def assess(frame: pandas.DataFrame) -> pandas.DataFrame:
    global _scanner
    _scanner = _scanner or offlimits.Scanner(threads=1)  # once a worker
    found = _scanner.assess_batch(frame, conversation="conversation_id", role="role", id="id")
    return pyarrow.table(found).to_pandas(types_mapper=pandas.ArrowDtype)


def records(messages):
    """A dask frame of messages to one of records."""
    together = messages.shuffle("conversation_id")
    return together.map_partitions(lambda part: assess(part.sort_values(["conversation_id", "place"])), meta=META)
