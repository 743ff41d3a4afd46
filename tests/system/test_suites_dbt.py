"""The cases of dbt_metrics' own suite, expressed as our definitions, give the answers that the suite expects.
Needs ../shared/data; skipped visibly without it.

A metric without a time grain is one at grain year over rows of one year.
"""

import csv
import json
import tempfile
import unittest

import stack
from suites import SUITES, Suite, dataset, metric


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


if __name__ == "__main__":
    stack.main()
