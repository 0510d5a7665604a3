"""Ray Data: a scanner an actor, batches as Arrow tables."""

import pyarrow
from ray.data import ActorPoolStrategy

import offlimits


class Assess:
    def __init__(self, order=None, **columns):
        self.scanner, self.order, self.columns = offlimits.Scanner(threads=1), order, columns

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        table = table.sort_by(self.order) if self.order else table
        return pyarrow.table(self.scanner.assess_batch(table, **self.columns))


def records(messages, actors=1):
    """Each row by itself."""
    columns = {"role": "role", "id": "id"}
    return messages.map_batches(
        Assess, batch_format="pyarrow", fn_constructor_kwargs=columns, compute=ActorPoolStrategy(size=actors)
    )


def in_conversations(messages, blocks, actors=1):
    """With the conversation's context: after a shuffle the rows of a conversation are in one block, and a batch is a block.
    (`groupby().map_groups()` moves the rows in the same way, but calls Python once a conversation.)"""
    columns = {"conversation": "conversation_id", "role": "role", "id": "id", "order": "place"}
    together = messages.repartition(blocks, keys=["conversation_id"])
    return together.map_batches(
        Assess, batch_size=None, batch_format="pyarrow", fn_constructor_kwargs=columns, compute=ActorPoolStrategy(size=actors)
    )
