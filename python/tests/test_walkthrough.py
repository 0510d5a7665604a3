"""The walk-through runs, and its intervals hold what they should."""

import runpy
import sys
from pathlib import Path


def test_walkthrough(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["walkthrough.py", str(tmp_path)])
    names = runpy.run_path(str(Path(__file__).parents[1] / "walkthrough.py"))
    assert (tmp_path / "prevalence.png").stat().st_size > 10_000
    held = [low - 0.005 <= true <= high + 0.005 for _, _, _, low, high, true in names["rows"]]
    assert sum(held) >= 6, names["rows"]
    assert "health" in capsys.readouterr().out
