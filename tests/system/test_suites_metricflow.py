"""The cases of MetricFlow's own suite, and the metrics of its simple manifest, expressed as our definitions, give the answers that
the suite expects, or that follow from its tables by the manifest's definition. Needs ../shared/data; skipped visibly without it.
"""

import csv
import datetime
import json
import re
import unittest

import metricflow_model as model
import stack
from metricflow_reference import FIRST, LAST, LATER, by_time, expected_of_manifest, total
from suites import SUITES, Suite

NEW_YEAR = ("2020-01-01", "2020-01-01")

# The group of a query's row by its dimensions.
GROUP_OF = {
    "booking__is_instant": {"true": "instant", "false": "other"},
    "listing__is_lux_latest": {"true": "lux", "false": "plain", "": "unlisted"},
    "listing__country_latest": {"us": "us", "cote d'ivoire": "ci", "": "nowhere"},
    "user__company_name": {"": "companyless"},
}

CASES = [  # case, value column, our metric (before the names of groups), dates if not all
    ("constraints__test_overlapping_constraint_dimensions", "booking_value", "booking_value"),
    ("constraints__test_constraint_non_requested_dimensions", "booking_value", "booking_value_instant"),
    ("constraints__test_query_with_constraint_on_joined_dimension", "booking_value", "total_booking_value", "us"),
    ("constraints__test_time_constraint", "booking_value", "booking_value", NEW_YEAR),
    ("constraints__test_time_constraint_with_addition_dimension", "booking_value", "booking_value_instant", NEW_YEAR),
    ("constraints__test_bool_dim", "booking_value", "booking_value"),
    ("constraints__test_int_dim", "booking_value", "booking_value_of_4"),
    ("constraints__test_time_constraint_on_time_dimension_with_an_expression", "listings", "listings", ("2020-01-01", "2020-01-02")),
    ("constraints__test_metric_time_in_where", "bookings", "bookings", ("2020-01-01", "2021-01-02")),
    ("constraints__test_ambiguous_metric_time_in_query_filter", "bookings", "bookings", NEW_YEAR),
    ("constraints__test_measure_source_constraint_with_joined_group_by", "bookings", "total_bookings_other"),
    ("constraints__test_constraint_with_joined_dimension_allowing_nulls", "bookings", "total_bookings"),
    ("constraints__test_constraints_on_both_sides_of_a_join", "bookings", "total_bookings_other"),
    ("constraints__test_metric_time_in_dimension_jinja", "booking_value", "booking_value", NEW_YEAR),
    ("measure_aggregations__max_agg", "largest_listing", "largest_listing"),
    ("measure_aggregations__min_agg", "smallest_listing", "smallest_listing"),
    ("measure_aggregations__sum_agg", "listings", "listings"),
    ("measure_aggregations__count_distinct_agg", "bookers", "bookers"),
    ("measure_aggregations__avg_agg", "average_booking_value", "average_booking_value"),
    ("measure_aggregations__boolean_agg", "instant_bookings", "instant_bookings"),
    ("measure_aggregations__count_agg", "referred_bookings", "referred_bookings"),
    ("measure_aggregations__count_agg_with_count_expected_query", "referred_bookings", "referred_bookings"),
    ("measure_aggregations__continuous_percentile_agg", "booking_value_p99", "booking_value_p99"),
    ("measure_aggregations__discrete_percentile_agg", "discrete_booking_value_p99", "discrete_booking_value_p99"),
    # A digest of so few values gives one of them: what their engine approximates is our discrete percentile.
    ("measure_aggregations__approximate_continuous_percentile_agg", "approximate_continuous_booking_value_p99", "discrete_booking_value_p99"),
    ("measure_aggregations__approximate_discrete_percentile_agg", "approximate_discrete_booking_value_p99", "discrete_booking_value_p99"),
    ("measure_aggregations__median_agg", "median_booking_value", "median_booking_value"),
    ("order_limit__order_desc", "booking_value", "booking_value"),
    ("order_limit__order_asc", "booking_value", "booking_value"),
    ("order_limit__order_desc_with_granularity", "booking_value", "booking_value_by_month"),
    ("simple__simple_query", "booking_value", "total_booking_value"),
    ("simple__simple_query_with_time_constraint", "booking_value", "booking_value", NEW_YEAR),
    ("simple__simple_query_with_joined_dimension_on_unique_id", "listings", "total_listings"),
    ("simple__simple_constrained_query", "booking_value", "total_booking_value"),
    ("simple__ordered_query", "booking_value", "total_booking_value"),
    ("simple__query_with_multiple_metrics_ordered_by_metric", "bookings", "bookings"),
    ("simple__query_with_multiple_metrics_ordered_by_metric", "booking_value", "booking_value"),
    ("simple__query_with_multiple_metrics_ordered_by_dimension", "bookings", "bookings"),
    ("simple__query_with_multiple_metrics_ordered_by_dimension", "booking_value", "booking_value"),
    ("simple__query_with_join", "booking_value", "total_booking_value"),
]

