"""How far it goes: the same corpus through the program, a Python batch, Polars and Spark, in one run.

    python python/measure.py chats.jsonl.gz            # conversations a line: {"id", "messages": [{"role", "content"}]}
    python python/measure.py chats.jsonl.gz --size 1000 --only spark,spark-grouped,spark-alone,program

Every run is a process of its own, on one core's worth of threads, and is charged with the processor time of its whole tree
(Spark's JVM and workers among it): on a machine that others use as well, only that says what a core can do. `MB` is 10^6 bytes of
message text, of all roles. The wall clock and the largest sum of resident memory are shown beside it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COLUMNS = dict(text="text", conversation="conversation_id", role="role", id="id")

RUNS = {
    "program": "the program, JSON lines in, JSON lines out",
    "program-parquet": "the program, Parquet in, Parquet out",
    "batch": "assess_batch, Arrow table in memory to Arrow records",
    "parquet": "pyarrow: Parquet, assess_batch, Parquet",
    "polars": "Polars: Parquet, assess_batch, Parquet",
    "spark": "Spark local[1]: Parquet, shuffle by conversation, Parquet",
    "spark-grouped": "Spark local[1]: Parquet, conversations stand together, Parquet",
    "spark-alone": "Spark local[1]: Parquet, each row by itself, Parquet",
}


def prepare(corpus: Path, megabytes: int, folder: Path) -> int:
    """The corpus as rows, repeated to about so many MB of text, as JSON lines and as Parquet; the bytes of text."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    opened = gzip.open(corpus, "rt", encoding="utf-8") if corpus.suffix == ".gz" else open(corpus, encoding="utf-8")
    with opened as lines:
        chats = [json.loads(line) for line in lines]
    said = [(str(chat["id"]), place, m["role"], m["content"] or "") for chat in chats for place, m in enumerate(chat["messages"])]
    del chats
    once = sum(len(text.encode()) for *_, text in said)
    times = max(1, round(megabytes * 1e6 / once))
    names = ("id", "conversation_id", "role", "place", "text")
    columns = zip(*((f"{chat}-{place}", chat, role, place, text) for chat, place, role, text in said))
    table = pyarrow.table(dict(zip(names, columns)))
    # A turn differs from the one before in its ids alone, so everything else is written out once.
    word = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731
    parts = [(word(chat)[1:-1], place, f'"role": {word(role)}, "place": {place}, "text": {word(text)}') for chat, place, role, text in said]
    with (
        pyarrow.parquet.ParquetWriter(folder / "rows.parquet", table.schema) as parquet,
        open(folder / "rows.jsonl", "w", encoding="utf-8") as plain,
    ):
        for turn in range(times):
            rows = table
            for place in (0, 1):
                ids = pyarrow.compute.binary_join_element_wise(f"{turn}", table.column(place), "-")
                rows = rows.set_column(place, names[place], ids)
            parquet.write_table(rows)
            plain.writelines(
                f'{{"id": "{turn}-{chat}-{place}", "conversation_id": "{turn}-{chat}", {rest}}}\n' for chat, place, rest in parts
            )
    return once * times


def tree(root: int) -> dict[int, tuple[float, int]]:
    """Processor seconds and resident bytes of a process and all below it."""
    parents, found = {}, {}
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(entry.name)
        parents[pid] = int(fields[1])
        found[pid] = ((int(fields[11]) + int(fields[12])) / tick, int(fields[21]) * page)

    def below(pid: int) -> bool:
        while pid and pid != root:
            pid = parents.get(pid, 0)
        return pid == root

    return {pid: values for pid, values in found.items() if below(pid)}


def run(command: list[str]) -> tuple[float, float, float]:
    """Processor seconds, wall seconds and the most resident MB of a command's tree."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    seconds: dict[int, float] = {}
    most = 0
    while process.poll() is None:
        now = tree(process.pid)
        seconds.update({pid: spent for pid, (spent, _) in now.items()})
        most = max(most, sum(resident for _, resident in now.values()))
        time.sleep(0.1)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    return sum(seconds.values()), time.monotonic() - start, most / 1e6


def command(name: str, folder: Path) -> list[str]:
    if name.startswith("program"):
        program = os.environ.get("OFFLIMITS", str(ROOT / "target/release/offlimits"))
        rows, records = ("rows.parquet", "out.parquet") if "parquet" in name else ("rows.jsonl", "out.jsonl")
        options = ["--threads", "1", "--no-progress", "--quiet", "--format", "generic_jsonl"]
        return [program, "scan", str(folder / rows), "--records", str(folder / records), *options]
    return [sys.executable, __file__, "--work", name, str(folder)]


def work(name: str, folder: Path) -> None:
    """One of the runs, in a process of its own."""
    import pyarrow
    import pyarrow.parquet

    import offlimits

    if name.startswith("spark"):
        return spark(name, folder)
    pyarrow.set_cpu_count(1)
    scanner = offlimits.Scanner(threads=1)
    if name == "polars":
        import polars

        records = polars.DataFrame(scanner.assess_batch(polars.read_parquet(folder / "rows.parquet"), **COLUMNS))
        return records.write_parquet(folder / "out-polars.parquet", compression="snappy")
    table = pyarrow.parquet.read_table(folder / "rows.parquet", use_threads=False)
    start = time.process_time()
    records = scanner.assess_batch(table, **COLUMNS)
    (folder / "seconds").write_text(str(time.process_time() - start))
    if name == "parquet":
        pyarrow.parquet.write_table(pyarrow.table(records), folder / "out-arrow.parquet")


def spark(name: str, folder: Path) -> None:
    from pyspark.sql import SparkSession

    import offlimits.spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "2g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.files.maxPartitionBytes", "1g" if name == "spark-grouped" else "128m")
        .config("spark.local.dir", str(folder))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    df = session.read.parquet(str(folder / "rows.parquet"))
    options = dict(COLUMNS)
    if name == "spark-alone":
        options.pop("conversation")
    records = offlimits.spark.assess(df, order="place", grouped=name == "spark-grouped", **options)
    records.write.mode("overwrite").parquet(str(folder / "out-spark.parquet"))
    session.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--size", type=int, default=100, metavar="MB", help="repeat the corpus to so much text")
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(RUNS), help="some of " + ", ".join(RUNS))
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        return work(arguments.work[0], Path(arguments.work[1]))
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as temporary:
        folder = Path(temporary)
        print("writing the corpus to the size asked for …", file=sys.stderr, flush=True)
        size = prepare(arguments.corpus, arguments.size, folder) / 1e6
        print(f"{size:.0f} MB of text, {(folder / 'rows.jsonl').stat().st_size / 1e6:.0f} MB of JSON lines\n")
        print(f"| run | MB per core and second | of the program | wall s | peak MB |\n|---|---|---|---|---|", flush=True)
        base = None
        for name in arguments.only:
            print(f"{RUNS[name]} …", file=sys.stderr, flush=True)
            seconds, wall, memory = run(command(name, folder))
            if name == "batch":
                seconds = float((folder / "seconds").read_text())
            base = base or seconds
            print(f"| {RUNS[name]} | {size / seconds:.1f} | {base / seconds:.2f} | {wall:.1f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
