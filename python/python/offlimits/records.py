"""The shape of a record, and records as the command line writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypedDict

__all__ = ["Implication", "Record", "Topic", "Verdict", "jsonl"]


class Verdict(TypedDict):
    """A category that reached its threshold."""

    category: str
    """``health``, ``religion``, ``politics`` …; for ``unlisted`` ``finances``, ``crime`` …"""
    score: float
    """Calibrated probability, 0 to 1, four decimals."""
    disclosure: Literal["self", "other", "topic"]
    """Whom it is about: the writer, another person, or nobody in particular."""


class Topic(TypedDict):
    """An ad topic of the IAB Content Taxonomy 3.1."""

    id: str
    name: str
    """The tier-1 name."""
    path: list[str]
    """Names from tier 1 down to the topic itself."""
    score: float
    """Probability, 0 to 1."""


class Implication(TypedDict):
    """A category that the message gives away without stating it."""

    category: str
    score: float
    rule: str


class Record(TypedDict):
    """One classified message; keys in this order."""

    source: str
    platform: str
    surface: str | None
    conversation_id: str
    message_id: str | None
    index: int
    role: Literal["user", "assistant", "participant"]
    timestamp: str | None
    lang: str
    chars: int
    sensitive: list[Verdict]
    unlisted: list[Verdict]
    topics: list[Topic]
    intent: Literal["purchase", "interest", "none"]
    implies: list[Implication]
    scope: Literal["in", "out", "unknown"]
    scope_reasons: list[str]
    ad_use: Literal["excluded", "available", "out_of_scope", "unknown"]


def _rows(records: Any) -> Iterator[Mapping[str, Any]]:
    if hasattr(records, "__arrow_c_stream__"):
        import pyarrow

        reader = pyarrow.RecordBatchReader.from_stream(records)
        for batch in reader:
            yield from batch.to_pylist()
    else:
        yield from records


def jsonl(records: Any | Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Records as JSON lines, byte for byte those of ``offlimits scan --records``.

    Args:
        records: a table of records (anything with ``__arrow_c_stream__``; needs pyarrow) or an iterable of mappings.

    Yields:
        One line a record, without its line end.
    """
    for row in _rows(records):
        for found in row.get("evidence") or []:
            if found.get("part") is None:
                found.pop("part", None)
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        # The two escapes in which Python's JSON and the program's differ; an escaped backslash is never followed by them.
        if "\\b" in line or "\\f" in line:
            line = _escapes(line)
        yield line


def _escapes(line: str) -> str:
    out, at = [], 0
    while at < len(line):
        pair = line[at : at + 2]
        if pair[:1] == "\\":
            out.append({"\\b": "\\u0008", "\\f": "\\u000c"}.get(pair, pair))
            at += 2
        else:
            out.append(pair[:1])
            at += 1
    return "".join(out)
