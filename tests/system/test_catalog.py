"""The catalogue as analysts and operators use it: through metricctl and grpcurl, on a private stack."""

import collections
import csv
import datetime
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import unittest

import stack

MARKET = stack.ROOT / "packs/market"
BUSINESS = stack.ROOT / "packs/business"
SAMPLE = MARKET / "sample/bars_1m.csv"
ELEVEN = {"finance/infrastructure_cost", "growth/churn_rate", "growth/new_customers", "product/active_users",
          "product/feature_adoption", "revenue/arr", "revenue/mrr", "revenue/total_revenue", "revenue/upsell_expansion",
          "sales/pipeline_value", "support/support_resolution_time"}


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


class Catalog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = stack.Stack().__enter__()
        cls.folder = tempfile.TemporaryDirectory()
        cls.stack.ctl("import", MARKET)
        cls.imported = cls.stack.ctl("import", BUSINESS)

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()
        cls.folder.cleanup()

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def metrics(self, *arguments):
        return json.loads(self.stack.ctl("metrics", "list", *arguments, "-o", "json").stdout)

    def show(self, name, *arguments):
        return json.loads(self.stack.ctl("metrics", "show", name, *arguments, "-o", "json").stdout)

    def refused(self, *arguments, says, code=1):
        done = self.stack.ctl(*arguments, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for text in says:
            self.assertRegex(done.stderr + done.stdout, re.compile(text, re.IGNORECASE))
        return done

    # ---- packs ----------------------------------------------------------------------------------

    def test_the_business_pack_imports_clean_with_its_tests(self):
        self.assertEqual({metric["id"] for metric in self.metrics() if metric["id"] in ELEVEN}, ELEVEN)
        again = json.loads(self.stack.ctl("import", BUSINESS, "-o", "json").stdout)
        outcomes = again["outcomes"] if isinstance(again, dict) else again
        self.assertEqual({outcome["action"] for outcome in outcomes}, {"unchanged"})
        written = sum(path.read_text().count("\n  - name: ") for path in (BUSINESS / "metrics").glob("*/*.yaml"))
        report = json.loads(self.stack.ctl("validate", BUSINESS, "-o", "json").stdout)
        self.assertEqual(sum(entry.get("tests_passed", 0) for entry in report["reports"]), written)

    def test_the_index_of_the_business_pack_says_what_is_in_it(self):
        rows = [[cell.strip().strip("`") for cell in line.strip("|").split("|")]
                for line in (BUSINESS / "INDEX.md").read_text().splitlines() if line.startswith("| `")]
        self.assertEqual({row[0] for row in rows}, ELEVEN)
        for row in rows:
            metric = self.show(row[0])
            self.assertEqual(metric["unit"], row[1], row[0])
            self.assertEqual(metric["grain"].lower().removeprefix("grain_"), row[2], row[0])
            variants = sorted(metric.get("sql_variants", {}))
            self.assertEqual(variants, sorted(filter(None, row[4].split(", "))), row[0])

    def business_rows(self, name):
        with (BUSINESS / "sample" / f"{name}.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def points(self, metric):
        lines = self.stack.ctl("trend", metric, "--from", "2024-01-01", "--to", "2024-06-30", "-o", "csv").stdout.splitlines()
        return {row["bucket_start"][:10]: float(row["value"]) for row in csv.DictReader(lines)}

    def test_the_business_sample_gives_the_numbers_that_its_rows_give(self):
        for path in sorted((BUSINESS / "sample").glob("*.csv")):
            self.stack.ctl("ingest", path.stem, path)
        done = self.stack.ctl("backfill", *(argument for category in ("finance", "growth", "product", "revenue", "sales", "support")
                                            for argument in ("--metrics", f"{category}/*")), "--from", "2024-01-01", "--to", "2024-06-30")
        self.assertNotIn("revenue/arr", done.stdout + done.stderr)  # it reads another metric: nothing is left out

        mrr, users, spent, hours = (collections.defaultdict(list) for _ in range(4))
        for row in self.business_rows("fact_subscription_months"):
            mrr[row["month_start"][:10]].append(float(row["mrr_usd"]))
        for row in self.business_rows("fact_user_events"):
            users[row["occurred_at"][:7] + "-01"].append(row["user_id"])
        for row in self.business_rows("fact_payments"):
            if row["status"] == "succeeded":
                spent[row["paid_at"][:7] + "-01"].append(float(row["amount_usd"]))
        for row in self.business_rows("fact_tickets"):
            day = datetime.date.fromisoformat(row["resolved_at"][:10])
            hours[str(day - datetime.timedelta(days=day.weekday()))].append(float(row["resolution_hours"]))
        self.assertEqual(self.points("revenue/mrr"), {month: sum(values) for month, values in mrr.items()})
        self.assertEqual(self.points("product/active_users"), {month: len(set(values)) for month, values in users.items()})
        self.assertEqual(self.points("revenue/total_revenue"), {month: sum(values) for month, values in spent.items()})
        found = self.points("support/support_resolution_time")
        self.assertEqual(found.keys(), hours.keys())
        for week, values in hours.items():
            self.assertAlmostEqual(found[week], statistics.fmean(values), places=9)

    # ---- files ----------------------------------------------------------------------------------

    def test_export_and_import_are_the_identity_byte_for_byte(self):
        first, second = self.path("first"), self.path("second")
        self.stack.ctl("export", "--dir", first)
        self.assertIn("metrics/revenue/mrr.yaml", tree(first))
        outcomes = json.loads(self.stack.ctl("import", first, "-o", "json").stdout)
        outcomes = outcomes["outcomes"] if isinstance(outcomes, dict) else outcomes
        self.assertEqual({outcome["action"] for outcome in outcomes}, {"unchanged"})
        with stack.Stack() as other:
            other.ctl("import", first)
            other.ctl("export", "--dir", second)
        self.assertEqual(tree(second), tree(first))

    def test_two_hundred_files_with_one_broken_import_nothing(self):
        folder = self.path("many/metrics/many")
        folder.mkdir(parents=True)
        for number in range(200):
            key = "expresion" if number == 137 else "expression"
            folder.joinpath(f"m{number:03}.yaml").write_text(
                f"name: m{number:03}\ndescription: Number {number}.\ntype: sum\ngrain: day\ntable: fact_bars\n"
                f"{key}: sum(volume * {number})\n")
        before = len(self.metrics())
        self.refused("import", self.path("many"), says=[r"m137\.yaml:6", "expresion", r"did you mean .expression"])
        self.assertEqual(len(self.metrics()), before)
        self.refused("validate", self.path("many"), says=[r"m137\.yaml:6"])

    def test_a_plan_says_what_an_import_would_do_and_does_nothing(self):
        folder = self.path("plan")
        shutil.copytree(BUSINESS, folder)
        mrr = folder / "metrics/revenue/mrr.yaml"
        mrr.write_text(mrr.read_text().replace("sum(mrr_usd)\nsql", "sum(mrr_usd * 1.1)\nsql", 1))
        said = self.stack.ctl("plan", folder).stdout
        for text in ("revenue/mrr", "expression", "revenue/arr"):
            self.assertIn(text, said)
        self.assertEqual(self.stack.ctl("plan", folder, "--exit-code", check=False).returncode, 3)
        self.assertEqual(self.stack.ctl("plan", BUSINESS, "--exit-code", check=False).returncode, 0)
        self.assertEqual(self.show("revenue/mrr")["version"], 1)

    def test_a_failing_metric_test_refuses_the_import(self):
        folder = self.path("failing")
        shutil.copytree(BUSINESS, folder)
        path = folder / "metrics/growth/churn_rate.yaml"
        path.write_text(path.read_text().replace("value: 0.25", "value: 0.2"))
        self.refused("import", folder, says=["one of four ended", "0.25", "0.2", r"churn_rate\.yaml"])
        self.refused("validate", folder, says=["one of four ended"])

    def test_tests_need_compute_and_say_so(self):
        with stack.Stack() as other:
            other.kill("compute")
            done = other.ctl("import", BUSINESS, check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("COMPUTE_UNAVAILABLE", done.stderr)
            self.assertEqual(json.loads(other.ctl("metrics", "list", "-o", "json").stdout), [])
            other.ctl("import", BUSINESS, "--no-tests")

    def test_the_starter_folder_imports_clean(self):
        folder = self.path("starter")
        self.stack.ctl("init", folder)
        self.assertIn("metricctl metrics", (folder / "AGENTS.md").read_text())
        with stack.Stack() as other:
            other.ctl("validate", folder)
            other.ctl("import", folder)
        self.refused("init", folder, says=["already"])

    # ---- single metrics ---------------------------------------------------------------------------

    def create(self, name):
        self.stack.ctl("metrics", "create", f"scratch/{name}", "--type", "sum", "--grain", "day", "--table", "fact_bars",
                       "--expression", "sum(volume)", "--description", "Volume.", "--window", "rth")

    def test_two_operators_update_the_same_metric(self):
        self.create("shared")
        etag = self.show("scratch/shared")["etag"]
        self.stack.ctl("metrics", "update", "scratch/shared", "--description", "First.", "--etag", etag)
        current = self.show("scratch/shared")["etag"]
        self.assertNotEqual(current, etag)
        self.refused("metrics", "update", "scratch/shared", "--description", "Second.", "--etag", etag,
                     says=["ETAG_MISMATCH", current])
        self.assertEqual(self.show("scratch/shared")["description"], "First.")

    def test_the_same_request_id_creates_once(self):
        arguments = ("metrics", "create", "scratch/once", "--type", "sum", "--grain", "day", "--table", "fact_bars",
                     "--expression", "sum(volume)", "--description", "Once.", "--request-id", "create-once")
        self.stack.ctl(*arguments)
        self.stack.ctl(*arguments)
        self.assertEqual(int(self.stack.psql("SELECT count(*) FROM metric_versions WHERE metric_id = 'scratch/once'")), 1)
        other = [argument if argument != "Once." else "Twice." for argument in arguments]
        self.refused(*other, says=["REQUEST_ID_REUSED"])

    def test_a_new_version_is_computed_before_it_is_served(self):
        self.stack.ctl("ingest", "fact_bars", SAMPLE)
        self.create("promoted")
        window = ("--from", "2024-03-04", "--to", "2024-03-08")
        self.stack.ctl("backfill", "--metrics", "scratch/promoted", *window)
        before = self.stack.trend("scratch/promoted", "ACME", "2024-03-04", "2024-03-08")
        self.assertTrue(before)
        self.stack.ctl("metrics", "update", "scratch/promoted", "--expression", "sum(volume / 2)")
        shown = self.show("scratch/promoted")
        self.assertEqual((shown["active_version"], shown["latest_version"]), (1, 2))
        self.stack.ctl("backfill", "--metrics", "scratch/promoted", *window, "--latest")
        self.assertEqual(self.stack.trend("scratch/promoted", "ACME", "2024-03-04", "2024-03-08"), before)
        self.stack.ctl("metrics", "promote", "scratch/promoted")
        after = self.stack.trend("scratch/promoted", "ACME", "2024-03-04", "2024-03-08")
        self.assertEqual([float(row[6]) for row in after], [float(row[6]) / 2 for row in before])
        self.assertIn("2", self.stack.ctl("metrics", "versions", "scratch/promoted").stdout)
        self.stack.ctl("metrics", "promote", "scratch/promoted", "--version", "1")
        self.assertEqual(self.stack.trend("scratch/promoted", "ACME", "2024-03-04", "2024-03-08"), before)
        fresh = json.loads(self.stack.ctl("freshness", "scratch/promoted", "-o", "json").stdout)
        self.assertEqual(len(fresh), 1)
        self.assertIn("newer", fresh[0]["state"].lower())
        self.stack.ctl("backfill", "--metrics", "scratch/promoted", "--from", "2024-03-04", "--to", "2024-03-15")
        fresh = json.loads(self.stack.ctl("freshness", "scratch/promoted", "-o", "json").stdout)
        self.assertEqual(fresh[0]["state"].lower().removeprefix("state_"), "fresh")

    def test_readers_that_a_version_breaks_are_named_wherever_it_is_met(self):
        self.create("broken")
        self.stack.ctl("metrics", "create", "scratch/reader", "--type", "derived", "--grain", "day", "--description", "Twice.",
                       "--expression", "2 * metric('scratch/broken')")
        points = "BREAKING, makes a version: points are vectors, no longer numbers"
        reader = "scratch/reader reads it and can then not be computed: reads scratch/broken, whose points are vectors"
        updated = self.stack.ctl("metrics", "update", "scratch/broken", "--type", "derived", "--expression", "array_agg(volume)")
        promotions = [self.stack.ctl("metrics", "promote", "scratch/broken", *dry_run) for dry_run in (["--dry-run"], [])]
        for told in (updated, *promotions):
            self.assertIn(points, told.stdout)
            self.assertIn(reader, told.stdout)
        self.assertIn(points, self.stack.ctl("metrics", "diff", "scratch/broken@1", "scratch/broken@2").stdout)
        folder = self.path("doubtful")
        folder.mkdir()
        folder.joinpath("r.yaml").write_text("name: again\ncategory: scratch\ndescription: Again.\ntype: derived\ngrain: day\n"
                                             "owner: shops\nexpression: metric('scratch/broken')\n")
        doubt = r"r\.yaml:7 expression: position 8: .* scratch/broken, whose points are vectors.*\(NOT_COMPUTED\)"
        for command in ("plan", "validate", "import"):
            said = self.stack.ctl(command, folder)
            self.assertRegex(said.stdout + said.stderr, "warning: .*" + doubt)
        self.refused("metrics", "create", "scratch/wrong", "--type", "derived", "--grain", "day", "--description", "Wrong.",
                     "--expression", "1 + metric('scratch/broken', off => '1 day')",
                     says=[r"^error: --expression: position 30: metric has no argument named .off"])

    def test_deletion_is_soft(self):
        self.create("gone")
        self.stack.ctl("metrics", "delete", "scratch/gone", "--yes")
        self.assertNotIn("scratch/gone", [metric["id"] for metric in self.metrics()])
        self.assertIn("scratch/gone", [metric["id"] for metric in self.metrics("--deleted")])
        self.refused("backfill", "--metrics", "scratch/gone", "--from", "2024-03-04", "--to", "2024-03-05", says=["METRIC_NOT_FOUND"])
        self.stack.ctl("metrics", "undelete", "scratch/gone")
        self.assertIn("scratch/gone", [metric["id"] for metric in self.metrics()])

    def test_a_metric_that_reads_another_is_shown_as_computed(self):
        self.assertNotIn("NOT_COMPUTED", self.stack.ctl("metrics", "show", "revenue/arr").stdout)
        self.assertIn("revenue/mrr", self.stack.ctl("metrics", "lineage", "revenue/arr").stdout)

    # ---- finding ----------------------------------------------------------------------------------

    def test_search_finds_what_people_call_it(self):
        found = self.metrics("--search", "turnover")
        self.assertEqual(found[0]["id"] if "id" in found[0] else found[0]["metric"]["id"], "revenue/total_revenue")
        self.assertIn("revenue/mrr", self.stack.ctl("metrics", "synonym", "Recurring Revenue").stdout)

    def test_the_list_is_grouped_by_category_with_a_total(self):
        listed = self.stack.ctl("metrics", "list", "--category", "revenue").stdout
        self.assertRegex(listed, r"(?m)^revenue\b")
        self.assertRegex(listed, r"\b4 metrics\b")

    def test_lineage_shows_both_directions(self):
        said = self.stack.ctl("metrics", "lineage", "revenue/mrr").stdout
        for text in ("revenue/arr", "fact_subscription_months", "mrr_usd"):
            self.assertIn(text, said)
        self.assertIn("revenue/mrr", self.stack.ctl("metrics", "lineage", "revenue/arr").stdout)

    def test_the_table_map_names_readers(self):
        said = self.stack.ctl("metrics", "tables").stdout
        self.assertIn("fact_payments", said)
        self.assertIn("revenue/total_revenue", self.stack.ctl("metrics", "tables", "fact_payments").stdout)

    def test_a_filter_that_does_not_parse_names_the_place(self):
        self.refused("metrics", "list", "--filter", "catgory = 'revenue'", says=["FILTER_INVALID", "category"])

    # ---- columns ----------------------------------------------------------------------------------

    def test_column_descriptions_are_kept_and_pushed(self):
        self.stack.ctl("columns", "set", "fact_payments.amount_usd", "--description", "Net amount; it's in dollars.",
                       "--confidence", "0.9", "--source", "finance")
        self.stack.ctl("import", BUSINESS)
        listed = self.stack.ctl("columns", "list", "fact_payments").stdout
        for text in ("Net amount; it's in dollars.", "0.9", "finance"):
            self.assertIn(text, listed)
        self.assertIn("Net amount", self.stack.ctl("datasets", "show", "fact_payments").stdout)
        self.stack.ctl("columns", "push", "fact_payments")
        comment = self.stack.psql("SELECT col_description('fact_payments'::regclass, attnum) FROM pg_attribute"
                                  " WHERE attrelid = 'fact_payments'::regclass AND attname = 'amount_usd'")
        self.assertEqual(comment, "Net amount; it's in dollars.")
        self.refused("columns", "set", "fact_payments.amout_usd", "--description", "x", says=["COLUMN_NOT_FOUND", "amount_usd"])

    # ---- over gRPC --------------------------------------------------------------------------------

    @unittest.skipUnless(os.environ.get("METRICSTORE_GRPCURL") and os.access(os.environ["METRICSTORE_GRPCURL"], os.X_OK),
                         "SKIPPED: grpcurl is not built; ./dev grpcurl builds it")
    def test_grpcurl_updates_one_field(self):
        self.create("by_hand")
        registry = self.stack.env["METRICSTORE_REGISTRY"]
        request = {"metric": {"category": "scratch", "name": "by_hand", "owner": "ops"}, "update_mask": {"paths": ["owner"]}}
        done = subprocess.run([os.environ["METRICSTORE_GRPCURL"], "-plaintext", "-d", json.dumps(request), registry,
                               "metricstore.registry.v1.CatalogService/UpdateMetric"], text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["metric"]["owner"], "ops")
        self.assertEqual(self.show("scratch/by_hand")["expression"], "sum(volume)")


if __name__ == "__main__":
    unittest.main(verbosity=2)
