"""The cases of two other semantic layers' own suites, expressed as our definitions, give the answers that those suites expect.
Needs ../shared/data; skipped visibly without it.

Both layers group by dimensions; here a group is a metric with a filter. A metric without a time grain is one at grain year over
rows of one year.
"""

import csv
import datetime
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
first_date: 2019-01-01
last_date: 2025-12-31
open_days: [mon, tue, wed, thu, fri, sat, sun]
sessions:
  - {name: rth, open: "00:00", close: "24:00"}
"""


def dataset(name, grain, time_column, columns):
    lines = [f"kind: dataset\nname: {name}\ndescription: Rows of the suite.\ngrain: [{', '.join(grain)}]\ntime_column: {time_column}\ncalendar: plain\npartitioning: none\ncolumns:"]
    for column, kind in columns.items():
        nullable = "" if column in grain or column == time_column else ", nullable: true"
        lines.append(f"  - {{name: {column}, type: {kind}{nullable}}}")
    return "\n".join(lines) + "\n"


def metric(name, expression, table=None, grain="month", filters=()):
    lines = [f"- name: {name}", "  description: A metric of the suite.", "  type: derived", f"  grain: {grain}", f"  expression: {json.dumps(expression)}"]
    if table:
        lines.append(f"  table: {table}")
    if filters:
        lines.append(f"  filters: {json.dumps(list(filters))}")
    return "\n".join(lines) + "\n"


class Suite(unittest.TestCase):
    """A stack with one suite's definitions and rows."""

    @classmethod
    def start(cls, datasets, metrics, tables):
        cls.stack = stack.Stack().__enter__()
        cls._folder = tempfile.TemporaryDirectory(prefix="ms")
        folder = pathlib.Path(cls._folder.name)
        (folder / "calendars").mkdir()
        (folder / "datasets").mkdir()
        (folder / "metrics" / "suite").mkdir(parents=True)
        (folder / "calendars" / "plain.yaml").write_text(CALENDAR)
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

    def evaluate(self, metric, first, last):
        """Points by date as metricctl evaluates them, storing nothing."""
        lines = self.stack.ctl("evaluate", metric, "--from", first, "--to", last, "-o", "csv").stdout.splitlines()
        rows = list(csv.DictReader(lines))
        return {row["bucket_start"][:10]: None if row["value"] == "" else float(row["value"]) for row in rows}

    def check(self, metric, first, last, expected):
        points = self.evaluate(metric, first, last)
        self.assertEqual(points.keys(), expected.keys(), f"{metric}: buckets differ")
        for date, value in expected.items():
            if value is None or points[date] is None:
                self.assertEqual(points[date], value, f"{metric} {date}")
            else:
                self.assertTrue(math.isclose(points[date], value, rel_tol=1e-12, abs_tol=1e-12),
                                f"{metric} {date}: {points[date]}, expected {value}")


