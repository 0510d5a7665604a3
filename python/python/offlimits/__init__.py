"""What AI chats give away: the classifier of the ``offlimits`` program, for Python and for anything that speaks Arrow.

>>> import offlimits
>>> scanner = offlimits.Scanner()
>>> scanner.assess("My mother was diagnosed with lupus; any quiet hotel in Lisbon?").sensitive[0]["category"]
'health'

A record is the command line's, word for word: the same keys, the same four decimals, the same order. Everything runs in this
process; nothing opens a network connection.
"""

from ._native import ReadError, __version__, policies
from ._scanner import Assessment, Records, Scan, Scanner, schema
from .records import Implication, Record, Topic, Verdict, jsonl

__all__ = [
    "Assessment",
    "Implication",
    "ReadError",
    "Record",
    "Records",
    "Scan",
    "Scanner",
    "Topic",
    "Verdict",
    "__version__",
    "jsonl",
    "policies",
    "schema",
]
