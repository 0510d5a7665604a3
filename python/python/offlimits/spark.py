"""The same records from Spark: the scanner in every Python worker, the messages through Arrow.

Nothing is scheduled here: Spark cuts the data, moves it, and tries again what fails. A record depends on its conversation and
on nothing else, so a task that is run twice gives the same records twice, and Spark keeps one of them.

The package (with pyarrow) must be installed where the workers run, and ``PYSPARK_PYTHON`` must name that Python. Where the
driver runs PySpark wants pandas as well, though nothing here uses it: ``pip install "pyspark[sql]"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from ._scanner import Scanner

__all__ = ["SCHEMA", "QUOTE_SCHEMA", "assess", "schema"]

_VERDICTS = "array<struct<category:string,score:double,disclosure:string>>"

#: Columns of the records, as Spark writes schemas.
SCHEMA = (
    "source string, platform string, surface string, conversation_id string, message_id string, index bigint, role string, "
    f"timestamp string, lang string, chars bigint, sensitive {_VERDICTS}, unlisted {_VERDICTS}, "
    "topics array<struct<id:string,name:string,path:array<string>,score:double>>, intent string, "
    "implies array<struct<category:string,score:double,rule:string>>, scope string, scope_reasons array<string>, "
    "ad_use string"
)

#: The same with ``quote=True`` among the scanner's settings.
QUOTE_SCHEMA = SCHEMA + (
    ", author string, text string, attachments array<string>, evidence array<struct<span:array<bigint>,phrase:string,"
    "category:string,weight:double,part:bigint>>"
)


def schema(*, quote: bool = False) -> StructType:
    """:data:`SCHEMA` as Spark's own type. Needs a session, because Spark reads its notation in the JVM."""
    from pyspark.sql.types import StructType

    return StructType.fromDDL(QUOTE_SCHEMA if quote else SCHEMA)


def assess(
    df: DataFrame,
    text: str = "text",
    conversation: str | None = None,
    *,
    order: str | Sequence[str] | None = None,
    grouped: bool = False,
    scanner: Mapping[str, Any] | None = None,
    role: str | None = None,
    timestamp: str | None = None,
    id: str | None = None,
    lang: str | None = None,
    platform: str | None = None,
    surface: str | None = None,
    index: str | None = None,
    all_platform: str = "generic",
    all_surface: str | None = None,
    source: str = "table",
) -> DataFrame:
    """The records of a data frame's rows.

    Without ``conversation`` each row stands alone and nothing is moved between machines. With it, the rows of a conversation
    are brought together and put in ``order``, because they explain one another: one shuffle of the columns named here.

    Args:
        df: rows of messages.
        text: the column of texts.
        conversation: the column of conversation ids.
        order: the column, or columns, by which a conversation's rows are ordered: a number or a time. Spark's rows have no
            order of their own, and context runs forward.
        grouped: the rows of a conversation stand together in one partition and in order already (the data was written so):
            nothing is moved, and ``order`` is not asked for. A file that Spark splits among tasks can cut a conversation, and
            nothing tells: set ``spark.sql.files.minPartitionNum`` to 1 and ``spark.sql.files.maxPartitionBytes`` above the
            largest file.
        scanner: settings of :class:`offlimits.Scanner`, such as ``{"region": "CA"}``; ``threads`` is 1 unless given, because
            Spark gives a task one core.
        role, timestamp, id, lang, platform, surface, index, all_platform, all_surface, source: as in
            :meth:`offlimits.Scanner.assess_batch`. Without ``index`` a message's place is counted in its conversation; for
            rows without one it is the place in a batch, which says little.

    Returns:
        A data frame with the columns of :data:`SCHEMA`, one row a record. Rows are in no order, as always in Spark.

    Raises:
        ValueError: a setting that does not exist, or ``conversation`` without ``order``. What only the workers can see (a
            column that holds no text) is raised by the action, as Spark's ``PythonException`` with the same words.
    """
    from ._scanner import Scanner, columns_of

    settings = {"threads": 1, **(scanner or {})}
    Scanner(**settings)  # a wrong setting is told here, not by a worker
    columns = columns_of(text, conversation, role, timestamp, id, lang, platform, surface, index)
    columns = {name: column for name, column in columns.items() if column is not None}
    for column in columns.values():
        if column not in df.columns:
            raise ValueError(f"no column `{column}`; there are {', '.join(df.columns)}")
    options = {**columns, "all_platform": all_platform, "all_surface": all_surface, "source": source}
    if conversation is not None and not grouped:
        df = _together(df, conversation, text, [order] if isinstance(order, str) else list(order or []))
    df = df.select(*dict.fromkeys(columns.values()))

    def work(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        yield from assess_batches(batches, settings, options)

    return df.mapInArrow(work, QUOTE_SCHEMA if settings.get("quote") else SCHEMA)


def _together(df: DataFrame, conversation: str, text: str, order: list[str]) -> DataFrame:
    """Each conversation in one partition, in order. Rows without a conversation are spread by their text, not heaped up."""
    from pyspark.sql import functions

    if not order:
        raise ValueError("conversation: say with `order` by which column its rows are ordered, or that they are `grouped`")
    key = functions.coalesce(functions.col(conversation).cast("string"), functions.xxhash64(text).cast("string"))
    return df.repartition(key).sortWithinPartitions(conversation, *order)


#: The scanners of this worker process, by their settings: a lexicon is read once a worker, not once a batch.
_SCANNERS: dict[str, Scanner] = {}


def _scanner(settings: Mapping[str, Any]) -> Scanner:
    from ._scanner import Scanner

    key = repr(sorted(settings.items()))
    if key not in _SCANNERS:
        _SCANNERS[key] = Scanner(**settings)
    return _SCANNERS[key]


def assess_batches(
    batches: Iterable[pyarrow.RecordBatch], settings: Mapping[str, Any], options: Mapping[str, Any]
) -> Iterator[pyarrow.RecordBatch]:
    """What a worker does with the Arrow batches of its partition; for ``mapInArrow`` of one's own.

    Args:
        batches: the rows; those of a conversation stand together.
        settings: of :class:`offlimits.Scanner`.
        options: of :meth:`offlimits.Scanner.assess_batch`.
    """
    import pyarrow

    scanner = _scanner(settings)
    conversation = options.get("conversation")
    for rows in batches if conversation is None else whole(batches, conversation):
        for batch in scanner.assess_batch(rows, **options).batches:
            yield pyarrow.record_batch(batch)


def whole(batches: Iterable[pyarrow.RecordBatch], conversation: str) -> Iterator[pyarrow.Table]:
    """The same rows, cut so that no conversation is in two tables. One conversation, and a batch, are held at a time."""
    import pyarrow
    from pyarrow import compute

    held: list[pyarrow.RecordBatch] = []
    last = None
    for batch in batches:
        if batch.num_rows == 0:
            continue
        ids = batch.column(conversation)
        begins_held = held and ids[0].as_py() == last
        last = ids[-1].as_py()
        # The rows of the last conversation wait for the next batch. Rows without one belong to nobody.
        cut = batch.num_rows if last is None else compute.index(ids, ids[-1]).as_py()
        if cut == 0 and begins_held:
            held.append(batch)
            continue
        ready = held if cut == 0 else [*held, batch.slice(0, cut)]
        if ready:
            yield pyarrow.Table.from_batches(ready)
        held = [batch.slice(cut)] if cut < batch.num_rows else []
    if held:
        yield pyarrow.Table.from_batches(held)
