"""The scanner: settings once, then texts, tables and files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from . import _native
from ._native import Batch, Records
from .records import Implication, Topic, Verdict

__all__ = ["Assessment", "Records", "Scan", "Scanner", "schema"]

#: Keys of a record that say which message it is: a single text has none of them.
_PLACE = ("source", "platform", "surface", "conversation_id", "message_id", "index")


class Assessment(dict):
    """What one text says: a dictionary with a record's words, whose keys are attributes as well.

    Keys: ``role``, ``timestamp``, ``lang``, ``judged`` (false: the language has no lexicon, so that an empty ``sensitive``
    means nothing), ``chars``, ``sensitive``, ``unlisted``, ``topics``, ``intent``, ``implies``, ``scope``,
    ``scope_reasons``, ``ad_use``; with ``quote=True`` also ``text``, ``attachments`` and ``evidence``.
    """

    role: str
    timestamp: str | None
    lang: str
    judged: bool
    chars: int
    sensitive: list[Verdict]
    unlisted: list[Verdict]
    topics: list[Topic]
    intent: str
    implies: list[Implication]
    scope: str
    scope_reasons: list[str]
    ad_use: str

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"an assessment has no `{name}`; there are {', '.join(self)}") from None


class Scan(Iterator[Batch]):
    """The records of an export, batch by batch; made by :meth:`Scanner.scan`.

    Iterate over it for batches of a few thousand records (``pyarrow.record_batch(batch)``), or hand it whole to anything that
    takes an Arrow stream: ``pyarrow.table(scan)``. It is read once.
    """

    def __init__(self, native: _native.Scan, quote: bool) -> None:
        self._native = native
        self._quote = quote

    def __iter__(self) -> Scan:
        return self

    def __next__(self) -> Batch:
        """The next batch.

        Raises:
            ReadError: nothing of the input could be read, in the ledger's words.
        """
        return next(self._native)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        import pyarrow

        fields = pyarrow.schema(_native.empty(self._quote, False))
        batches = (pyarrow.record_batch(batch) for batch in self)
        return pyarrow.RecordBatchReader.from_batches(fields, batches).__arrow_c_stream__(requested_schema)

    @property
    def ledger(self) -> dict[str, Any] | None:
        """What was read and left out, once the end is reached: ``conversations``, ``messages`` and ``bytes`` read, a count
        for each reason of leaving something out, and ``files``, one line a file. Before the end: ``None``."""
        parts = self._native.ledger
        return None if parts is None else {**dict(parts[0]), "files": parts[1]}


def schema(*, quote: bool = False, aligned: bool = False) -> Any:
    """The Arrow schema of records, as an object with ``__arrow_c_schema__``: ``pyarrow.schema(offlimits.schema())``.

    Texts are ``utf8``, counts ``int64``, scores ``float64``, ``sensitive`` and its like ``list<struct>``, as in the Parquet
    files of ``offlimits scan --records x.parquet``.

    Args:
        quote: with the columns that show text.
        aligned: as ``assess_batch(…, aligned=True)`` gives it.
    """
    return _native.empty(quote, aligned)


class Scanner:
    """Lexicon, policy and what is known of the account. Make one, use it from any thread; it can be pickled.

    Args:
        policy: id of a policy profile (:func:`offlimits.policies`).
        lexicon: a lexicon folder or term file, or several, laid over the built-in one.
        builtin: false starts without the built-in terms.
        region: ISO 3166-1 alpha-2 of the account (``"CA"``); not given, it is unknown, which never counts as no.
        plan: the account's plan, where a policy asks for it.
        linked: apps in the same Accounts Center.
        unlinked: apps known not to be.
        as_if: treat every platform as if it were the policy's own.
        roles: whose messages are classified: ``user``, ``assistant``, ``participant``. All are read, for context.
        lang: a language for every text; not given, it is detected.
        thresholds: probability, 0 to 1, from which a category is reported: ``{"health": 0.8}``.
        quote: show text: adds ``author``, ``text``, ``attachments`` and ``evidence``. Without it no output holds any.
        threads: threads of :meth:`assess_batch`, :meth:`scan` and :meth:`eval`; not given, one a core. Inside an engine that
            counts cores itself (Spark, Ray, Dask) use 1.

    Raises:
        ValueError: a policy, region, category, role or threshold that does not exist, or a mistake in a lexicon.
        FileNotFoundError, OSError: a lexicon that cannot be read.
    """

    def __init__(
        self,
        policy: str = "meta-ai-ads",
        lexicon: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
        region: str | None = None,
        *,
        builtin: bool = True,
        plan: str | None = None,
        linked: Iterable[str] = (),
        unlinked: Iterable[str] = (),
        as_if: bool = False,
        roles: Iterable[str] = ("user",),
        lang: str | None = None,
        thresholds: Mapping[str, float] | None = None,
        quote: bool = False,
        threads: int | None = None,
    ) -> None:
        one = isinstance(lexicon, (str, os.PathLike))
        overlays = [lexicon] if one else list(lexicon or [])
        self.settings: dict[str, Any] = {
            "policy": policy,
            "lexicon": [os.fspath(path) for path in overlays],
            "builtin": builtin,
            "region": region,
            "plan": plan,
            "linked": _names(linked, "linked"),
            "unlinked": _names(unlinked, "unlinked"),
            "as_if": as_if,
            "roles": _names(roles, "roles"),
            "lang": lang,
            "thresholds": list((thresholds or {}).items()),
            "quote": quote,
            "threads": threads,
        }
        self._native = _native.Scanner(self.settings)

    def __reduce__(self) -> Any:
        return _again, (self.settings,)

    def __repr__(self) -> str:
        return f"Scanner(policy={self.settings['policy']!r}, region={self.settings['region']!r})"

    def assess(
        self,
        text: str,
        *,
        role: str = "user",
        lang: str | None = None,
        timestamp: str | None = None,
        platform: str = "generic",
        surface: str | None = None,
        attachments: Iterable[str] = (),
    ) -> Assessment:
        """What one text says, by itself.

        Args:
            text: the message.
            role: who wrote it: ``user``, ``assistant`` or ``participant``.
            lang: a language that is known; else it is detected.
            timestamp: when it was sent, RFC 3339 (``2026-01-10T09:00:00Z``); policies ask for it.
            platform: where, in a record's words (``meta_ai``, ``chatgpt``); ``generic``: not known.
            surface: the door, for Meta AI (``messenger``, ``instagram``, ``whatsapp``, ``meta_ai_app``).
            attachments: texts that were pasted or attached.

        Raises:
            ValueError: no text, or a role, time, platform or surface that does not exist.
        """
        line, judged = self._native.assess(text, role, lang, timestamp, platform, surface, list(attachments))
        record = {key: value for key, value in json.loads(line).items() if key not in _PLACE}
        said = Assessment(role=record.pop("role"), timestamp=record.pop("timestamp"), lang=record.pop("lang"), judged=judged)
        said.update(record)
        return said

    def assess_batch(
        self,
        data: Any,
        text: str = "text",
        conversation: str | None = None,
        *,
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
        aligned: bool = False,
    ) -> Records:
        """The records of a table's rows, on all threads, in the order of the rows.

        The same rows in a file give the same records by ``offlimits scan``: rows of one conversation explain one another
        (its language, and follow-ups such as "and the side effects?"), wherever in the table they stand; rows without a
        conversation stand alone.

        Args:
            data: anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``: a table or batch of pyarrow, Polars, pandas,
                DuckDB; or a single column of texts. Texts are read where they lie.
            text: the column of texts (``utf8``, ``large_utf8``, ``string_view``, or a dictionary of them).
            conversation: the column of conversation ids; rows without one, and tables without it, are unrelated texts.
            role: the column of roles (``user``, ``assistant`` and their many names); a row without one counts as ``user``.
            timestamp: the column of times: Arrow times (without a zone: UTC), RFC 3339, or seconds or milliseconds since
                1970.
            id: the column of message ids.
            lang: the column of languages that are known.
            platform: the column of platforms (``meta_ai``, ``chatgpt`` …).
            surface: the column of surfaces (``messenger``, ``whatsapp`` …).
            index: the column of each message's place in its conversation; else it is counted here.
            all_platform: the platform of all rows, where no column tells it.
            all_surface: the surface of all rows.
            source: what the records name as their source; its stem is the conversation of rows without one.
            aligned: a row for every row of ``data``. Those without a record (another role, no text) are null in every column
                but ``not_classified``, which says why.

        Returns:
            The records, one a classified row: 18 columns, 22 with ``quote=True``, one more with ``aligned=True``.

        Raises:
            TypeError: ``data`` gives no Arrow data.
            ValueError: a column that is not there or holds no text, or a platform or surface that does not exist.
        """
        columns = columns_of(text, conversation, role, timestamp, id, lang, platform, surface, index)
        return self._native.assess_batch(data, columns, all_platform, all_surface, source, aligned)

    def scan(self, path: str | os.PathLike[str], *, format: str | None = None) -> Scan:
        """The records of an export: file, folder or archive, of any format that ``offlimits formats`` lists.

        It is read in the background, a few batches ahead; memory does not grow with the export.

        Args:
            path: the export.
            format: a format's name; not given, it is recognised by its content.

        Raises:
            FileNotFoundError, OSError: the path cannot be opened.
            ValueError: there is no such format.
            ReadError: damaged, encrypted, or no chat export. Also while iterating.
        """
        return Scan(self._native.scan(os.fspath(path), format), self.settings["quote"])

    def explain(self, text: str, *, role: str = "user") -> str:
        """Every phrase found in a text, what context did to it, the sums and the verdict, as ``offlimits explain`` prints
        them. The only output besides ``quote=True`` that shows text."""
        return self._native.explain(text, role)

    def eval(
        self,
        *gold: str | os.PathLike[str] | Iterable[Mapping[str, Any]],
        bootstrap: int = 1000,
    ) -> dict[str, Any]:
        """Scores against labelled rows, as ``offlimits eval --json`` gives them.

        Args:
            gold: JSON-lines files, or iterables of rows with ``text``, ``labelled`` (what is known of the row),
                ``sensitive``, and perhaps ``lang``, ``role``, ``disclosure``, ``topics``, ``intent``, ``id``.
            bootstrap: draws for the 95 % intervals of F1; 0 for none.

        Returns:
            ``all``, ``by_language``, ``by_source`` (counts ``tp``, ``fp``, ``fn``, ``tn`` a category, 95 % intervals of F1,
            shares as [part, whole]) and ``mistakes`` (id, category, false_alarm).

        Raises:
            ValueError: no rows, or a row that is none, with file and line.
        """
        return json.loads(self._native.eval([_lines(place, one) for place, one in enumerate(gold)], bootstrap))

    def prevalence(
        self,
        records: Any,
        gold: str | os.PathLike[str] | Iterable[Any] | None = None,
        by: str | Sequence[str] = (),
        *,
        user: str | None = None,
        join: str | os.PathLike[str] | None = None,
        categories: Iterable[str] = (),
        about: Literal["self", "other", "topic"] | None = None,
        min_cell: int = 0,
        bootstrap: int = 2000,
    ) -> Records:
        """How common each listed category is, and ``any`` of them, as ``offlimits prevalence --csv`` gives it.

        Args:
            records: what :meth:`assess_batch` or :meth:`scan` gave, any table of it that speaks Arrow, or the path of records
                that the program wrote. A table is held whole, and its rows may stand in any order; a path is read in bounded
                memory, and the rows of a conversation must stand together.
            gold: labelled rows, which tell the classifier's errors: a JSON-lines file, a list of such files, or rows as for
                :meth:`eval`. They must be like the corpus. Without them shares are of what is flagged, not of what is there.
            by: columns to group by: ``month``, ``year``, ``lang``, ``platform``, ``surface``, ``source``, ``role``, or any other
                column of the records or of ``join``.
            user: the column that names a person.
            join: a file with a line a conversation (JSON lines or CSV), for columns that the records do not have.
            categories: only these, and ``any`` (listed one) by that name. Those on no policy's list count only where they are
                named here.
            about: count only what is about the writer (``self``), somebody else, or nobody in particular.
            min_cell: hide rows behind which fewer people (without ``user``: conversations) stand.
            bootstrap: draws for the intervals of corrected shares, at least 100.

        Returns:
            A table (``pyarrow.table(…)``) with a row a ``unit`` (``messages``, ``conversations``, ``users``), group
            (``dimension`` and ``value``; empty: all) and ``category``. Shares are 0 to 1, intervals 95 %, null where unknown:

            - ``of``, ``flagged``: how many units, and how many of them are flagged; ``design_effect``: 1 or more where
              messages of a conversation are alike.
            - ``share``, ``share_low``, ``share_high``: the share that is flagged, and its interval.
            - ``corrected``, ``corrected_low``, ``corrected_high``: of messages, corrected for the classifier's errors.
            - ``bound_low``, ``bound_high``: between them lies the share of conversations or users; ``bounds_low``,
              ``bounds_high``: the interval around both.
            - ``method``, ``caveat``, ``pooled_languages``: how it was corrected, and what must be said of it.
            - ``hidden_below``: fewer than so many are behind it, and nothing else is told.

            Messages in a language without a lexicon are not judged and not counted, unless something was flagged in them.

        Raises:
            TypeError: ``records`` gives no Arrow data and is no path.
            ValueError: there are no records, ``gold`` has no rows, or there is no such category or column.
            FileNotFoundError, OSError: a path cannot be opened.
        """
        if about not in (None, "self", "other", "topic"):
            raise ValueError(f"about: `{about}` is none of self, other, topic")
        asked = {
            "categories": _names(categories, "categories"),
            "about": about,
            "by": [by] if isinstance(by, str) else list(by),
            "user": user,
            "join": None if join is None else os.fspath(join),
            "min_cell": min_cell,
            "bootstrap": bootstrap,
        }
        path = isinstance(records, (str, os.PathLike))
        return self._native.prevalence(os.fspath(records) if path else records, _gold(gold), asked)

    @property
    def thresholds(self) -> dict[str, float]:
        """The probability, 0 to 1, from which each category is reported."""
        return {category: round(value, 4) for category, value in self._native.thresholds}

    @property
    def languages(self) -> list[str]:
        """The languages that have a lexicon."""
        return self._native.languages

    @property
    def lexicon_sha256(self) -> str:
        """SHA-256 over every file of the lexicon, as in the manifest of a report."""
        return self._native.lexicon_sha256


def columns_of(
    text: str,
    conversation: str | None,
    role: str | None,
    timestamp: str | None,
    id: str | None,
    lang: str | None,
    platform: str | None,
    surface: str | None,
    index: str | None,
) -> dict[str, str | None]:
    """The columns of a table, by what they hold."""
    return dict(locals())


def _again(settings: dict[str, Any]) -> Scanner:
    return Scanner(**{**settings, "thresholds": dict(settings["thresholds"])})


def _names(names: Iterable[str], option: str) -> list[str]:
    if isinstance(names, str):
        raise ValueError(f"{option}: give a list, such as [{names!r}]")
    return list(names)


def _lines(place: int, gold: Any) -> tuple[str, str]:
    if isinstance(gold, (str, os.PathLike)):
        return os.fspath(gold), Path(gold).read_text(encoding="utf-8")
    return f"gold[{place}]", "\n".join(json.dumps(row, ensure_ascii=False) for row in gold)


def _gold(gold: Any) -> list[tuple[str, str]] | None:
    if gold is None or isinstance(gold, (str, os.PathLike)):
        return None if gold is None else [_lines(0, gold)]
    parts = list(gold)
    files = bool(parts) and all(isinstance(part, (str, os.PathLike)) for part in parts)
    return [_lines(place, part) for place, part in enumerate(parts)] if files else [_lines(0, parts)]
