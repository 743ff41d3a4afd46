"""The pack's sample is what its generator writes, and looks like minute bars."""

import csv
import datetime
import decimal
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("METRICSTORE_SOURCE_DIR", pathlib.Path(__file__).parents[3]))
MARKET = ROOT / "packs" / "market"
SAMPLE = MARKET / "sample" / "bars_1m.csv"


def generate(*arguments):
    command = [sys.executable, str(MARKET / "generate_sample.py"), "--out", "-", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def bars(content):
    return list(csv.DictReader(content.decode("ascii").splitlines()))


def instant(bar):
    return datetime.datetime.strptime(bar["ts"], "%Y-%m-%dT%H:%M:%SZ")


class SampleTest(unittest.TestCase):
    def test_sample_is_what_the_generator_writes(self):
        self.assertEqual(generate(), SAMPLE.read_bytes())

    def test_sample_is_small(self):
        self.assertLess(SAMPLE.stat().st_size, 800_000)

    def test_a_file_gets_the_same_bytes_as_standard_output(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "bars.csv"
            command = [sys.executable, str(MARKET / "generate_sample.py"), "--days", "1", "--out", str(out)]
            subprocess.run(command, check=True)
            self.assertEqual(out.read_bytes(), generate("--days", "1"))

    def test_prices_of_a_bar_fit_each_other(self):
        for bar in bars(SAMPLE.read_bytes()):
            opened, high, low, close = (decimal.Decimal(bar[name]) for name in ("open", "high", "low", "close"))
            self.assertLessEqual(max(opened, close), high, bar)
            self.assertGreaterEqual(min(opened, close), low, bar)
            self.assertGreater(low, 0, bar)
            self.assertGreater(int(bar["volume"]), 0, bar)

    def test_times_of_a_symbol_rise(self):
        last = {}
        for bar in bars(SAMPLE.read_bytes()):
            if bar["symbol"] in last:
                self.assertGreater(instant(bar), last[bar["symbol"]], bar)
            last[bar["symbol"]] = instant(bar)
        self.assertEqual(sorted(last), ["ACME", "BOLT"])

    def test_every_weekday_has_a_full_regular_session_in_new_york(self):
        counts = {}
        for bar in bars(SAMPLE.read_bytes()):
            # The clock changed on Sunday, March 10.
            offset = 5 if instant(bar) < datetime.datetime(2024, 3, 10, 7) else 4
            local = instant(bar) - datetime.timedelta(hours=offset)
            if datetime.time(9, 30) <= local.time() < datetime.time(16):
                key = (bar["symbol"], local.date())
                counts[key] = counts.get(key, 0) + 1
        self.assertEqual(len(counts), 20)
        self.assertEqual(set(counts.values()), {390})

    def test_options_choose_days_symbols_and_start(self):
        content = generate("--days", "2", "--symbols", "ONE,TWO,THREE", "--start", "2024-03-08")
        found = {(bar["symbol"], bar["ts"][:10]) for bar in bars(content)}
        dates = ("2024-03-08", "2024-03-11")
        self.assertEqual(found, {(symbol, date) for symbol in ("ONE", "TWO", "THREE") for date in dates})

    def test_the_seed_changes_prices(self):
        self.assertNotEqual(generate("--days", "1", "--seed", "2"), generate("--days", "1"))

    def test_bars_of_a_symbol_do_not_depend_on_the_others(self):
        alone = bars(generate("--days", "1", "--symbols", "BOLT"))
        among = [bar for bar in bars(generate("--days", "1")) if bar["symbol"] == "BOLT"]
        self.assertEqual(alone, among)

    def test_senseless_options_are_refused(self):
        for arguments in (["--days", "0"], ["--symbols", "A,,B"], ["--start", "yesterday"]):
            with self.assertRaises(subprocess.CalledProcessError):
                generate(*arguments)


if __name__ == "__main__":
    unittest.main()
