"""Makes agreement.json: tables of codes, and what the Python packages `krippendorff` and `irrcac` say of them.

    python3 -m venv v && v/bin/pip install krippendorff==0.9.0 irrcac==0.4.4
    v/bin/python tests/stats/agreement.py > tests/stats/agreement.json

A table has a row a unit and a place a coder; null is a missing code. `scale` is the number of categories that could be
chosen, chosen or not. Cohen's kappa is irrCAC's Conger's kappa, which is the same for two coders without missing codes.
"""

import json
import random

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC


def made_up(seed, units, coders, scale, agree, missing, weights):
    draw = random.Random(seed)
    rows = []
    for _ in range(units):
        true = draw.choices(range(scale), weights)[0]
        row = [true if draw.random() < agree else draw.randrange(scale) for _ in range(coders)]
        rows.append([None if draw.random() < missing else code for code in row])
    return rows


# The table of Krippendorff 2011, section C.
PUBLISHED = [[0, 0, None, 0], [1, 1, 2, 1], [2, 2, 2, 2], [2, 2, 2, 2], [1, 1, 1, 1], [0, 1, 2, 3], [3, 3, 3, 3],
             [0, 0, 1, 0], [1, 1, 1, 1], [None, 4, 4, 4], [None, None, 0, 0], [None, 2, None, None]]

TABLES = [
    ("published, missing codes", 5, PUBLISHED),
    ("two coders, even", 2, made_up(1, 60, 2, 2, .8, 0, [1, 1])),
    ("two coders, rare category", 2, made_up(2, 200, 2, 2, .95, 0, [96, 4])),
    ("two coders, four categories", 4, made_up(3, 120, 2, 4, .7, 0, [6, 2, 1, 1])),
    ("three coders", 3, made_up(4, 80, 3, 3, .75, 0, [2, 1, 1])),
    ("three coders, missing codes", 3, made_up(5, 80, 3, 3, .75, .2, [2, 1, 1])),
    ("five coders, many missing", 2, made_up(6, 50, 5, 2, .85, .5, [3, 1])),
    ("two coders, missing codes", 2, made_up(7, 90, 2, 2, .85, .15, [4, 1])),
]


def expected(scale, rows):
    numbers = [[np.nan if code is None else float(code) for code in row] for row in rows]
    cac = CAC(pd.DataFrame(numbers), categories=[float(k) for k in range(scale)], digits=12)
    value = lambda found: float(found["est"]["coefficient_value"])
    gwet = cac.gwet()
    complete = all(code is not None for row in rows for code in row)
    return {
        "percent": float(gwet["est"]["pa"]),
        "cohen": value(cac.conger()) if complete and len(rows[0]) == 2 else None,
        "fleiss": value(cac.fleiss()),
        "alpha": float(krippendorff.alpha(np.array(numbers).T, level_of_measurement="nominal")),
        "alpha_irrcac": value(cac.krippendorff()),
        "ac1": value(gwet),
    }


print(json.dumps([{"name": name, "scale": scale, "rows": rows, "expected": expected(scale, rows)}
                  for name, scale, rows in TABLES], indent=None, separators=(",", ":")).replace('},{"name"', '},\n{"name"'))
