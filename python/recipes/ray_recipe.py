"""Ray Data: a scanner an actor, batches as Arrow tables. Rows of a conversation must be in one block: see `grouped`."""

import pyarrow

import offlimits


class Assess:
    def __init__(self, **columns):
        self.scanner, self.columns = offlimits.Scanner(threads=1), columns

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        return pyarrow.table(self.scanner.assess_batch(table, **self.columns))


def records(messages):
    """Each row by itself."""
    return messages.map_batches(Assess, batch_format="pyarrow", fn_constructor_kwargs={"role": "role", "id": "id"}, concurrency=1)


def grouped(messages):
    """With the conversation's context; one call a group, so that it suits long conversations."""
    assess = None

    def one(table: pyarrow.Table) -> pyarrow.Table:
        nonlocal assess
        assess = assess or Assess(conversation="conversation_id", role="role", id="id")
        return assess(table.sort_by("place"))

    return messages.groupby("conversation_id").map_groups(one, batch_format="pyarrow")
