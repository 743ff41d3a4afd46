"""MetricFlow's simple manifest in our words: its tables as datasets, its measures and metrics as definitions.

An expression reads one dataset, so that a row of a fact carries what MetricFlow joins to it: the country, capacity and kind of
its listing, the home state of its user. A query without a time grain is the last day of a running total over all rows.
"""

import csv

from suites import SUITES, dataset, metric

SUITE = SUITES / "metricflow"
ALL_TIME = "rolling_1000d"
TIMES = {"ds", "paid_at", "created_at", "archived_at"}

# By dataset: table of the suite, time column, columns.
DATASETS = {
    "fact_bookings": ("fct_bookings", "ds", {"guest_id": "text", "host_id": "text", "listing_id": "text", "booking_value": "float64",
                                             "is_instant": "bool", "referrer_id": "text", "listing_country": "text",
                                             "listing_capacity": "int64", "listing_is_lux": "bool"}),
    "fact_payments": ("fct_bookings", "paid_at", {"booking_value": "float64"}),
    "fact_listings": ("dim_listings_latest", "created_at", {"listing_id": "text", "country": "text", "capacity": "int64", "is_lux": "bool",
                                                            "company_name": "text"}),
    "fact_views": ("fct_views", "ds", {"listing_id": "text"}),
    "fact_verifications": ("fct_id_verifications", "ds", {"verification_type": "text"}),
    "fact_revenue": ("fct_revenue", "created_at", {"revenue": "float64", "home_state": "text"}),
    "fact_accounts": ("fct_accounts", "ds", {"user_id": "text", "account_balance": "float64", "home_state": "text"}),
    "fact_users": ("dim_users", "created_at", {"user_id": "text"}),
    "fact_archived_users": ("dim_users", "archived_at", {"user_id": "text"}),
}


