"""The vector engine beside DuckDB and PostgreSQL: the same bars, the same metrics, one thread each, in the same run.

engine_metrics.py has the metrics and the peers' SQL; engine_bench runs ours and DuckDB's in one process. A result is compared
with ours, number by number, before its time counts. Both peers are asked in two forms, conditional aggregates in one pass and
a query for each window, and the better one is printed. Prints one JSON object a line; ratio above 1 means that we are better.
Ours and DuckDB's are processor seconds, so that a busy machine matters less; of PostgreSQL it is the elapsed time that it says.

All symbols have the same minutes, as in real use, and so share where their rows lie; another line says what it costs where no
two symbols do. Small windows, one column and rolling windows are measured without such a memory.

METRICSTORE_BENCH_SYMBOLS and _DAYS change the size (50 symbols and 250 days of 390 minutes are 4.9 M bars). PostgreSQL gets all
rows where that takes less than METRICSTORE_BENCH_SECONDS (180), else those of a tenth of the symbols: "rows" says how many.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import engine_metrics  # noqa: E402
import stack  # noqa: E402

COUNTS = (1, 10, 100, 500)
SYMBOLS = int(os.environ.get("METRICSTORE_BENCH_SYMBOLS", "50"))
DAYS = int(os.environ.get("METRICSTORE_BENCH_DAYS", "250"))
MOST_SECONDS = float(os.environ.get("METRICSTORE_BENCH_SECONDS", "180"))
MINUTES = 390

COLUMNS = ("symbol integer, day integer, month integer, minute integer, open float8, high float8, low float8, close float8, "
           "volume bigint, trades bigint, PRIMARY KEY (symbol, day, minute)")


def emit(case, unit, ours, peer=None, peer_name=None, better="lower", **more):
    ratio = None if peer is None else (peer / ours if better == "lower" else ours / peer)
    rounded = lambda value: None if value is None else float(f"{value:.4g}")
    print(json.dumps({"bench": "engine", "case": case, "unit": unit, "ours": rounded(ours), "peer": rounded(peer),
                      "peer_name": peer_name, "ratio": rounded(ratio), **more}), flush=True)


class Bench:
    """engine_bench over one size of bars."""

    def __init__(self, folder, symbols):
        preset = os.environ.get("METRICSTORE_PRESET", "release")
        self.program = stack.ROOT / ".dev" / "build" / preset / "bin" / "engine_bench"
        if not self.program.exists():
            sys.exit("engine_bench is not built: ./dev bench engine builds it where DuckDB's library is")
        self.rows = symbols * DAYS * MINUTES
        self.cases = {f"metrics={count}": engine_metrics.case(count) for count in COUNTS}
        self.path = pathlib.Path(folder) / f"cases_{symbols}.json"
        self.path.write_text(json.dumps({"symbols": symbols, "days": DAYS, "cases": self.cases}))

    def run(self, command, *arguments, out=subprocess.PIPE):
        done = subprocess.run([self.program, command, self.path, *arguments], stdout=out, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"engine_bench {command}: exit {done.returncode}")
        return done.stdout

    def lines(self, command):
        return [json.loads(line) for line in self.run(command).splitlines()]


def beside_duckdb(bench):
    """Ours and DuckDB's; returns ours by case."""
    ours, theirs = {}, {}
    for line in bench.lines("compare"):
        form = min(line["duckdb"], key=line["duckdb"].get)
        ours[line["case"]], theirs[line["case"]] = line["ours"], line["duckdb"][form]
        emit(line["case"], "s", line["ours"], line["duckdb"][form], "duckdb", rows=bench.rows, form=form)
        emit(f"{line['case']}, no two symbols of the same times", "s", line["ours_apart"], line["duckdb"][form], "duckdb",
             rows=bench.rows, form=form)
    for less, more in zip(COUNTS, COUNTS[1:]):
        added = lambda seconds: (seconds[f"metrics={more}"] - seconds[f"metrics={less}"]) / (more - less) * 1e3
        emit(f"each metric from {less} to {more}", "ms", added(ours), added(theirs), "duckdb", rows=bench.rows)
    return ours


class PostgreSQL:
    """Bars in a schema for each size."""

    def __init__(self, instance, folder):
        self.instance = instance
        self.folder = pathlib.Path(folder)

    def script(self, text):
        path = self.folder / "script.sql"
        path.write_text(text)
        return self.instance.dev("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path)).stdout

    def load(self, schema, bench):
        path = self.folder / "bars.csv"
        with open(path, "w", encoding="ascii") as file:
            bench.run("bars", out=file)
        self.script(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.bars ({COLUMNS});\n"
                    f"\\copy {schema}.bars FROM '{path}' WITH (FORMAT csv)\n"
                    f"CREATE TABLE {schema}.days AS SELECT DISTINCT day, month FROM {schema}.bars;\n"
                    f"VACUUM ANALYZE {schema}.bars; ANALYZE {schema}.days;")
        path.unlink()

    def seconds(self, schema, name, bench, form, jit):
        """Of all statements of a form, after comparing what they gave."""
        files = []
        text = [f"SET search_path = {schema}; SET max_parallel_workers_per_gather = 0; SET work_mem = '1GB'; SET jit = {jit};"]
        for i, statement in enumerate(bench.cases[name]["postgresql"][form]):
            files.append(self.folder / f"answer_{i}.csv")
            text += ["\\timing on", f"CREATE TEMP TABLE answer_{i} AS {statement};", "\\timing off",
                     f"\\copy answer_{i} TO '{files[-1]}' WITH (FORMAT csv, HEADER)"]
        output = self.script("\n".join(text))
        bench.run("check", name, *files)
        return sum(float(found) for found in re.findall(r"Time: ([0-9.]+) ms", output)) / 1e3


def beside_postgresql(database, few, full, ours):
    """The better form is found on a few symbols; then all of them where that does not take too long."""
    for name in full.cases:
        forms = {(form, jit): database.seconds("few", name, few, form, jit)
                 for form in few.cases[name]["postgresql"] for jit in ("off", "on")}
        form, jit = best = min(forms, key=forms.get)
        if forms[best] * full.rows / few.rows < MOST_SECONDS:
            emit(name, "s", ours[name], database.seconds("everything", name, full, form, jit), "postgresql", rows=full.rows,
                 form=f"{form}, jit {jit}")
        else:
            alone = {line["case"]: line["ours"] for line in few.lines("ours")}
            emit(name, "s", alone[name], forms[best], "postgresql", rows=few.rows, form=f"{form}, jit {jit}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        full, few = Bench(folder, SYMBOLS), Bench(folder, max(1, SYMBOLS // 10))
        print(f"engine: {full.rows} bars of {SYMBOLS} symbols, metrics {COUNTS}", file=sys.stderr)
        ours = beside_duckdb(full)
        for line in full.lines("alone"):
            emit(line["case"], line["unit"], line["ours"], line["peer"], line["peer_name"],
                 better="higher" if line["unit"] == "GB/s" else "lower")
        with stack.Stack() as instance:
            database = PostgreSQL(instance, folder)
            database.load("few", few)
            database.load("everything", full)
            beside_postgresql(database, few, full, ours)


if __name__ == "__main__":
    main()