# Cases with a test of their own.
LIMITED, EMPTY = "order_limit__order_limit", "simple__simple_query_without_dates_available"
HOURS = ["constraints__test_subdaily_time_constraint_with_metric", "constraints__test_subdaily_time_constraint_adjusted"]
CASES_LEFT_OUT = {
    "constraints__test_constraints_on_joined_group_by_items": "lists values of dimensions, and no metric",
    "constraints__test_subdaily_time_constraint": "lists seconds of the time spine, and no metric",
}

SPINE = "has a row for each day or hour of a calendar, where ours have points only where a window shows rows"
CONVERSION = "matches events of two tables user by user"
ALIEN = "a custom calendar's period, of which the suite has no table"
BY_METRIC = "a filter by another metric of the row's entity"
DIGEST = "is approximate: its cases are compared with the discrete percentile"
METRICS_LEFT_OUT = {
    "bookings_join_to_time_spine": SPINE, "bookings_fill_nulls_with_0": SPINE, "instant_bookings_with_measure_filter": SPINE,
    "bookings_join_to_time_spine_with_tiered_filters": SPINE, "every_two_days_bookers_fill_nulls_with_0": SPINE,
    "bookings_growth_2_weeks_fill_nulls_with_0": SPINE, "bookings_growth_2_weeks_fill_nulls_with_0_for_non_offset": SPINE,
    "subdaily_join_to_time_spine_metric": SPINE, "archived_users_join_to_time_spine": SPINE,
    "visit_buy_conversion_rate_7days": CONVERSION, "visit_buy_conversion_rate": CONVERSION, "visit_buy_conversions": CONVERSION,
    "visit_buy_conversion_rate_with_monthly_conversion": CONVERSION, "visit_buy_conversion_rate_by_session": CONVERSION,
    "visit_buy_conversion_rate_7days_fill_nulls_with_0": CONVERSION, "visit_buy_conversion_rate_with_filter": CONVERSION,
    "bookings_offset_alien_day": ALIEN, "bookings_offset_one_alien_day": ALIEN, "bookings_alien_day_over_alien_day": ALIEN,
    "active_listings": BY_METRIC, "popular_listing_bookings_per_booker": BY_METRIC,
    "approximate_continuous_booking_value_p99": DIGEST, "approximate_discrete_booking_value_p99": DIGEST,
}


