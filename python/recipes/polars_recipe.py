"""Polars: a data frame, and a step of a lazy query that runs batch by batch."""

import polars

import offlimits

scanner = offlimits.Scanner()


def records(messages: polars.DataFrame) -> polars.DataFrame:
    """A frame of messages to a frame of records; conversations explain their messages."""
    return polars.DataFrame(scanner.assess_batch(messages, conversation="conversation_id", role="role", id="id"))


def categories(messages: polars.LazyFrame) -> polars.LazyFrame:
    """A column of categories beside the text, each row by itself."""
    kind = polars.List(polars.String)

    def assess(texts: polars.Series) -> polars.Series:
        rows = polars.DataFrame(scanner.assess_batch(texts, aligned=True))
        return rows["sensitive"].list.eval(polars.element().struct.field("category")).cast(kind)

    return messages.with_columns(sensitive=polars.col("text").map_batches(assess, return_dtype=kind))