def table(name):
    with (SUITE / "tables" / f"{name}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def joined(name):
    """The rows of a table with what is joined to them; "" is NULL."""
    listings = {row["listing_id"]: row for row in table("dim_listings_latest")}
    homes = {row["user_id"]: row["home_state_latest"] for row in table("dim_users_latest")}
    companies = {row["user_id"]: row["company_name"] for row in table("dim_companies")}
    rows = table(name)
    for row in rows:
        listing = listings.get(row.get("listing_id"), {})
        row.update({f"listing_{key}": listing.get(key, "") for key in ("country", "capacity", "is_lux")})
        row["home_state"] = homes.get(row.get("user_id"), "")
        row["company_name"] = companies.get(row.get("user_id"), "")
    return rows


def datasets():
    return [dataset(name, ["id", time], time, {"id": "int64", time: "timestamp", **columns}) for name, (_, time, columns) in DATASETS.items()]


def ingested():
    """Rows by dataset, as they are ingested."""
    tables = {}
    for name, (source, time, columns) in DATASETS.items():
        tables[name] = []
        for number, row in enumerate(joined(source)):
            start = row[time].replace(" ", "T") + ("Z" if " " in row[time] else "T00:00:00Z")
            values = {column: row[column].lower() if kind == "bool" else row[column] for column, kind in columns.items()}
            tables[name].append({"id": number, time: start, **values})
    return tables


# A group of a query is a metric with its filter, and named after it.
GROUPS = {
    "instant": "is_instant", "other": "NOT is_instant",
    "lux": "listing_is_lux", "plain": "NOT listing_is_lux", "unlisted": "listing_is_lux IS NULL",
    "us": "listing_country = 'us'", "ci": "listing_country = 'cote d''ivoire'", "nowhere": "listing_country IS NULL",
    "companyless": "company_name IS NULL",
}

BOOKINGS = {
    "bookings": "count(*)", "booking_value": "sum(booking_value)", "average_booking_value": "avg(booking_value)",
    "max_booking_value": "max(booking_value)", "min_booking_value": "min(booking_value)", "bookers": "count(DISTINCT guest_id)",
    "instant_bookings": "count(*) FILTER (WHERE is_instant)", "referred_bookings": "count(referrer_id)",
    "median_booking_value": "median(booking_value)",
    "booking_value_p99": "percentile_cont(0.99) WITHIN GROUP (ORDER BY booking_value)",
    "discrete_booking_value_p99": "percentile_disc(0.99) WITHIN GROUP (ORDER BY booking_value)",
}

# Metrics of a day over other metrics; {x} is metric('suite/x'), {x:1 week} its value a week earlier.
DERIVED = {
    "booking_fees": "{booking_value} * 0.05",
    "booking_fees_per_booker": "{booking_value} * 0.05 / {bookers}",
    "booking_fees_last_week_per_booker_this_week": "{booking_value:1 week} * 0.05 / {bookers}",
    "views_times_booking_value": "{booking_value} * {views}",
    "bookings_per_booker": "{bookings} / {bookers}",
    "bookings_per_view": "{bookings} / {views}",
    "bookings_per_listing": "{bookings} / {listings}",
    "bookings_per_dollar": "{bookings} / {booking_value}",
    "instant_booking_fraction_of_max_value": "{average_booking_value_instant} / {max_booking_value}",
    "lux_booking_fraction_of_max_value": "{average_booking_value_lux} / {max_booking_value}",
    "lux_booking_value_rate_expr": "{average_booking_value_lux} * {bookings_lux} / nullif({booking_value}, 0)",
    "instant_booking_value_ratio": "{booking_value_instant} / {booking_value}",
    "instant_lux_booking_value_rate":
        "{average_booking_value_lux_instant} * {bookings_lux_instant} / nullif({booking_value_instant}, 0)",
    "double_counted_delayed_bookings": "{bookings_other} * 2",
    "non_referred_bookings_pct": "({bookings} - {referred_bookings}) * 1.0 / {bookings}",
    "booking_value_sub_instant": "{booking_value} - {booking_value_instant}",
    "booking_value_sub_instant_add_10": "{booking_value_sub_instant} + 10",
    "bookings_per_lux_listing_derived": "{bookings} * 1.0 / nullif({lux_listings}, 0)",
    "instant_plus_non_referred_bookings_pct": "{non_referred_bookings_pct} + ({instant_bookings} * 1.0 / {bookings})",
    "booking_value_per_view": "{booking_value} / nullif({views}, 0)",
    "derived_bookings_0": "{bookings}",
    "derived_bookings_1": "{bookings}",
    "derived_shared_alias_1a": "{bookings} - 10",
    "derived_shared_alias_1b": "{bookings} - 100",
    "derived_shared_alias_2": "{instant_bookings} + 10",
    "test_simple_derived_metric": "{bookings} + {referred_bookings} + {instant_bookings} + {booking_value}",
    # A measure that is NULL only where there is no row, and so no point.
    "bookings_fill_nulls_with_0_without_time_spine": "coalesce({bookings}, 0)",
    "twice_bookings_fill_nulls_with_0_without_time_spine": "2 * {bookings_fill_nulls_with_0_without_time_spine}",
    "nested_fill_nulls_without_time_spine": "3 * {twice_bookings_fill_nulls_with_0_without_time_spine}",
    # Offsets.
    "bookings_growth_2_weeks": "{bookings} - {bookings:14 days}",
    "bookings_5_day_lag": "{bookings:5 days}",
    "bookings_offset_once": "2 * {bookings:5 days}",
    "bookings_offset_twice": "2 * {bookings_offset_once:2 days}",
    "bookings_1_month_ago": "{bookings:1 month}",
    "bookings_mom": "({bookings} - {bookings:1 month}) / nullif({bookings:1 month}, 0)",
    "bookings_1_year_ago": "{bookings:1 year}",
    "bookings_yoy": "({bookings} - {bookings:1 year}) / nullif({bookings:1 year}, 0)",
    "every_2_days_bookers_2_days_ago": "{every_two_days_bookers:2 days}",
    "trailing_7_days_bookings_offset_1_week": "{trailing_7_days_bookings:1 week}",
    # A window of months is what the running total grew by in them; where that is nothing there was no row.
    "trailing_2_months_revenue": "nullif({revenue_all_time} - coalesce({revenue_all_time:2 months}, 0), 0)",
    "trailing_2_months_revenue_sub_10": "{trailing_2_months_revenue} - 10",
    "trailing_2_months_revenue_with_filter": "nullif({revenue_all_time_ca} - coalesce({revenue_all_time_ca:2 months}, 0), 0)",
    # An offset to the start of a period: the rows of its first day, to date.
    "bookings_growth_since_start_of_month": "{bookings} - {bookings_at_start_of_month}",
    "bookings_month_start_compared_to_1_month_prior": "{bookings_at_start_of_month} - {bookings:1 month}",
    "booking_fees_since_start_of_month": "{booking_fees} - {booking_value_at_start_of_month} * 0.05",
    "bookings_all_time_at_start_of_month":
        "{bookings_all_time} - coalesce({bookings_mtd}, 0) + coalesce({bookings_at_start_of_month}, 0)",
    "bookings_all_time_at_start_of_year":
        "nullif({bookings_all_time} - coalesce({bookings_ytd}, 0) + coalesce({bookings_at_start_of_year}, 0), 0)",
    "bookings_since_start_of_month": "{bookings_all_time} - {bookings_all_time_at_start_of_month}",
    "bookings_since_start_of_year": "{bookings_all_time} - {bookings_all_time_at_start_of_year}",
}


class _Reference:
    def __init__(self, name):
        self.name = name

    def __format__(self, offset):
        return f"metric('suite/{self.name}', offset => '{offset}')" if offset else f"metric('suite/{self.name}')"


class _References(dict):
    def __missing__(self, name):
        return _Reference(name)


def derived(name, text, grain="day"):
    return metric(name, text.format_map(_References()), grain=grain)


def of_groups(base, groups, window=None):
    """`base` of the rows that are in all of the groups."""
    table_name, expression = ("fact_listings", "count(*)") if base.endswith("listings") else ("fact_bookings", BOOKINGS[base.removeprefix("total_")])
    return metric("_".join([base, *groups]), expression, table_name, "day", [GROUPS[group] for group in groups], window)


def definitions(users):
    metrics = [metric(name, text, "fact_bookings", "day") for name, text in BOOKINGS.items()]
    for base, groups in (("booking_value", ["instant"]), ("average_booking_value", ["instant"]), ("average_booking_value", ["lux"]),
                         ("average_booking_value", ["lux", "instant"]), ("bookings", ["lux"]), ("bookings", ["lux", "instant"]),
                         ("bookings", ["other"])):
        metrics.append(of_groups(base, groups))
    totals = [["instant"], ["other"]] + [[way, place] for way in ("instant", "other") for place in ("us", "ci", "nowhere")]
    metrics += [of_groups("total_booking_value", groups, ALL_TIME) for groups in totals]
    kinds = [["plain"], ["unlisted"], ["other", "lux"], ["other", "plain"], ["other", "unlisted"]]
    metrics += [of_groups("total_bookings", groups, ALL_TIME) for groups in kinds]
    metrics.append(of_groups("total_listings", ["companyless"], ALL_TIME))
    metrics.append(metric("booking_value_of_4", "sum(booking_value)", "fact_bookings", "day", ["listing_capacity >= 4"]))
    metrics.append(metric("booking_value_by_month", "sum(booking_value)", "fact_bookings", "month"))
    metrics.append(metric("booking_value_for_non_null_listing_id", "sum(booking_value)", "fact_bookings", "day", ["listing_id IS NOT NULL"]))
    for name, text, source in (("booking_payments", "sum(booking_value)", "fact_payments"), ("views", "count(*)", "fact_views"),
                               ("listings", "count(*)", "fact_listings"), ("smallest_listing", "min(capacity)", "fact_listings"),
                               ("identity_verifications", "count(*)", "fact_verifications"), ("revenue", "sum(revenue)", "fact_revenue"),
                               ("account_balance", "sum(account_balance)", "fact_accounts"), ("new_users", "count(*)", "fact_users")):
        metrics.append(metric(name, text, source, "day"))
    metrics.append(metric("largest_listing", "max(capacity)", "fact_listings", "month"))
    metrics.append(metric("lux_listings", "count(*)", "fact_listings", "day", ["is_lux"]))
    for name, text, source, window, filters in (
            ("bookings_all_time", "count(*)", "fact_bookings", ALL_TIME, ()), ("bookings_mtd", "count(*)", "fact_bookings", "month_to_date", ()),
            ("bookings_ytd", "count(*)", "fact_bookings", "year_to_date", ()),
            ("trailing_7_days_bookings", "count(*)", "fact_bookings", "rolling_7d", ()),
            ("every_two_days_bookers", "count(DISTINCT guest_id)", "fact_bookings", "rolling_2d", ()),
            ("revenue_all_time", "sum(revenue)", "fact_revenue", ALL_TIME, ()), ("revenue_mtd", "sum(revenue)", "fact_revenue", "month_to_date", ()),
            ("revenue_all_time_ca", "sum(revenue)", "fact_revenue", ALL_TIME, ["home_state = 'CA'"]),
            ("bookings_at_start_of_month", "count(*)", "fact_bookings", "month_to_date", ["extract(day FROM ds) = 1"]),
            ("booking_value_at_start_of_month", "sum(booking_value)", "fact_bookings", "month_to_date", ["extract(day FROM ds) = 1"]),
            ("bookings_at_start_of_year", "count(*)", "fact_bookings", "year_to_date", ["extract(doy FROM ds) = 1"])):
        metrics.append(metric(name, text, source, "day", filters, window, kind="cumulative"))
    metrics += [derived(name, text) for name, text in DERIVED.items()]
    # Balances do not add up over days: a month has those of its first or last day.
    for name, filters in (("total_account_balance_first_day", ()), ("west_coast_balance_first_day", ["home_state IN ('CA', 'HI', 'WA')"]),
                          ("east_coast_balance_first_day", ["home_state IN ('MD', 'NY', 'TX')"])):
        metrics.append(metric(name, "sum(account_balance)", "fact_accounts", "day", filters, rollup="first"))
    metrics.append(derived("regional_starting_balance_ratios", "{west_coast_balance_first_day} / {east_coast_balance_first_day}", "month"))
    metrics.append(metric("total_account_balance_first_day_of_month", "sum(account_balance)", "fact_accounts", "month"))
    for user in users:
        metrics.append(metric(f"current_account_balance_{user}", "sum(account_balance)", "fact_accounts", "day", [f"user_id = '{user}'"], rollup="last"))
    metrics.append(metric("archived_users", "count(*)", "fact_archived_users", "hour"))
    metrics.append(metric("simple_subdaily_metric_default_day", "count(*)", "fact_archived_users", "day"))
    metrics.append(metric("subdaily_cumulative_window_metric", "count(*)", "fact_archived_users", "hour", window="rolling_3h", kind="cumulative"))
    metrics.append(derived("subdaily_offset_window_metric", "{archived_users:1 hour}", "hour"))
    return metrics