@unittest.skipUnless(SUITES.is_dir(), "real data is absent: ../shared/data/suites")
class MetricFlow(Suite):
    @classmethod
    def setUpClass(cls):
        cls.accounts = model.joined("fct_accounts")
        cls.users = sorted({row["user_id"] for row in cls.accounts})
        cls.start(model.datasets(), model.definitions(cls.users), model.ingested(), "1900-01-01")

    def rows(self, case):
        with (model.SUITE / "expected" / f"{case}.csv").open(encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def expected(self, case, column, extra, last):
        """Expected values by our metric's suffix and by date."""
        groups = {}
        for row in self.rows(case):
            date = next((row[key] for key in row if key.startswith("metric_time__")), last)
            names = [group[row[dimension]] for dimension, group in GROUP_OF.items() if dimension in row] + extra
            groups.setdefault("".join(f"_{name}" for name in names), {})[date[:10]] = float(row[column]) if row[column] else None
        return groups

    def test_every_case_is_here(self):
        cases = json.loads((model.SUITE / "cases.json").read_text())
        self.assertEqual({case["expected_csv"].removeprefix("expected/").removesuffix(".csv") for case in cases},
                         {case for case, *_ in CASES} | {LIMITED, EMPTY} | set(HOURS) | set(CASES_LEFT_OUT))

    def check_together(self, expected):
        """Compares (what it is, metric, dates, points), with one evaluation for all of the same dates."""
        for first, last in {dates for _, _, dates, _ in expected}:
            some = [(what, metric, points) for what, metric, dates, points in expected if dates == (first, last)]
            found = self.evaluate_all(sorted({metric for _, metric, _ in some}), first, last)
            for what, metric, points in some:
                with self.subTest(f"{what}: {metric}"):
                    self.assertTrue(points)
                    self.compare(metric, found.get(metric, {}), points)

    def test_cases(self):
        expected = []
        for case, column, name, *more in CASES:
            first, last = next((dates for dates in more if isinstance(dates, tuple)), (FIRST, LAST))
            groups = self.expected(case, column, [group for group in more if isinstance(group, str)], last)
            self.assertTrue(groups, case)
            expected += [(case, f"suite/{name}{suffix}", (last if name.startswith("total_") else first, last), points)
                         for suffix, points in groups.items()]
        self.check_together(expected)

    def test_order_is_that_of_the_values(self):
        points = self.evaluate("suite/booking_value", FIRST, LAST)
        rising = sorted(points, key=lambda day: (points[day], day))
        falling = sorted(points, key=lambda day: (-points[day], day))
        for case, ours in (("order_limit__order_asc", rising), ("order_limit__order_desc", falling), (LIMITED, rising[:2])):
            self.assertEqual([row["metric_time__day"][:10] for row in self.rows(case)], ours, case)
        self.assertEqual([float(row["booking_value"]) for row in self.rows(LIMITED)], [points[day] for day in rising[:2]])

    def test_dates_without_rows_have_no_points(self):
        self.assertEqual(self.rows(EMPTY), [])
        self.check("suite/booking_value", "1900-01-01", "1900-01-01", {})

    def test_hours_that_have_rows(self):
        """Both cases join to a time spine: the hours without rows, which have no value there, have no point here."""
        points = self.evaluate("suite/archived_users", "2020-01-01", "2020-01-03", by_hour=True)
        for case in HOURS:
            expected = {row["metric_time__hour"][:13].replace(" ", "T"): row["subdaily_join_to_time_spine_metric"] for row in self.rows(case)}
            self.compare(case, {hour: value for hour, value in points.items() if min(expected) <= hour <= max(expected)},
                         {hour: float(value) for hour, value in expected.items() if value})

    def test_metrics_of_days(self):
        ours = {"instant_booking_value": "booking_value_instant", "average_instant_booking_value": "average_booking_value_instant"}
        self.check_together([(name, f"suite/{ours.get(name, name)}", (FIRST, LATER if "revenue" in name or name == "booking_payments" else LAST), points)
                             for name, points in expected_of_manifest().items()])

    def test_balances_of_months(self):
        first, of_month = "2020-01-01", lambda rows: by_time(rows, total("account_balance"))
        starting = lambda *states: of_month([row for row in self.accounts if row["home_state"] in states])
        west, east = starting("CA", "HI", "WA"), starting("MD", "NY", "TX")
        span = {"first": first, "last": "2020-01-31"}
        balances = of_month(self.accounts)
        self.check("suite/total_account_balance_first_day", expected={first: balances[min(balances)]}, grain="month", **span)
        self.check("suite/regional_starting_balance_ratios", expected={first: west[min(west)] / east[min(east)]}, **span)
        self.check("suite/total_account_balance_first_day_of_month", expected={first: total("account_balance")(self.accounts)}, **span)
        for user in self.users:
            own = of_month([row for row in self.accounts if row["user_id"] == user])
            self.check(f"suite/current_account_balance_{user}", expected={first: own[max(own)]}, grain="month", **span)

    def test_metrics_of_other_grains(self):
        users = model.table("dim_users")
        self.check("suite/new_users", "2013-01-01", "2019-12-31", by_time(users, len, "created_at"))
        hours = by_time(users, len, "archived_at", 13)
        three = {}
        for hour, number in hours.items():
            for later in range(3):
                key = f"{datetime.datetime.fromisoformat(hour + ':00') + datetime.timedelta(hours=later):%Y-%m-%dT%H}"
                three[key] = three.get(key, 0) + number
        after = {f"{datetime.datetime.fromisoformat(hour + ':00') + datetime.timedelta(hours=1):%Y-%m-%dT%H}": n for hour, n in hours.items()}
        for name, points in (("archived_users", hours), ("subdaily_cumulative_window_metric", three), ("subdaily_offset_window_metric", after)):
            self.check(f"suite/{name}", "2020-01-01", "2020-01-02", points, by_hour=True)
        self.check("suite/simple_subdaily_metric_default_day", "2020-01-01", "2020-01-02", by_time(users, len, "archived_at"))

    def test_every_metric_of_the_manifest_is_here_or_left_out(self):
        names = set()
        for file in (model.SUITE / "simple_manifest").rglob("*.yaml"):
            names |= set(re.findall(r'^metric:\n  name: "?(\w+)', file.read_text(), re.MULTILINE))
        here = set(expected_of_manifest()) | {
            "largest_listing",  # a case
            # Within an hour there is nothing to add up or to go back over: these are archived_users.
            "subdaily_cumulative_grain_to_date_metric", "subdaily_offset_grain_to_date_metric", "simple_subdaily_metric_default_hour",
            "subdaily_cumulative_window_metric", "subdaily_offset_window_metric", "simple_subdaily_metric_default_day",
            "total_account_balance_first_day", "current_account_balance_by_user", "regional_starting_balance_ratios"}
        self.assertEqual(names, here | set(METRICS_LEFT_OUT))
        self.assertFalse(here & set(METRICS_LEFT_OUT))


if __name__ == "__main__":
    stack.main()
