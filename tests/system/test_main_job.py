"""The main job as a newcomer does it: import, ingest, backfill, read; and again, which changes nothing."""

import csv
import datetime
import io
import json
import os
import re
import subprocess
import unittest
import urllib.request
import zoneinfo

import stack

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
PACK = stack.ROOT / "packs/market"
SAMPLE = PACK / "sample/bars_1m.csv"
RAW_AND_RESULTS = ("fact_bars", "metric_series", "metric_chunk", "metric_definitions", "metric_versions", "datasets", "calendars", "ingest_batches")


class MainJob(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = stack.Stack().__enter__()
        cls.stack.ctl("import", PACK)
        cls.stack.ctl("ingest", "fact_bars", SAMPLE)
        with SAMPLE.open() as file:
            cls.rows = list(csv.DictReader(file))
        cls.symbol = cls.rows[0]["symbol"]
        days = sorted({row["ts"][:10] for row in cls.rows})
        cls.first, cls.last = days[0], days[-1]
        cls.backfill = ("backfill", "--metrics", "*_us", "--metrics", "rth_*", "--from", cls.first, "--to", cls.last)
        cls.stack.ctl(*cls.backfill)

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()

    def session_rows(self, start, end):
        """(open, close) of the symbol's bars between two New York clock times, by date; the clock changes inside the sample."""
        days = {}
        for row in self.rows:
            local = datetime.datetime.fromisoformat(row["ts"]).astimezone(NEW_YORK)
            if row["symbol"] == self.symbol and start <= local.strftime("%H:%M") < end:
                days.setdefault(local.strftime("%Y-%m-%d"), []).append((float(row["open"]), float(row["close"])))
        return days

    def test_every_row_is_stored_once(self):
        self.assertEqual(int(self.stack.psql("SELECT count(*) FROM fact_bars")), len(self.rows))

    def test_import_again_reports_everything_unchanged(self):
        outcomes = json.loads(self.stack.ctl("import", PACK, "-o", "json").stdout)
        actions = {outcome["action"] for outcome in outcomes}
        self.assertEqual(actions, {"unchanged"})

    def test_rth_close_is_the_last_close_of_the_session(self):
        expected = {day: rows[-1][1] for day, rows in self.session_rows("09:30", "16:00").items()}
        points = self.stack.trend("rth_close", self.symbol, self.first, self.last)
        self.assertEqual({point[5][:10]: float(point[6]) for point in points}, expected)

    def test_30m_change_uses_the_first_half_hour(self):
        change = {day: (rows[0][0], rows[-1][1]) for day, rows in self.session_rows("09:30", "10:00").items()}
        points = self.stack.trend("30m_open_change_us", self.symbol, self.first, self.last)
        self.assertEqual(len(points), len(change))
        for point in points:
            opened, closed = change[point[5][:10]]
            self.assertAlmostEqual(float(point[6]), closed - opened, places=9)

    def test_trend_forms_agree(self):
        arguments = ("trend", "rth_close", "--entity", self.symbol, "--from", self.first, "--to", self.last)
        as_csv = list(csv.DictReader(io.StringIO(self.stack.ctl(*arguments, "-o", "csv").stdout)))
        as_json = json.loads(self.stack.ctl(*arguments, "-o", "json").stdout)
        self.assertEqual([(row["bucket_start"], float(row["value"])) for row in as_csv],
                         [(point["bucket_start"], point["value"]) for point in as_json])
        self.assertRegex(as_csv[0]["bucket_start"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(as_csv[0]["metric"].split("/")[1], "rth_close")
        self.assertEqual(as_csv[0]["dimensions"], "{}")

    def test_the_same_ingest_and_backfill_again_change_nothing(self):
        count, md5 = self.stack.psql("SELECT count(*) FROM fact_bars"), self.stack.results_md5()
        written = self.stack.tuples(*RAW_AND_RESULTS)
        again = stack.ingest_summary(self.stack.ctl("ingest", "fact_bars", SAMPLE, "-o", "json"))
        self.assertEqual((again["rows_inserted"], again["rows_updated"]), (0, 0))
        self.stack.ctl(*self.backfill)
        self.assertEqual(self.stack.psql("SELECT count(*) FROM fact_bars"), count)
        self.assertEqual(self.stack.results_md5(), md5)
        self.assertEqual(self.stack.tuples(*RAW_AND_RESULTS), written)

    def test_up_again_keeps_the_processes(self):
        before = self.stack.dev("status").stdout
        self.stack.up()
        self.assertEqual(self.stack.dev("status").stdout, before)

    def test_prometheus_endpoints_count_calls(self):
        def lists_counted():
            port = (self.stack.run_dir / "registry-metrics.port").read_text().strip()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                counts = re.findall(r'^metricstore_rpc_seconds_count\{.*ListMetrics.*\} (\d+)', answer.read().decode(), re.MULTILINE)
            return sum(int(count) for count in counts)

        before = lists_counted()
        self.stack.ctl("metrics", "list")
        self.assertEqual(lists_counted(), before + 1)

    def test_compute_exports_the_time_of_each_stage(self):
        port = (self.stack.run_dir / "compute-metrics.port").read_text().strip()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            stages = dict(re.findall(r'^metricstore_shard_stage_seconds_total\{stage="(\w+)"\} (\S+)', answer.read().decode(), re.MULTILINE))
        for stage in ("read", "evaluate", "persist"):
            self.assertGreater(float(stages[stage]), 0, stage)


class Grpcurl(unittest.TestCase):
    """Skipped loudly where grpcurl is not built; CI has it."""

    @classmethod
    def setUpClass(cls):
        cls.program = os.environ.get("METRICSTORE_GRPCURL", "")
        if not os.access(cls.program, os.X_OK):
            if os.environ.get("CI"):
                raise AssertionError("CI must have grpcurl")
            raise unittest.SkipTest("grpcurl is not built: install Go and run ./dev test")
        cls.stack = stack.Stack().__enter__()
        cls.stack.ctl("import", PACK)

    @classmethod
    def tearDownClass(cls):
        if hasattr(cls, "stack"):
            cls.stack.__exit__()

    def grpcurl(self, *arguments, address="METRICSTORE_REGISTRY", data=None):
        command = [self.program, "-plaintext", *(["-d", data] if data else []), self.stack.env[address], *arguments]
        return subprocess.run(command, text=True, capture_output=True, timeout=60)

    def test_lists_services_of_both(self):
        listed = self.grpcurl("list").stdout
        for service in ("CatalogService", "DatasetService", "IngestService", "WindowService", "ResultService", "BackfillService", "QueryService"):
            self.assertIn(f"metricstore.registry.v1.{service}", listed)
        self.assertIn("grpc.health.v1.Health", listed)
        self.assertIn("metricstore.compute.v1.ComputeService", self.grpcurl("list", address="METRICSTORE_COMPUTE").stdout)

    def test_describes_a_method_with_its_comments(self):
        described = self.grpcurl("describe", "metricstore.registry.v1.CatalogService.GetMetric").stdout
        self.assertIn("// Gets a metric, deleted ones too: its active version", described)

    def test_gets_a_metric(self):
        answer = json.loads(self.grpcurl("metricstore.registry.v1.CatalogService/GetMetric", data='{"name": "rth_close"}').stdout)
        self.assertEqual(answer["metric"]["expression"], "last(close)")

    def test_an_unknown_metric_is_an_error_with_reason_and_suggestion(self):
        done = self.grpcurl("metricstore.registry.v1.CatalogService/GetMetric", data='{"name": "rth_clos"}')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("NotFound", done.stderr)
        self.assertIn("METRIC_NOT_FOUND", done.stderr)
        self.assertIn("rth_close", done.stderr)

    def test_health_of_each_service_is_serving(self):
        answer = self.grpcurl("grpc.health.v1.Health/Check", data='{"service": "metricstore.registry.v1.QueryService"}').stdout
        self.assertIn("SERVING", answer)
        self.assertNotIn("NOT_SERVING", answer)

    def test_rows_can_be_ingested_by_hand(self):
        row = {"symbol": "HAND", "ts": "2024-01-02T14:30:00Z", "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": 10}
        request = json.dumps({"dataset": "fact_bars", "batch_id": "by-hand", "rows": [row]})
        method = "metricstore.registry.v1.IngestService/IngestRows"
        self.assertEqual(json.loads(self.grpcurl(method, data=request).stdout)["result"]["insertedRows"], "1")
        self.assertTrue(json.loads(self.grpcurl(method, data=request).stdout)["result"]["alreadyStored"])
        other = self.grpcurl(method, data=request.replace("0.5", "0.25"))
        self.assertIn("AlreadyExists", other.stderr)


if __name__ == "__main__":
    stack.main()
