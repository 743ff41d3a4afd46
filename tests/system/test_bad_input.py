"""Wrong input and dead services: a clear error on standard error, a non-zero exit, nothing half-stored."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import stack

HEADER = "symbol,ts,open,high,low,close,volume"


def bars(count, symbol="BAD"):
    return [f"{symbol},2024-01-02T14:{minute:02}:00Z,1,2,0.5,1.5,100" for minute in range(count)]


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = stack.Stack().__enter__()
        cls.folder = tempfile.TemporaryDirectory()
        cls.stack.ctl("import", stack.ROOT / "packs/market")

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()
        cls.folder.cleanup()

    def file(self, content):
        path = pathlib.Path(self.folder.name) / "input.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def rows_stored(self):
        return int(self.stack.psql("SELECT count(*) FROM fact_bars"))

    def refused(self, *arguments, says):
        """Runs metricctl, which must fail, say all of `says` on stderr, nothing on stdout, and store nothing."""
        before = self.rows_stored()
        done = self.stack.ctl(*arguments, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout, "")
        for text in says:
            self.assertRegex(done.stderr, re.compile(text, re.IGNORECASE))
        self.assertEqual(self.rows_stored(), before)
        return done

    def refused_csv(self, content, *says):
        self.refused("ingest", "fact_bars", self.file(content), says=says)

    def test_bad_number_on_line_7(self):
        lines = [HEADER, *bars(10)]
        lines[6] = lines[6].replace(",1.5,", ",abc,")
        self.refused_csv("\n".join(lines), r"line 7", r"close", r"abc")

    def test_bad_row_can_be_tolerated_and_is_listed(self):
        lines = [HEADER, *bars(10, "TOLERATED")]
        lines[6] = lines[6].replace(",1.5,", ",abc,")
        done = self.stack.ctl("ingest", "fact_bars", self.file("\n".join(lines)), "--max-rejects", "1")
        self.assertRegex(done.stderr, "line 7")
        self.assertEqual(self.stack.psql("SELECT count(*) FROM fact_bars WHERE symbol = 'TOLERATED'"), "9")

    def test_missing_column(self):
        self.refused_csv("symbol,ts,open,high,low,volume\nBAD,2024-01-02T14:30:00Z,1,2,1,5\n", r"close")

    def test_invalid_utf8(self):
        self.refused_csv((HEADER + "\n").encode() + b"B\xff\xfeD,2024-01-02T14:30:00Z,1,2,1,1,5\n", r"line 2", r"utf-8")

    def test_empty_file(self):
        self.refused_csv("", r"empty")

    def test_header_only(self):
        self.refused_csv(HEADER + "\n", r"no rows|no data")

    def test_byte_order_mark_and_crlf_are_no_fault(self):
        content = b"\xef\xbb\xbf" + "\r\n".join([HEADER, *bars(3, "BOM")]).encode() + b"\r\n"
        self.stack.ctl("ingest", "fact_bars", self.file(content))
        self.assertEqual(self.stack.psql("SELECT count(*) FROM fact_bars WHERE symbol = 'BOM'"), "3")

    def test_row_with_too_few_fields(self):
        self.refused_csv("\n".join([HEADER, *bars(2), "BAD,2024-01-02T15:00:00Z,1"]), r"line 4", r"field")

    def test_local_time_that_does_not_exist(self):
        row = "BAD,2024-03-10 02:30:00,1,2,0.5,1.5,100"
        self.refused("ingest", "fact_bars", self.file(f"{HEADER}\n{row}\n"), "--timezone", "America/New_York", says=[r"line 2", r"exist"])

    def test_unknown_time_zone(self):
        self.refused("ingest", "fact_bars", self.file("\n".join([HEADER, *bars(2)])), "--timezone", "America/New_Yrok", says=[r"New_Yrok"])

    def test_missing_file(self):
        self.refused("ingest", "fact_bars", "no/such/file.csv", says=[r"no/such/file\.csv"])

    def test_unknown_dataset(self):
        self.refused("ingest", "fact_barz", self.file("\n".join([HEADER, *bars(2)])), says=[r"fact_barz", r"DATASET_NOT_FOUND", r"fact_bars"])

    def test_unknown_metric(self):
        self.refused("trend", "rth_clos", "--entity", "X", "--from", "2024-01-01", "--to", "2024-01-02", says=[r"METRIC_NOT_FOUND", r"rth_close"])
        self.refused("backfill", "--metrics", "nothing_*", "--from", "2024-01-01", "--to", "2024-01-02", says=[r"METRIC_NOT_FOUND"])

    def test_unknown_entity(self):
        self.refused("backfill", "--metrics", "rth_close", "--entity", "NOBODY", "--from", "2024-01-01", "--to", "2024-01-02",
                     says=[r"ENTITY_NOT_FOUND", r"NOBODY"])
        self.refused("evaluate", "rth_close", "--entity", "NOBODY", "--from", "2024-01-02", "--to", "2024-01-03",
                     says=[r"ENTITY_NOT_FOUND", r"no rows of entity \"NOBODY\" are stored in fact_bars", r"metricctl datasets show"])

    def test_reversed_dates(self):
        for command in (("trend", "rth_close"), ("backfill", "--metrics", "rth_close")):
            self.refused(*command, "--entity", "X", "--from", "2024-02-01", "--to", "2024-01-01", says=[r"2024-02-01", r"2024-01-01"])

    def test_date_that_does_not_exist(self):
        self.refused("trend", "rth_close", "--entity", "X", "--from", "2024-02-30", "--to", "2024-03-01", says=[r"2024-02-30"])

    def test_definition_with_unknown_key_names_file_and_line(self):
        path = pathlib.Path(self.folder.name) / "bad.yaml"
        path.write_text("name: x\ncategory: c\ndescription: d\ntype: sum\ngrain: day\ntable: fact_bars\nexpresion: sum(volume)\n")
        self.refused("import", path, says=[r"bad\.yaml:7", r"expresion", r"expression"])
        self.assertEqual(self.stack.psql("SELECT count(*) FROM metric_definitions WHERE category = 'c'"), "0")

    def test_references_to_nothing_and_in_circles_say_where_they_stand(self):
        def reader(name, expression):
            return f"- {{name: {name}, description: d, category: c, type: derived, grain: day, expression: \"{expression}\"}}\n"

        path = pathlib.Path(self.folder.name) / "readers.yaml"
        dates = ("--from", "2024-01-02", "--to", "2024-01-03")
        path.write_text(reader("a", "metric('price/rth_close') / metric('price/rth_clos')"))
        missing = [r"METRIC_NOT_FOUND", r"readers\.yaml:1: ", r"position 36: there is no metric \"price/rth_clos\"; did you mean \"price/rth_close\""]
        self.refused("import", path, says=missing)
        self.refused("evaluate", path, *dates, says=missing)
        path.write_text(reader("a", "2 * metric('c/b')") + reader("b", "metric('price/rth_close') + metric('c/a')"))
        circle = [r"DEPENDENCY_CYCLE", r"readers\.yaml:1: ", r"position 12: metrics read each other in a circle: c/a -> c/b -> c/a"]
        self.refused("import", path, says=circle)
        self.refused("evaluate", path, *dates, says=circle)
        path.write_text(reader("a", "metric('price/rth_close') - metric('c/a', offset => '1 day')"))
        circle[-1] = r"position 36: metrics read each other in a circle: c/a -> c/a"
        self.refused("import", path, says=circle)
        self.refused("evaluate", path, *dates, says=circle)
        self.assertEqual(self.stack.psql("SELECT count(*) FROM metric_definitions WHERE category = 'c'"), "0")

    def test_what_is_not_computed_says_where_it_stands(self):
        path = pathlib.Path(self.folder.name) / "texts.yaml"
        text = ("- name: text\n  category: c\n  description: d\n  type: derived\n  grain: day\n  table: fact_bars\n"
                "  expression: CASE WHEN sum(volume) > 0 THEN 'up' END\n")
        for line, reader in ((13, "- name: reader\n  category: c\n  description: d\n  type: derived\n  grain: day\n"
                                  "  expression: 2 * metric('c/text')\n"),
                             (9, "- {category: c, description: d, type: derived, grain: day,\n"
                                 "   \"expression\": \"2 * metric('c/text')\",\n   name: reader}\n")):
            path.write_text(text + reader)
            self.refused("evaluate", path, "--from", "2024-01-02", "--to", "2024-01-03",
                         says=[r"NOT_SUPPORTED", rf"texts\.yaml:{line}: expression: position 12: the points of metric c/text are texts"])

    def test_registry_unreachable(self):
        done = self.stack.ctl("metrics", "list", "--registry", "127.0.0.1:1", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"127\.0\.0\.1:1")


class Outages(unittest.TestCase):
    """Own stack: these tests stop parts of it."""

    @classmethod
    def setUpClass(cls):
        cls.stack = stack.Stack().__enter__()
        cls.stack.ctl("import", stack.ROOT / "packs/market")
        cls.stack.ctl("ingest", "fact_bars", stack.ROOT / "packs/market/sample/bars_1m.csv")

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()

    def test_compute_down_creates_no_backfill(self):
        self.stack.kill("compute")
        before = self.stack.psql("SELECT count(*) FROM backfills")
        done = self.stack.ctl("backfill", "--metrics", "rth_close", "--from", "2024-03-04", "--to", "2024-03-08", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "compute")
        self.assertRegex(done.stderr, "reached")
        self.assertEqual(self.stack.psql("SELECT count(*) FROM backfills"), before)
        self.stack.up()

    def test_postgresql_down_is_a_clear_error_and_heals(self):
        self.stack.kill("postgres")
        for arguments in (("import", stack.ROOT / "packs/market"), ("datasets", "show", "fact_bars"),
                          ("ingest", "fact_bars", stack.ROOT / "packs/market/sample/bars_1m.csv", "--retry-for", "1s"),
                          ("backfill", "--metrics", "rth_close", "--from", "2024-03-04", "--to", "2024-03-08", "--stall-timeout", "1s"),
                          ("trend", "rth_close", "--entity", "X", "--from", "2024-01-02", "--to", "2024-01-03"),
                          # Served from memory for a second at most, which the commands before have taken.
                          ("metrics", "list")):
            done = self.stack.ctl(*arguments, check=False)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertRegex(done.stderr, "DATABASE_UNAVAILABLE|PostgreSQL", arguments)
            self.assertNotRegex(done.stderr, "password|passfile")
        self.stack.up()
        self.stack.ctl("metrics", "list")

    def test_registry_refuses_a_wrong_schema_version(self):
        found = int(self.stack.psql("SELECT max(version) FROM schema_migrations"))
        self.stack.psql(f"INSERT INTO schema_migrations (version, name, sha256) VALUES ({found + 1}, 'from_the_future', 'x')")
        self.stack.kill("registry")
        try:
            program = pathlib.Path(self.stack.env["PATH"].partition(":")[0]) / "registry_service"
            done = subprocess.run([program, "--config", self.stack.run_dir / "registry.yaml"], text=True, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rf"at version {found + 1}\b")
            self.assertRegex(done.stderr, rf"works with version {found}\b")
        finally:
            self.stack.psql(f"DELETE FROM schema_migrations WHERE version = {found + 1}")
        self.stack.up()


if __name__ == "__main__":
    stack.main()
