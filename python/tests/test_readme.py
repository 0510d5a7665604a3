"""What the README shows runs as it stands."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(r"^```python\n(.*?)^```", (ROOT / "python/README.md").read_text(encoding="utf-8"), re.M | re.S)


def run(example: str, monkeypatch) -> dict:
    monkeypatch.chdir(ROOT)
    names: dict = {}
    exec(compile(example, "README.md", "exec"), names)
    return names


def test_the_package(monkeypatch):
    names = run(EXAMPLES[0], monkeypatch)
    assert names["said"].sensitive[0]["category"] == "health"
    assert names["said"].topics[0]["name"] == "Travel"
    assert names["records"]["sensitive"].list.len().to_list() == [1, 1, 0]
    assert {"messages", "conversations"} == set(names["shares"]["unit"])
