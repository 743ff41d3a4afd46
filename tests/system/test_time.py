"""Calendars, windows and what a changed calendar does, through metricctl and grpcurl on a private stack."""

import collections
import csv
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import unittest
import zoneinfo

import stack

MARKET = stack.ROOT / "packs/market"
CALENDARS = MARKET / "calendars"
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
METRICS = """
- {name: sma_3, category: windows, description: Mean close of three sessions., type: avg, unit: USD, grain: day,
   table: fact_bars, window: rolling_3_sessions of rth, expression: avg(close)}
- {name: volume_mtd, category: windows, description: Volume of the month so far., type: sum, unit: shares, grain: day,
   table: fact_bars, window: month_to_date of rth, expression: sum(volume)}
- {name: previous_close, category: windows, description: Last price of the session before., type: derived, unit: USD,
   grain: day, table: fact_bars, window: {previous: 1, session: rth}, expression: last(close)}
- {name: largest_hour, category: windows, description: Largest volume of an hour from the open., type: max, unit: shares,
   grain: day, table: fact_bars, window: rth, timeframe: 1h, timeframe_alignment: session, expression: max(volume)}
- {name: bars_of_15m, category: windows, description: Quarter hours with a trade., type: count, unit: bars, grain: day,
   table: fact_bars, window: rth, timeframe: 15m, expression: count(close)}
- {name: month_end_close, category: windows, description: Closing price., type: derived, unit: USD, grain: day,
   table: fact_bars, window: first_30m, rollup: last, expression: last(close)}
- {name: busy_close, category: windows, description: Last price of minutes with a great volume., type: derived, unit: USD,
   grain: day, table: fact_bars, window: rth, filters: ["volume > 1e12"], expression: last(close)}
"""


