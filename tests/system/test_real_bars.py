"""Real vendor bars reproduce the vendor's own roll-ups. Needs ../shared/data; skipped visibly without it."""

import csv
import unittest

import stack

BARS = stack.SHARED_DATA / "bars"
COLUMNS = ("open", "high", "low", "close", "volume")


def instant(text):
    return text.replace(" ", "T") + "Z"


@unittest.skipUnless(BARS.is_dir(), "real data is absent: ../shared/data/bars")
class RealBars(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = stack.Stack().__enter__()
        cls.stack.ctl("import", stack.ROOT / "packs/market")

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()

    def reference(self, name, time_header):
        with (BARS / name).open(encoding="utf-8-sig") as file:
            return {(row["symbol"], row[time_header]): row for row in csv.DictReader(file)}

    def test_15_minute_bars_roll_up_to_the_vendors_hours_and_days(self):
        self.stack.ctl("ingest", "fact_bars_utc", BARS / "aapl_15m_utc_2017_2020.csv", "--map", "ts=ts_utc")
        for grain, name in (("hour", "aapl_1h_ref.csv"), ("day", "aapl_1d_ref.csv")):
            reference = {instant(when): row for (_, when), row in self.reference(name, "ts_utc").items()}
            first, last = min(reference)[:10], max(reference)[:10]
            self.stack.ctl("backfill", "--metrics", f"utc_{grain}_*", "--entity", "AAPL", "--from", first, "--to", last)
            for column in COLUMNS:
                points = {p[5]: float(p[6]) for p in self.stack.trend(f"utc_{grain}_{column}", "AAPL", first, last, grain)}
                self.assertEqual(points.keys(), reference.keys(), f"{grain} {column}: buckets differ")
                for when, row in reference.items():
                    if column == "volume":
                        self.assertEqual(points[when], float(row[column]), f"{grain} {when}")
                    else:
                        self.assertAlmostEqual(points[when], float(row[column]), delta=1e-9, msg=f"{grain} {column} {when}")

    def test_rth_open_and_close_equal_the_vendors_daily_bars(self):
        self.stack.ctl("ingest", "fact_bars", BARS / "lean_spy_bac_1m_2013_10.csv", "--timezone", "America/New_York",
                       "--map", "ts=ts_ny_local")
        reference = self.reference("lean_spy_bac_1d_ref.csv", "session")
        first, last = min(day for _, day in reference), max(day for _, day in reference)
        for symbol in ("SPY", "BAC"):
            days = {day: row for (name, day), row in reference.items() if name == symbol}
            self.stack.ctl("backfill", "--metrics", "rth_open", "--metrics", "rth_close", "--entity", symbol, "--from", first, "--to", last)
            for column in ("open", "close"):
                points = {p[5][:10]: float(p[6]) for p in self.stack.trend(f"rth_{column}", symbol, first, last)}
                self.assertEqual(points, {day: float(row[column]) for day, row in days.items()}, f"{symbol} {column}")


if __name__ == "__main__":
    stack.main()
