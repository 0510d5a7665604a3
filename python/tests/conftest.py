"""Made-up conversations, and the program that the package is compared with."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
from pathlib import Path

import pyarrow
import pytest

import offlimits

ROOT = Path(__file__).parents[2]
GOLD = sorted((ROOT / "tests" / "gold").glob("*.jsonl"))

FOLLOW_UPS = ["and the side effects?", "what about my sister?", "et pour les enfants ?", "is that covered?", "and then?"]


def gold_texts() -> list[str]:
    return [json.loads(line)["text"] for path in GOLD for line in path.read_text(encoding="utf-8").splitlines()]


def conversations(count: int = 6000) -> list[dict]:
    """Rows of messages with every quirk that a table can have: follow-ups, roles, blank texts, control characters."""
    draw = random.Random(7)
    texts = itertools.cycle(gold_texts())
    rows = []
    number = 0
    while len(rows) < count:
        number += 1
        alone = number % 17 == 0
        for place in range(draw.randint(1, 9)):
            text = next(texts) if draw.random() < 0.7 else draw.choice(FOLLOW_UPS)
            text = draw.choice([text, text, text, text, f"  {text}\r\n ok \b\f \\b", "  ", text])
            role = draw.choice(["user", "user", "Human", "assistant", "bot", "system", None, "Ines"] if number % 5 == 0 else ["user", "assistant"])
            at = f"2026-01-{1 + number % 28:02}T{place:02}:00:{number % 60:02}.{number % 1000:03}Z"
            rows.append(
                {
                    "id": f"m{len(rows)}",
                    "conversation_id": None if alone else f"c{number}",
                    "role": role,
                    "timestamp": None if number % 11 == 0 else at,
                    "lang": "en" if number % 13 == 0 else None,
                    "text": text,
                }
            )
    return rows


SCHEMA = pyarrow.schema([(name, pyarrow.string()) for name in ("id", "conversation_id", "role", "timestamp", "lang", "text")])


@pytest.fixture(scope="session")
def rows() -> list[dict]:
    return conversations()


@pytest.fixture(scope="session")
def table(rows) -> pyarrow.Table:
    return pyarrow.Table.from_pylist(rows, SCHEMA)


@pytest.fixture(scope="session")
def scanner() -> offlimits.Scanner:
    return offlimits.Scanner()


#: The columns of `rows`, by what they hold.
COLUMNS = dict(text="text", conversation="conversation_id", role="role", timestamp="timestamp", id="id", lang="lang")


@pytest.fixture(scope="session")
def program() -> str:
    """The program: OFFLIMITS, or the build of this checkout."""
    builds = [Path(os.environ.get("OFFLIMITS", "")), ROOT / "target/release/offlimits", ROOT / "target/debug/offlimits"]
    found = [build for build in builds if build.is_file()]
    if not found:
        pytest.fail("no offlimits program: `cargo build --release` at the root, or set OFFLIMITS")
    return str(found[0])


@pytest.fixture(scope="session")
def cli(program, tmp_path_factory):
    """Runs `offlimits scan` on rows; the records as lines."""

    def run(rows, *options, name="rows.jsonl", folder=None) -> list[str]:
        path = (folder or tmp_path_factory.mktemp("cli")) / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return scan(program, path, *options)

    return run


def scan(program: str, path, *options) -> list[str]:
    command = [program, "scan", str(path), "--records", "-", "--no-progress", *options]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, 3), done.stderr.decode()
    return done.stdout.decode().splitlines()
