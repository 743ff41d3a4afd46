"""What the suites of other semantic layers share: their rows on a private stack, our definitions over them, and comparisons.

Such layers group by dimensions; here a group is a metric with a filter.
"""

import csv
import json
import math
import pathlib
import tempfile
import unittest

import stack

SUITES = stack.SHARED_DATA / "suites"

CALENDAR = """\
kind: calendar
name: plain
description: Every day of UTC.
time_zone: UTC
first_date: {first}
last_date: 2025-12-31
open_days: [mon, tue, wed, thu, fri, sat, sun]
sessions:
  - {{name: rth, open: "00:00", close: "24:00"}}
"""


def dataset(name, grain, time_column, columns):
    lines = [f"kind: dataset\nname: {name}\ndescription: Rows of the suite.\ngrain: [{', '.join(grain)}]\ntime_column: {time_column}\ncalendar: plain\npartitioning: none\ncolumns:"]
    for column, kind in columns.items():
        nullable = "" if column in grain or column == time_column else ", nullable: true"
        lines.append(f"  - {{name: {column}, type: {kind}{nullable}}}")
    return "\n".join(lines) + "\n"


def metric(name, expression, table=None, grain="month", filters=(), window=None, rollup=None, kind="derived"):
    lines = [f"- name: {name}", "  description: A metric of the suite.", f"  type: {kind}", f"  grain: {grain}", f"  expression: {json.dumps(expression)}"]
    for key, value in (("table", table), ("window", window), ("rollup", rollup)):
        if value:
            lines.append(f"  {key}: {value}")
    if filters:
        lines.append(f"  filters: {json.dumps(list(filters))}")
    return "\n".join(lines) + "\n"


class Suite(unittest.TestCase):
    """A stack with one suite's definitions and rows."""

    @classmethod
    def start(cls, datasets, metrics, tables, first_date="2019-01-01"):
        cls.stack = stack.Stack().__enter__()
        cls._folder = tempfile.TemporaryDirectory(prefix="ms")
        folder = pathlib.Path(cls._folder.name)
        (folder / "calendars").mkdir()
        (folder / "datasets").mkdir()
        (folder / "metrics" / "suite").mkdir(parents=True)
        (folder / "calendars" / "plain.yaml").write_text(CALENDAR.format(first=first_date))
        for number, text in enumerate(datasets):
            (folder / "datasets" / f"{number}.yaml").write_text(text)
        (folder / "metrics" / "suite" / "metrics.yaml").write_text("".join(metrics))
        cls.stack.ctl("import", folder)
        for name, rows in tables.items():
            file = folder / f"{name}.csv"
            with file.open("w", newline="", encoding="utf-8") as out:
                writer = csv.DictWriter(out, rows[0].keys())
                writer.writeheader()
                writer.writerows(rows)
            cls.stack.ctl("ingest", name, file)

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()
        cls.stack.__exit__()

    def evaluate_all(self, metrics, first, last, grain=None, by_hour=False):
        """Points by metric, and by date or by date and hour, as metricctl evaluates them in one pass, storing nothing."""
        extra = ["--grain", grain] if grain else []
        lines = self.stack.ctl("evaluate", *metrics, "--from", first, "--to", last, *extra, "-o", "csv").stdout.splitlines()
        points = {}
        for row in csv.DictReader(lines):
            points.setdefault(row["metric"], {})[row["bucket_start"][:13 if by_hour else 10]] = None if row["value"] == "" else float(row["value"])
        return points

    def evaluate(self, metric, first, last, **options):
        """The points of the only metric of a name or a file."""
        points = self.evaluate_all([metric], first, last, **options)
        self.assertLessEqual(len(points), 1)
        return next(iter(points.values()), {})

    def compare(self, metric, points, expected):
        self.assertEqual(sorted(points), sorted(expected), f"{metric}: buckets differ")
        for date, value in expected.items():
            if value is None or points[date] is None:
                self.assertEqual(points[date], value, f"{metric} {date}")
            else:
                self.assertTrue(math.isclose(points[date], value, rel_tol=1e-12, abs_tol=1e-12),
                                f"{metric} {date}: {points[date]}, expected {value}")

    def check(self, metric, first, last, expected, **options):
        self.compare(metric, self.evaluate(metric, first, last, **options), expected)
