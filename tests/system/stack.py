"""A private stack (PostgreSQL, both services) started by ./dev in a folder of its own, for tests that use it as people do."""

import contextlib
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"


class Stack:
    """Use as a context manager; nothing it starts or writes outlives it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="ms")
        self.run_dir = pathlib.Path(self._folder.name) / "run"
        self.env = dict(os.environ, METRICSTORE_RUN_DIR=str(self.run_dir), METRICSTORE_NO_BUILD="yes")
        self.env.pop("METRICSTORE_PROJECT", None)

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.dev("down")
        self._folder.cleanup()

    def dev(self, *arguments, check=True):
        done = subprocess.run([str(ROOT / "dev"), *arguments], env=self.env, text=True, capture_output=True)
        if check and done.returncode != 0:
            raise AssertionError(f"./dev {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def up(self):
        """Starts what is not running; sets the addresses that metricctl reads."""
        output = self.dev("up").stdout
        for line in self.dev("env").stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            if name.startswith("METRICSTORE_"):
                self.env[name] = value
            elif name == "PATH" and not self.env["PATH"].startswith(value.partition(":")[0]):
                self.env["PATH"] = value.partition(":")[0] + ":" + self.env["PATH"]
        return output

    def kill(self, name, number=signal.SIGKILL):
        os.kill(int((self.run_dir / f"{name}.pid").read_text()), number)

    def ctl(self, *arguments, check=True, stdin=None, env=None):
        done = subprocess.run(["metricctl", *map(str, arguments)], env={**self.env, **(env or {})}, text=True,
                              capture_output=True, input=stdin, timeout=600)
        if check and done.returncode != 0:
            raise AssertionError(f"metricctl {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def ctl_in_background(self, *arguments):
        return subprocess.Popen(["metricctl", *map(str, arguments)], env=self.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def trend(self, metric, entity, first, last, grain=None):
        """The rows of `metricctl trend -o csv` as lists of text, header checked and dropped."""
        extra = ["--grain", grain] if grain else []
        lines = self.ctl("trend", metric, "--entity", entity, "--from", first, "--to", last, *extra, "-o", "csv").stdout.splitlines()
        assert lines[0] == "metric,version,entity,dimensions,grain,bucket_start,value", lines[0]
        return [line.split(",") for line in lines[1:]]

    def psql(self, sql):
        return self.dev("psql", "-qAt", "-c", sql).stdout.strip()

    @contextlib.contextmanager
    def table_locked(self, table):
        """Nobody else writes to the table inside the `with`; readers are not held up."""
        holder = subprocess.Popen([str(ROOT / "dev"), "psql", "-qAt"], env=self.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            holder.stdin.write(f"BEGIN; LOCK TABLE {table} IN SHARE MODE; SELECT 'locked';\n")
            holder.stdin.flush()
            answer = holder.stdout.readline().strip()
            if answer != "locked":
                raise AssertionError(f"{table} was not locked: {answer}")
            yield
        finally:
            holder.stdin.close()
            holder.wait(timeout=30)
            holder.stdout.close()

    def results_md5(self):
        """One hash over every stored point in a fixed order."""
        text = self.psql("SELECT metric_id, version, grain, entity, dimensions, bucket_start, value, status "
                         "FROM metrics_trend_point ORDER BY 1, 2, 3, 4, 5::text, 6")
        return hashlib.md5(text.encode()).hexdigest()

    def tuples(self, *tables):
        """Place and inserting transaction of every stored row: equal before and after only if nothing was written between."""
        return {table: self.psql(f"SELECT count(*), md5(string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid)) FROM {table}")
                for table in tables}


def generated_bars(folder, days, symbols, start="2023-01-02"):
    """A CSV of made-up minute bars from the market pack's own generator."""
    path = pathlib.Path(folder) / "bars.csv"
    subprocess.run([sys.executable, str(ROOT / "packs/market/generate_sample.py"), "--days", str(days), "--symbols", ",".join(symbols),
                    "--start", start, "--out", str(path)], check=True)
    return path


def main():
    """Runs the calling module's tests; exit 77 (skipped, to ctest) if every test was skipped."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if result.testsRun and len(result.skipped) == result.testsRun:
        print("SKIPPED: " + "; ".join(sorted({reason for _, reason in result.skipped})))
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)


def ingest_summary(done):
    """The JSON summary that `metricctl ingest -o json` printed."""
    return json.loads(done.stdout)
