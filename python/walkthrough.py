# %% [markdown]
# # From conversations to a prevalence table
#
# How many conversations of a corpus are about health, and how many tell something of the person who writes? This walk goes
# from a Parquet file to a table with intervals and a plot. Run it as a script, or cell by cell in an editor that knows `# %%`
# (`jupytext --to ipynb walkthrough.py` makes a notebook). It needs pyarrow, numpy and matplotlib.
#
# The conversations are made up: each is one of the project's labelled rows and an answer, so that at the end the estimate can be
# laid beside the truth. Put your own file in their place.

# %%
import json
import sys
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet as parquet

import offlimits

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "target/walkthrough")
OUT.mkdir(parents=True, exist_ok=True)
draw = numpy.random.default_rng(7)
LISTED = ["health", "religion", "politics", "orientation", "ethnicity", "philosophy", "union"]

# %% [markdown]
# ## 1. A corpus
#
# Two thirds of the labelled rows become the corpus, the rest the audit sample of step 4: what measures the errors must not be
# what is counted, and must be drawn from the same source.

# %%
folder = Path(__file__).resolve().parents[1] / "tests/gold"
gold = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
gold = [row for row in gold if set(LISTED) <= set(row["labelled"]) and row.get("role", "user") == "user"]
order = draw.permutation(len(gold))
corpus = [gold[place] for place in order[: 2 * len(gold) // 3]]
audit = [gold[place] for place in order[2 * len(gold) // 3 :]]
truth = {name: sum(name in row["sensitive"] for row in corpus) for name in LISTED}

messages = []
for number, row in enumerate(corpus):
    turns = [("user", row["text"]), ("assistant", "…")]
    for place, (role, text) in enumerate(turns):
        messages.append({"conversation_id": f"c{number}", "place": place, "role": role, "text": text})
parquet.write_table(pyarrow.Table.from_pylist(messages), OUT / "conversations.parquet")

# %% [markdown]
# ## 2. Records
#
# One call: a table in, a table of records out, one a message of the user. No text is in it.

# %%
table = parquet.read_table(OUT / "conversations.parquet")
scanner = offlimits.Scanner()
records = pyarrow.table(scanner.assess_batch(table, conversation="conversation_id", role="role"))
assert "text" not in records.column_names
parquet.write_table(records, OUT / "records.parquet")
print(records.select(["conversation_id", "lang", "chars", "sensitive"]).slice(0, 3).to_pylist())

# %% [markdown]
# ## 3. How many are so: corrected for the classifier's errors
#
# A classifier misses some and flags others wrongly, so the flagged share is not the share. The labelled rows that were set
# aside say how often, and Rogan and Gladen's estimator turns the share about; the interval holds what is uncertain in both. It
# is right for this corpus because the audit sample is like it; for yours, label a sample of *yours*.
#
# Here a conversation has one message of its user, so the share of messages is that of conversations. Where they are longer,
# filter by `unit == "conversations"`: errors on messages alone cannot correct these, so between `bound_low` and `bound_high`
# the share lies.

# %%
shares = pyarrow.table(scanner.prevalence(records, gold=audit))
parquet.write_table(shares, OUT / "shares.parquet")
found = {row["category"]: row for row in shares.to_pylist() if row["unit"] == "messages"}
columns = ("share", "corrected", "corrected_low", "corrected_high")
rows = [(name, *(found[name][column] for column in columns), truth[name] / len(corpus)) for name in LISTED]

print(f"{'category':<12} {'flagged':>8} {'estimate':>9}  {'95 % interval':<17} {'truth':>6}")
for name, raw, middle, low, high, true in rows:
    print(f"{name:<12} {raw:>8.1%} {middle:>9.1%}  [{low:.1%}, {high:.1%}]{'':<4} {true:>6.1%}")

# %% [markdown]
# ## 4. A picture

# %%
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

figure, axes = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
for place, (name, raw, middle, low, high, true) in enumerate(reversed(rows)):
    axes.plot([low, high], [place, place], color="#3a6ea5", linewidth=6, alpha=0.35, solid_capstyle="butt", label="95 % interval")
    axes.plot(middle, place, "o", color="#3a6ea5", label="corrected estimate")
    axes.plot(raw, place, "|", color="#222222", markersize=14, label="flagged, as counted")
    axes.plot(true, place, "x", color="#b5482a", label="truth of this made-up corpus")
axes.set_yticks(range(len(rows)), [name for name, *_ in reversed(rows)])
axes.set_xlabel("share of conversations")
axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes.set_xlim(left=0)
handles, labels = axes.get_legend_handles_labels()
axes.legend(handles[:4], labels[:4], frameon=False, fontsize=8)
axes.spines[["top", "right"]].set_visible(False)
figure.savefig(OUT / "prevalence.png", dpi=150)