@unittest.skipUnless(SUITES.is_dir(), "real data is absent: ../shared/data/suites")
class DbtMetrics(Suite):
    FIRST, LAST = "2022-01-01", "2022-12-31"
    COLUMNS = {"order_id": "int64", "order_country": "text", "order_total": "float64", "had_discount": "bool",
               "customer_id": "int64", "order_date": "timestamp"}
    GROUPS = {f"{discount}_{country}".lower(): (f"had_discount = {discount}", f"order_country = '{country}'")
              for discount in ("true", "false") for country in ("France", "Japan")}

    # Case, its value column, our metric. A case of groups has a metric for each.
    CASES = [
        ("calculation_methods__test_count__base_count_metric", "base_count_metric", "orders"),
        ("calculation_methods__test_count__base_count_metric_no_time_grain", "base_count_metric_no_time_grain", "orders_all"),
        ("calculation_methods__test_count_distinct__base_count_distinct_metric", "base_count_distinct_metric", "customers"),
        ("calculation_methods__test_count_distinct__base_count_distinct_metric_no_time_grain",
         "base_count_distinct_metric_no_time_grain", "customers_all"),
        ("calculation_methods__test_derived__derived_metric", "derived_metric", "total_plus_1"),
        ("calculation_methods__test_derived__derived_metric_no_time_grain", "derived_metric_no_time_grain", "total_all_plus_1"),
        ("calculation_methods__test_derived__divide_by_zero_expression_metric", "divide_by_zero_expression_metric", "inverse"),
        ("calculation_methods__test_derived__metric_on_derived_metric", "metric_on_derived_metric", "total_plus_2"),
        ("calculation_methods__test_derived__all_time_dimension_metric", "metric_on_derived_metric", "total_all_plus_2"),
        ("calculation_methods__test_max__base_max_metric", "base_max_metric", "most"),
        ("calculation_methods__test_max__base_max_metric_no_time_grain", "base_max_metric_no_time_grain", "most_all"),
        ("calculation_methods__test_median__base_median_metric", "base_median_metric", "middle"),
        ("calculation_methods__test_median__base_median_metric_no_time_grain", "base_median_metric_no_time_grain", "middle_all"),
        ("calculation_methods__test_median__base_median_metric_complicated_source", "base_median_metric_complicated_source",
         "middle_of_cents"),
        ("calculation_methods__test_min__base_min_metric", "base_min_metric", "least"),
        ("calculation_methods__test_min__base_min_metric_no_time_grain", "base_min_metric_no_time_grain", "least_all"),
        ("calculation_methods__test_sum__base_sum_metric", "base_sum_metric", "total"),
        ("calculation_methods__test_sum__base_sum_metric_no_time_grain", "base_sum_metric_no_time_grain", "total_all"),
        ("metric_options__date_grains__test_custom_calendar__base_sum_metric", "base_sum_metric", "total"),
        ("metric_options__date_grains__test_custom_calendar__base_sum_metric_custom_grain", "base_sum_metric_custom_grain", "total_all"),
        ("metric_options__date_grains__test_date_grains__day_grain", "day_grain_metric", "orders_by_day"),
        ("metric_options__date_grains__test_date_grains__month_grain", "month_grain_metric", "orders"),
    ]

    @classmethod
    def setUpClass(cls):
        cls.suite = SUITES / "dbt_metrics"
        with (cls.suite / "fact_orders_source.csv").open(encoding="utf-8-sig") as file:
            orders = list(csv.DictReader(file))
        cases = json.loads((cls.suite / "cases.json").read_text())
        cents = next(case["extra_seeds"]["complicated_median_source_csv"] for case in cases if case["extra_seeds"])
        cents = list(csv.DictReader(cents.splitlines()))
        for row in orders + cents:
            row["order_date"] += "T00:00:00Z"
        metrics = []
        for suffix, grain in (("", "month"), ("_all", "year")):
            for name, expression in (("orders", "count(order_total)"), ("customers", "count(DISTINCT customer_id)"),
                                     ("total", "sum(order_total)"), ("most", "max(order_total)"),
                                     ("least", "min(order_total)"), ("middle", "median(order_total)")):
                metrics.append(metric(name + suffix, expression, "fact_orders", grain))
            metrics.append(metric(f"total{suffix}_plus_1", f"metric('suite/total{suffix}') + 1", grain=grain))
            metrics.append(metric(f"total{suffix}_plus_2", f"metric('suite/total{suffix}_plus_1') + 1", grain=grain))
        metrics.append(metric("orders_by_day", "count(order_total)", "fact_orders", "day"))
        metrics.append(metric("middle_of_cents", "median(order_total)", "fact_order_cents"))
        for group, filters in cls.GROUPS.items():
            metrics.append(metric(f"total_{group}", "sum(order_total)", "fact_orders", filters=filters))
            metrics.append(metric(f"inverse_{group}", f"100 / metric('suite/total_{group}')"))
        for discount in ("true", "false"):
            metrics.append(metric(f"total_all_{discount}", "sum(order_total)", "fact_orders", "year",
                                  [f"had_discount = {discount}"]))
            metrics.append(metric(f"total_all_plus_1_{discount}", f"metric('suite/total_all_{discount}') + 1", grain="year"))
            metrics.append(metric(f"total_all_plus_2_{discount}", f"metric('suite/total_all_plus_1_{discount}') + 1", grain="year"))
        tables = {"fact_orders": orders, "fact_order_cents": cents}
        datasets = [dataset(name, ["order_id", "order_date"], "order_date", cls.COLUMNS) for name in tables]
        cls.start(datasets, metrics, tables)

    def expected(self, case, column):
        """Expected values by our metric's suffix and by date."""
        groups = {}
        with (self.suite / "expected" / f"{case}.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                date = next((row[key] for key in row if key.startswith("date_")), "2022-01-01")
                suffix = ""
                if "had_discount" in row:
                    suffix = "_" + row["had_discount"].lower()
                if "order_country" in row:
                    suffix += "_" + row["order_country"].lower()
                value = row[column]
                groups.setdefault(suffix, {})[date] = float(value) if value else None
        return groups

    def test_every_case_is_here(self):
        files = {path.stem for path in (self.suite / "expected").glob("*.csv")}
        self.assertEqual(files, {case for case, _, _ in self.CASES})

    def test_cases(self):
        for case, column, name in self.CASES:
            with self.subTest(case):
                groups = self.expected(case, column)
                self.assertTrue(groups)
                for suffix, points in groups.items():
                    self.check(f"suite/{name}{suffix}", self.FIRST, self.LAST, points)

    def test_a_derived_metric_divides_by_zero_into_null(self):
        """What the suite's case is named for: its rows never sum to zero, these do."""
        text = "name: by_zero\ndescription: Divides by zero in January.\ncategory: suite\ntype: derived\ngrain: month\nexpression: 100 / (metric('suite/total') - 8)\n"
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            self.assertEqual(self.evaluate(file.name, self.FIRST, self.LAST), {"2022-01-01": None, "2022-02-01": -50.0})


@unittest.skipUnless(SUITES.is_dir(), "real data is absent: ../shared/data/suites")
class MetricFlow(Suite):
    FIRST, LAST = "2019-12-01", "2020-12-31"
    BOOKINGS = {"booking_id": "int64", "ds": "timestamp", "guest_id": "text", "host_id": "text", "listing_id": "text",
                "booking_value": "float64", "is_instant": "bool", "referrer_id": "text"}
    LISTINGS = {"created_at": "timestamp", "listing_id": "text", "country": "text", "capacity": "int64", "is_lux": "bool", "user_id": "text"}

    CASES = [  # case, value column, time column, our metric
        ("measure_aggregations__max_agg", "largest_listing", "metric_time__month", "largest_listing"),
        ("measure_aggregations__min_agg", "smallest_listing", "metric_time__day", "smallest_listing"),
        ("measure_aggregations__sum_agg", "listings", "metric_time__day", "listings"),
        ("measure_aggregations__count_distinct_agg", "bookers", "metric_time__day", "bookers"),
        ("measure_aggregations__avg_agg", "average_booking_value", "metric_time__day", "average_booking_value"),
        ("measure_aggregations__boolean_agg", "instant_bookings", "metric_time__day", "instant_bookings"),
        ("measure_aggregations__count_agg", "referred_bookings", "metric_time__day", "referred_bookings"),
        ("measure_aggregations__count_agg_with_count_expected_query", "referred_bookings", "metric_time__day", "referred_bookings"),
        ("measure_aggregations__continuous_percentile_agg", "booking_value_p99", "metric_time__day", "booking_value_p99"),
        ("measure_aggregations__discrete_percentile_agg", "discrete_booking_value_p99", "metric_time__day", "discrete_booking_value_p99"),
        # A digest of so few values gives one of them: what their engine approximates is our discrete percentile.
        ("measure_aggregations__approximate_continuous_percentile_agg", "approximate_continuous_booking_value_p99",
         "metric_time__day", "discrete_booking_value_p99"),
        ("measure_aggregations__approximate_discrete_percentile_agg", "approximate_discrete_booking_value_p99",
         "metric_time__day", "discrete_booking_value_p99"),
        ("measure_aggregations__median_agg", "median_booking_value", "metric_time__day", "median_booking_value"),
        ("simple__query_with_multiple_metrics_ordered_by_metric", "bookings", "metric_time__day", "bookings"),
        ("simple__query_with_multiple_metrics_ordered_by_metric", "booking_value", "metric_time__day", "booking_value"),
        ("simple__simple_query_with_time_constraint", "booking_value", "metric_time__day", "booking_value"),
        ("constraints__test_constraint_non_requested_dimensions", "booking_value", "metric_time__day", "instant_booking_value"),
    ]

    @classmethod
    def setUpClass(cls):
        cls.suite = SUITES / "metricflow"
        bookings = []
        for number, row in enumerate(cls.table("fct_bookings")):
            bookings.append({"booking_id": number, "ds": row["ds"] + "T00:00:00Z",
                             **{key: row[key] for key in cls.BOOKINGS if key in row and key != "ds"}})
        listings = [{**row, "created_at": row["created_at"] + "T00:00:00Z"} for row in cls.table("dim_listings_latest")]
        for row in bookings:
            row["is_instant"] = row["is_instant"].lower()
        for row in listings:
            row["is_lux"] = row["is_lux"].lower()
        day = [("bookings", "count(*)"), ("booking_value", "sum(booking_value)"), ("bookers", "count(DISTINCT guest_id)"),
               ("average_booking_value", "avg(booking_value)"), ("instant_bookings", "count(*) FILTER (WHERE is_instant)"),
               ("referred_bookings", "count(referrer_id)"), ("median_booking_value", "median(booking_value)"),
               ("booking_value_p99", "percentile_cont(0.99) WITHIN GROUP (ORDER BY booking_value)"),
               ("discrete_booking_value_p99", "percentile_disc(0.99) WITHIN GROUP (ORDER BY booking_value)")]
        metrics = [metric(name, text, "fact_bookings", "day") for name, text in day]
        metrics.append(metric("instant_booking_value", "sum(booking_value)", "fact_bookings", "day", ["is_instant"]))
        metrics.append(metric("listings", "count(*)", "fact_listings", "day"))
        metrics.append(metric("smallest_listing", "min(capacity)", "fact_listings", "day"))
        metrics.append(metric("largest_listing", "max(capacity)", "fact_listings", "month"))
        # The manifest's own derived metrics over these measures.
        metrics.append(metric("booking_fees", "metric('suite/booking_value') * 0.05", grain="day"))
        metrics.append(metric("booking_fees_per_booker", "metric('suite/booking_value') * 0.05 / metric('suite/bookers')", grain="day"))
        metrics.append(metric("booking_fees_last_week_per_booker_this_week",
                              "metric('suite/booking_value', offset => '1 week') * 0.05 / metric('suite/bookers')", grain="day"))
        metrics.append(metric("bookings_per_listing", "metric('suite/bookings') / metric('suite/listings')", grain="day"))
        cls.start([dataset("fact_bookings", ["booking_id", "ds"], "ds", cls.BOOKINGS),
                   dataset("fact_listings", ["listing_id", "created_at"], "created_at", cls.LISTINGS)],
                  metrics, {"fact_bookings": bookings, "fact_listings": listings})

    @classmethod
    def table(cls, name):
        with (cls.suite / "tables" / f"{name}.csv").open(encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def expected(self, case, column, time_column):
        with (self.suite / "expected" / f"{case}.csv").open(encoding="utf-8-sig") as file:
            return {row[time_column][:10]: float(row[column]) if row[column] else None for row in csv.DictReader(file)}

    def test_cases(self):
        for case, column, time_column, name in self.CASES:
            with self.subTest(case):
                expected = self.expected(case, column, time_column)
                self.assertTrue(expected)
                first, last = (min(expected), max(expected)) if len(expected) == 1 else (self.FIRST, self.LAST)
                if case.endswith("max_agg"):
                    first, last = self.FIRST, self.LAST
                self.check(f"suite/{name}", first, last, expected)

    def test_every_aggregation_is_here(self):
        files = {path.stem for path in (self.suite / "expected").glob("measure_aggregations__*.csv")}
        self.assertEqual(files, {case for case, *_ in self.CASES if case.startswith("measure_aggregations__")})

    @staticmethod
    def week_before(day):
        return str(datetime.date.fromisoformat(day) - datetime.timedelta(days=7))

    def test_derived_metrics_of_the_manifest(self):
        value = self.expected("simple__query_with_multiple_metrics_ordered_by_metric", "booking_value", "metric_time__day")
        bookings = self.expected("simple__query_with_multiple_metrics_ordered_by_metric", "bookings", "metric_time__day")
        bookers = self.expected("measure_aggregations__count_distinct_agg", "bookers", "metric_time__day")
        listings = self.expected("measure_aggregations__sum_agg", "listings", "metric_time__day")
        self.check("suite/booking_fees", self.FIRST, self.LAST, {day: x * 0.05 for day, x in value.items()})
        self.check("suite/booking_fees_per_booker", self.FIRST, self.LAST, {day: x * 0.05 / bookers[day] for day, x in value.items()})
        self.check("suite/booking_fees_last_week_per_booker_this_week", self.FIRST, self.LAST,
                   {day: value[self.week_before(day)] * 0.05 / count if self.week_before(day) in value else None for day, count in bookers.items()})
        # Two datasets: days on which either has a row.
        self.check("suite/bookings_per_listing", self.FIRST, self.LAST,
                   {day: bookings[day] / listings[day] if day in bookings and day in listings else None
                    for day in bookings.keys() | listings.keys()})


if __name__ == "__main__":
    stack.main()