class Time(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = stack.Stack().__enter__()
        cls.folder = tempfile.TemporaryDirectory()
        cls.stack.ctl("import", MARKET)
        file = cls.path("metrics.yaml")
        file.write_text(METRICS)
        cls.stack.ctl("import", file)
        cls.bars = stack.generated_bars(cls.folder.name, 60, ["AAA", "BBB"], start="2024-01-02")
        with open(cls.bars, newline="") as rows:
            cls.rows = list(csv.DictReader(rows))
        cls.stack.ctl("ingest", "fact_bars", cls.bars)

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return pathlib.Path(cls.folder.name) / name

    def refused(self, *arguments, says):
        done = self.stack.ctl(*arguments, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        for text in says:
            self.assertIn(text.lower(), (done.stderr + done.stdout).lower())

    # ---- calendars ------------------------------------------------------------------------------

    def resolve(self, calendar, window, first, last, *arguments):
        done = self.stack.ctl("calendars", "resolve", "--calendar", calendar, "--window", window, "--from", first, "--to", last,
                              "-o", "csv", *arguments)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "trade_date,start_utc,end_utc")
        return [tuple(line.split(",")) for line in lines[1:]]

    def test_windows_resolve_to_the_instants_that_they_show(self):
        # The clock changed on March 10; 2024-07-03 closed at 13:00.
        self.assertEqual(self.resolve("XNYS", "first_30m", "2024-03-08", "2024-03-11"),
                         [("2024-03-08", "2024-03-08T14:30:00Z", "2024-03-08T15:00:00Z"),
                          ("2024-03-11", "2024-03-11T13:30:00Z", "2024-03-11T14:00:00Z")])
        self.assertEqual(self.resolve("XNYS", "last_30m", "2024-07-03", "2024-07-05"),
                         [("2024-07-03", "2024-07-03T16:30:00Z", "2024-07-03T17:00:00Z"),
                          ("2024-07-05", "2024-07-05T19:30:00Z", "2024-07-05T20:00:00Z")])
        self.assertEqual(self.resolve("XHKG", "rth", "2024-05-06", "2024-05-06"),
                         [("2024-05-06", "2024-05-06T01:30:00Z", "2024-05-06T04:00:00Z"),
                          ("2024-05-06", "2024-05-06T05:00:00Z", "2024-05-06T08:00:00Z")])
        # Sunday evening's globex session is Monday's.
        self.assertEqual(self.resolve("CME_GLOBEX_EQUITY", "globex", "2024-05-04", "2024-05-06"),
                         [("2024-05-06", "2024-05-05T22:00:00Z", "2024-05-06T21:00:00Z")])
        self.assertEqual(self.resolve("XNYS", "rth", "2024-05-27", "2024-05-27"), [])  # Memorial Day
        self.assertEqual(self.resolve("XNYS", "previous of rth", "2024-05-28", "2024-05-28"),
                         [("2024-05-28", "2024-05-24T13:30:00Z", "2024-05-24T20:00:00Z")])
        self.assertEqual(self.resolve("24_7", "full_day", "2024-05-01", "2024-05-31", "--grain", "month"),
                         [("2024-05-01", "2024-05-01T00:00:00Z", "2024-06-01T00:00:00Z")])

    def test_every_page_of_a_long_answer_comes_once(self):
        pieces = self.resolve("24_7", "full_day", "2000-01-01", "2039-12-31")
        self.assertEqual(len(pieces), 14610)
        self.assertEqual([piece[0] for piece in pieces], sorted({piece[0] for piece in pieces}))
        rolling = self.resolve("XNYS", "rolling_250_sessions of rth", "2024-01-02", "2024-06-28")
        counts = collections.Counter(piece[0] for piece in rolling)
        self.assertEqual(set(counts.values()), {250})
        self.assertEqual(len(counts), 124)

    @unittest.skipUnless(os.environ.get("METRICSTORE_GRPCURL") and os.access(os.environ["METRICSTORE_GRPCURL"], os.X_OK),
                         "SKIPPED: grpcurl is not built; ./dev grpcurl builds it")
    def test_grpcurl_resolves_a_window(self):
        request = {"calendar": "XNYS", "window_text": "rth", "dates": {"start_date": "2024-11-29", "end_date": "2024-11-30"}}
        done = subprocess.run([os.environ["METRICSTORE_GRPCURL"], "-plaintext", "-d", json.dumps(request),
                               self.stack.env["METRICSTORE_REGISTRY"], "metricstore.registry.v1.DatasetService/ResolveWindow"],
                              text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(piece["tradeDate"], piece["startTime"], piece["endTime"]) for piece in json.loads(done.stdout)["pieces"]],
                         [("2024-11-29", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z")])

    def test_wrong_questions_get_clear_answers(self):
        dates = ("--from", "2024-01-02", "--to", "2024-01-03")
        self.refused("calendars", "resolve", "--calendar", "XNYSE", "--window", "rth", *dates, says=["XNYSE", "did you mean", "XNYS"])
        self.refused("calendars", "resolve", "--calendar", "XNYS", "--window", "rht", *dates, says=["rht", "did you mean", "rth"])
        self.refused("calendars", "resolve", "--calendar", "XNYS", "--window", "first_30x", *dates, says=["first_30x"])
        self.refused("calendars", "resolve", "--calendar", "XNYS", "--window", "week_to_date", "--grain", "month", *dates, says=["week", "month"])
        self.refused("calendars", "resolve", "--calendar", "XNYS", "--window", "rth", "--from", "2050-01-01", "--to", "2050-01-02",
                     says=["2027-12-31"])
        self.refused("calendars", "resolve", "--calendar", "XNYS", "--window", "rth", "--from", "2024-02-01", "--to", "2024-01-01",
                     says=["--from", "--to"])

    def test_calendars_are_exported_and_come_back_as_they_were(self):
        first, second = self.path("calendars_first"), self.path("calendars_second")
        self.stack.ctl("calendars", "export", "--dir", first)
        files = {str(path.relative_to(first)): path.read_bytes() for path in sorted(first.rglob("*.yaml"))}
        names = {json.loads(line)["name"] if line.startswith("{") else line for line in
                 [calendar["name"] for calendar in json.loads(self.stack.ctl("calendars", "list", "-o", "json").stdout)]}
        self.assertLessEqual({"XNYS", "XLON", "XHKG", "XTKS", "CME_GLOBEX_EQUITY", "CME_GLOBEX_FX", "FX_24_5", "24_7"}, names)
        self.assertEqual(len(files), len(names))
        outcomes = json.loads(self.stack.ctl("calendars", "import", first, "-o", "json").stdout)
        outcomes = outcomes["outcomes"] if isinstance(outcomes, dict) else outcomes
        self.assertEqual({outcome["action"] for outcome in outcomes}, {"unchanged"})
        self.stack.ctl("calendars", "export", "--dir", second)
        self.assertEqual({str(path.relative_to(second)): path.read_bytes() for path in sorted(second.rglob("*.yaml"))}, files)

    def test_a_broken_calendar_is_refused_with_every_fault_and_its_line(self):
        text = (CALENDARS / "XHKG.yaml").read_text()
        file = self.path("broken.yaml")
        file.write_text(text.replace("Asia/Hong_Kong", "Asia/Hong_Kongo").replace("name: XHKG", "name: BROKEN", 1))
        self.refused("calendars", "validate", file, says=["Asia/Hong_Kongo", "broken.yaml"])
        self.refused("calendars", "import", file, says=["Asia/Hong_Kongo"])
        self.assertNotIn("BROKEN", self.stack.ctl("calendars", "list").stdout)
        self.refused("calendars", "import", self.path("metrics.yaml"), says=["metric"])

    @unittest.skipUnless((stack.SHARED_DATA / "calendars").is_dir(), "shared/data/calendars is not there")
    def test_every_session_equals_the_references(self):
        def stamp(text):
            return text.replace(" ", "T") + "Z" if text else ""

        expected = collections.defaultdict(dict)
        for name in ("sessions_xnys_cmes_xlon_247_2012_2023", "sessions_globex_equity_nyse_2012_2023"):
            with open(stack.SHARED_DATA / "calendars" / f"{name}.csv", newline="", encoding="utf-8-sig") as file:
                for row in csv.DictReader(file):
                    expected[row["calendar"]][row["session"]] = row
        asked = {"XNYS": ("XNYS", "rth"), "XLON": ("XLON", "rth"), "24/7": ("24_7", "rth"),
                 "CME Globex Equity": ("CME_GLOBEX_EQUITY", "globex"), "NYSE": ("XNYS", "rth")}
        for reference, (calendar, session) in asked.items():
            found = self.resolve(calendar, session, "2012-01-01", "2023-12-31")
            self.assertEqual(found, [(date, stamp(row["open_utc"]), stamp(row["close_utc"])) for date, row in sorted(expected[reference].items())],
                             reference)
        nyse = sorted(expected["NYSE"].items())
        self.assertEqual(self.resolve("XNYS", "pre", "2012-01-01", "2023-12-31"),
                         [(date, stamp(row["pre_utc"]), stamp(row["open_utc"])) for date, row in nyse])
        self.assertEqual(self.resolve("XNYS", "post", "2012-01-01", "2023-12-31"),
                         [(date, stamp(row["close_utc"]), stamp(row["post_utc"])) for date, row in nyse if row["post_utc"] != row["close_utc"]])

    # ---- windows over rows ----------------------------------------------------------------------

    def sessions(self, symbol):
        """Bars of the regular session, by trade date, in order. The generator knows no holidays."""
        opened = {date for date, _, _ in self.resolve("XNYS", "rth", "2024-01-01", "2024-03-31")}
        dates = collections.defaultdict(list)
        for row in self.rows:
            local = datetime.datetime.fromisoformat(row["ts"].replace("Z", "+00:00")).astimezone(NEW_YORK)
            if row["symbol"] == symbol and datetime.time(9, 30) <= local.time() < datetime.time(16):
                if str(local.date()) in opened:
                    dates[str(local.date())].append((local, row))
        return {date: sorted(rows, key=lambda pair: pair[0]) for date, rows in sorted(dates.items())}

    def points(self, metric, symbol, *arguments):
        done = self.stack.ctl("trend", metric, "--entity", symbol, "--from", "2024-01-01", "--to", "2024-03-31", *arguments, "-o", "csv")
        return {row["bucket_start"][:10]: float(row["value"]) for row in csv.DictReader(done.stdout.splitlines())}

    def same(self, found, expected):
        self.assertEqual(found.keys(), expected.keys())
        for date, value in expected.items():
            self.assertAlmostEqual(found[date], value, delta=1e-9 * max(1, abs(value)), msg=date)

    def test_windows_over_rows_give_the_numbers_that_python_gives(self):
        # In parts, so that windows reach over what one job computes.
        for first, last in (("2024-01-01", "2024-01-31"), ("2024-02-01", "2024-03-31")):
            self.stack.ctl("backfill", "--metrics", "windows/*", "--from", first, "--to", last)
        for symbol in ("AAA", "BBB"):
            sessions = self.sessions(symbol)
            dates = list(sessions)
            volume = {date: [float(row["volume"]) for _, row in rows] for date, rows in sessions.items()}
            close = {date: [float(row["close"]) for _, row in rows] for date, rows in sessions.items()}
            # The window of three sessions sees the last rows from the two sessions after them too.
            seen = dates + [date for date, _, _ in self.resolve("XNYS", "rth", dates[-1], "2024-03-31")][1:3]
            self.same(self.points("windows/sma_3", symbol),
                      {date: statistics.fmean(value for day in seen[max(0, i - 2):i + 1] for value in close.get(day, [])) for i, date in enumerate(seen)})
            rest = dates + [date for date, _, _ in self.resolve("XNYS", "rth", dates[-1], "2024-03-31")][1:]
            self.same(self.points("windows/volume_mtd", symbol),
                      {date: sum(sum(volume[day]) for day in dates if day[:7] == date[:7] and day <= date) for date in rest})
            self.same(self.points("windows/previous_close", symbol),
                      {date: close[seen[i - 1]][-1] for i, date in enumerate(seen) if 0 < i <= len(dates)})
            hours, quarters = {}, {}
            for date, rows in sessions.items():
                by_hour = collections.defaultdict(float)
                for local, row in rows:
                    by_hour[(local.hour * 60 + local.minute - 570) // 60] += float(row["volume"])
                hours[date] = max(by_hour.values())
                quarters[date] = len({(local.hour * 60 + local.minute) // 15 for local, _ in rows})
            self.same(self.points("windows/largest_hour", symbol), hours)
            self.same(self.points("windows/bars_of_15m", symbol), quarters)

    def test_a_coarser_grain_folds_by_the_rollup(self):
        self.stack.ctl("backfill", "--metrics", "windows/month_end_close", "--grain", "month", "--from", "2024-01-01", "--to", "2024-03-31")
        expected = {}
        for date, rows in self.sessions("AAA").items():
            first = [row for local, row in rows if local.time() < datetime.time(10)]
            if first:
                expected[date[:7] + "-01"] = float(first[-1]["close"])
        self.same(self.points("windows/month_end_close", "AAA", "--grain", "month"), expected)

    # ---- freshness ------------------------------------------------------------------------------

    def freshness(self, metric):
        done = self.stack.ctl("freshness", metric, "-o", "json")
        answer = json.loads(done.stdout)
        answer = answer["metrics"] if isinstance(answer, dict) else answer
        self.assertEqual(len(answer), 1)
        return answer[0]

    def state(self, metric):
        return self.freshness(metric)["state"].lower().removeprefix("state_")

    def test_late_rows_and_changed_calendars_make_points_stale_until_they_are_computed_again(self):
        with stack.Stack() as own:
            mine, self.stack = self.stack, own
            try:
                self.check_staleness(own)
            finally:
                self.stack = mine

    def check_staleness(self, own):
        own.ctl("import", MARKET)
        own.ctl("import", self.path("metrics.yaml"))
        own.ctl("ingest", "fact_bars", self.bars)
        everything = ("--from", "2024-01-01", "--to", "2024-03-31")
        self.assertEqual(self.state("windows/sma_3"), "never_computed")
        own.ctl("backfill", "--metrics", "windows/*", *everything)
        # No row passes busy_close's filter: it has no points, and nothing to compute either.
        for metric in ("windows/sma_3", "windows/previous_close", "windows/busy_close"):
            self.assertEqual(self.state(metric), "fresh", metric)
        self.assertIn("nothing is stale", " ".join(own.ctl("backfill", "--stale", "--metrics", "windows/*").stderr.lower().split()))

        # A row that comes late into a computed session: that session and the two after it.
        late = self.path("late.csv")
        late.write_text("symbol,ts,open,high,low,close,volume\nAAA,2024-01-16T15:00:30Z,1,1,1,1,7\n")
        own.ctl("ingest", "fact_bars", late)
        stale = self.freshness("windows/sma_3")
        self.assertEqual(self.state("windows/sma_3"), "rows_changed")
        dates = stale["stale_dates"]
        self.assertEqual((dates[0]["start_date"], dates[-1]["end_date"]), ("2024-01-16", "2024-01-19"))
        own.ctl("backfill", "--stale", "--metrics", "windows/*")
        self.assertEqual(self.state("windows/sma_3"), "fresh")
        self.assertEqual(self.state("windows/busy_close"), "fresh")

        # A holiday in January, and one on the last day that has rows.
        untouched = own.results_md5()
        before = self.points("windows/bars_of_15m", "AAA")
        self.assertIn("2024-01-24", before)
        text = (CALENDARS / "XNYS.yaml").read_text()
        changed = self.path("XNYS.yaml")
        changed.write_text(text.replace("holidays:\n", "holidays:\n  - {name: A day of rest, on: {dates: [2024-01-24, 2024-03-25]}}\n", 1))
        planned = own.ctl("plan", changed)
        self.assertIn("2024-01-24", planned.stdout + planned.stderr)
        self.assertEqual(self.state("windows/bars_of_15m"), "fresh")
        done = own.ctl("calendars", "import", changed)
        self.assertIn("windows/bars_of_15m", done.stdout + done.stderr)
        self.assertIn("2024-01-24", done.stdout + done.stderr)
        self.assertEqual(self.state("windows/bars_of_15m"), "calendar_changed")
        self.assertEqual([(dates["start_date"], dates["end_date"]) for dates in self.freshness("windows/bars_of_15m")["stale_dates"]],
                         [("2024-01-24", "2024-01-25"), ("2024-03-25", "2024-03-26")])
        own.ctl("backfill", "--stale", "--metrics", "windows/*")
        self.assertEqual(self.state("windows/bars_of_15m"), "fresh")
        after = self.points("windows/bars_of_15m", "AAA")
        self.assertEqual({date: value for date, value in before.items() if date not in ("2024-01-24", "2024-03-25")}, after)
        # What is stored is what a computation from nothing gives.
        hashed = own.results_md5()
        own.psql("DELETE FROM metric_chunk")
        own.ctl("ingest", "fact_bars", late)  # unchanged rows are no reason for another job
        own.ctl("backfill", "--metrics", "windows/*", *everything)
        self.assertEqual(own.results_md5(), hashed)
        # The holidays are taken back: points come back on dates that have none, at the end of the data too.
        own.ctl("calendars", "import", CALENDARS / "XNYS.yaml")
        own.ctl("backfill", "--stale", "--metrics", "windows/*")
        self.assertEqual(own.results_md5(), untouched)

        # A calendar that ends before the data does: a plan and a dry run say of the points outside what the import says.
        shrunk = self.path("XNYS_until_March.yaml")
        shrunk.write_text(text.replace("last_date: 2027-12-31", "last_date: 2024-03-01", 1))
        known = " 2012-01-01 to 2024-03-01: points outside stay as they are"
        planned = own.ctl("plan", shrunk).stdout
        self.assertIn("note: calendar XNYS would know" + known, planned)
        self.assertNotRegex(planned, r"series, .*2024-03-(0[2-9]|[123]\d)")
        self.assertIn("note: calendar XNYS would know" + known, own.ctl("calendars", "import", shrunk, "--dry-run").stderr)
        self.assertIn("note: calendar XNYS knows" + known, own.ctl("calendars", "import", shrunk).stderr)

    def test_marks_on_dates_without_rows_are_met_and_stop_no_other_job(self):
        with stack.Stack() as own:
            mine, self.stack = self.stack, own
            try:
                self.check_marks_without_rows(own)
            finally:
                self.stack = mine

    def check_marks_without_rows(self, own):
        own.ctl("import", MARKET)
        own.ctl("import", self.path("metrics.yaml"))
        own.ctl("ingest", "fact_bars", MARKET / "sample/bars_1m.csv")  # 2024-03-04 to 2024-03-15
        nightly = ("--metrics", "*_us", "--metrics", "rth_*", "--metrics", "windows/*")
        own.ctl("backfill", *nightly, "--from", "2024-03-04", "--to", "2024-03-15")
        # Windows that reach back show the rows in later sessions as well; those need not be computed yet.
        fresh = own.ctl("freshness", "*_us", "rth_*", "windows/*", "--stale", "--exit-code", check=False)
        self.assertEqual(fresh.returncode, 0, fresh.stdout)
        self.assertIn("nothing is stale", own.ctl("backfill", "--stale", *nightly).stderr)

        own.ctl("backfill", "--metrics", "rth_close", "--from", "2024-01-01", "--to", "2024-03-15")
        changed = self.path("XNYS.yaml")
        changed.write_text((CALENDARS / "XNYS.yaml").read_text().replace(
            "holidays:\n", "holidays:\n  - {name: A day of rest, on: {dates: [2024-02-20, 2024-03-13]}}\n", 1))
        own.ctl("calendars", "import", changed)
        self.assertEqual([dates["start_date"] for dates in self.freshness("rth_close")["stale_dates"]], ["2024-02-20", "2024-03-13"])
        done = own.ctl("backfill", "--stale", "--metrics", "rth_close")
        self.assertIn("succeeded with nothing to read: calendar XNYS has no session on 2024-02-20", done.stderr)
        self.assertEqual(self.state("rth_close"), "fresh")
        self.assertIn("nothing is stale", own.ctl("backfill", "--stale", "--metrics", "rth_close").stderr)
        bucket_starts = [row[5] for row in own.trend("rth_close", "ACME", "2024-03-12", "2024-03-14")]
        self.assertEqual([start[:10] for start in bucket_starts], ["2024-03-12", "2024-03-14"])

        # By hand it is no error either, but of a dataset that has no rows at all it is.
        empty = own.ctl("backfill", "--metrics", "rth_close", "--from", "2023-05-01", "--to", "2023-05-31", "-o", "json")
        self.assertIn("nothing to read: the datasets have no rows for these dates", empty.stderr)
        self.assertEqual(json.loads(empty.stdout)["state"], "succeeded")
        self.refused("backfill", "--metrics", "utc_*", "--from", "2024-03-04", "--to", "2024-03-05",
                     says=["BACKFILL_EMPTY", "fact_bars_utc has no rows"])


if __name__ == "__main__":
    stack.main()
