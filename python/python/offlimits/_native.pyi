"""The compiled part. Use :class:`offlimits.Scanner`."""

from collections.abc import Iterator
from typing import Any

__version__: str

class ReadError(ValueError):
    """An input could not be read: damaged, encrypted, or no chat export."""

def policies() -> list[str]:
    """The ids of the policy profiles."""

def empty(quote: bool, aligned: bool) -> Records: ...

class Records:
    """A table of records, or of shares, as Arrow batches, for any library that takes the Arrow PyCapsule interface.

    ``pyarrow.table(x)``, ``polars.DataFrame(x)``, ``pandas.DataFrame.from_arrow(x)`` and ``duckdb.from_arrow(x)`` take it
    without copying.
    """

    num_rows: int
    """Rows."""
    column_names: list[str]
    """The columns, in order."""
    batches: list[Batch]
    """The batches, in order."""
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    def __arrow_c_schema__(self) -> Any: ...

class Batch:
    """One batch of records: ``pyarrow.record_batch(x)`` takes it."""

    num_rows: int
    def __len__(self) -> int: ...
    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]: ...
    def __arrow_c_schema__(self) -> Any: ...

class Scan(Iterator[Batch]):
    ledger: tuple[list[tuple[str, int]], list[str]] | None
    def __iter__(self) -> Scan: ...
    def __next__(self) -> Batch: ...

class Scanner:
    lexicon_sha256: str
    thresholds: list[tuple[str, float]]
    languages: list[str]
    def __init__(self, settings: dict[str, Any]) -> None: ...
    def assess(
        self,
        text: str,
        role_name: str,
        lang: str | None,
        timestamp: str | None,
        platform: str,
        surface: str | None,
        attachments: list[str],
    ) -> tuple[str, bool]: ...
    def assess_batch(
        self,
        data: Any,
        columns: dict[str, str | None],
        platform: str,
        surface: str | None,
        source: str,
        aligned: bool,
    ) -> Records: ...
    def scan(self, path: str, format: str | None) -> Scan: ...
    def explain(self, text: str, role_name: str) -> str: ...
    def eval(self, gold: list[tuple[str, str]], bootstrap: int) -> str: ...
    def prevalence(self, data: Any, gold: list[tuple[str, str]] | None, asked: dict[str, Any]) -> Records: ...
