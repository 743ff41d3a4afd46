"""What the metrics of MetricFlow's simple manifest ought to be: worked out from the rows of its tables by the manifest's words, and
by nothing of ours. Points are {date: value}; a value of None is NULL.
"""

import calendar
import datetime
import math

import metricflow_model as model

FIRST, LAST, LATER = "2019-12-01", "2020-12-31", "2021-01-31"  # revenue and payments go on


def days(first=FIRST, last=LAST):
    first, last = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    return [str(first + datetime.timedelta(days=number)) for number in range((last - first).days + 1)]


def days_before(day, count):
    return str(datetime.date.fromisoformat(day) - datetime.timedelta(days=count))


def months_before(day, count):
    """A month that is shorter has its last day."""
    date = datetime.date.fromisoformat(day)
    year, month = divmod(date.year * 12 + date.month - 1 - count, 12)
    return str(datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1])))


def start_of_month(day):
    return day[:8] + "01"


def start_of_year(day):
    return day[:5] + "01-01"


def total(column):
    return lambda rows: math.fsum(float(row[column]) for row in rows if row[column])


def distinct(column):
    return lambda rows: len({row[column] for row in rows if row[column]})


def percentile(rows):
    """Continuous, of 99 %."""
    values = sorted(float(row["booking_value"]) for row in rows)
    place = 0.99 * (len(values) - 1)
    low = math.floor(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)


def median(rows):
    values = sorted(float(row["booking_value"]) for row in rows)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def by_time(rows, fold, time="ds", length=10):
    """`fold` of the rows of each day, month (length 7) or hour (13)."""
    groups = {}
    for row in rows:
        groups.setdefault(row[time][:length].replace(" ", "T"), []).append(row)
    return {key: fold(group) for key, group in groups.items()}


def windows(rows, fold, start_of, time="ds", last=LAST):
    """`fold` of the rows after start_of(day), to the day, for each day that has any."""
    found = {}
    for day in days(last=last):
        shown = [row for row in rows if start_of(day) < row[time] <= day]
        if shown:
            found[day] = fold(shown)
    return found


def together(formula, *series):
    """Of days on which any has a value; NULL where one is missing."""
    result = {}
    for day in set().union(*series):
        values = [one.get(day) for one in series]
        result[day] = None if None in values else formula(*values)
    return result


def earlier(series, before, last=LAST):
    """What `series` had on before(day), for the days that have it."""
    return {day: series[before(day)] for day in days(last=last) if before(day) in series}


def divided(a, b):
    return None if b == 0 else a / b


def expected_of_manifest():
    """What the manifest's metrics of days are by its definitions, from the rows of the tables."""
    rows, listings, views, money = (model.joined(name) for name in ("fct_bookings", "dim_listings_latest", "fct_views", "fct_revenue"))
    instant = [row for row in rows if row["is_instant"] == "True"]
    lux = [row for row in rows if row["listing_is_lux"] == "True"]
    lux_instant = [row for row in lux if row["is_instant"] == "True"]
    average = lambda some: total("booking_value")(some) / len(some)
    count, value, bookers = (by_time(rows, fold) for fold in (len, total("booking_value"), distinct("guest_id")))
    instant_count = by_time(rows, lambda some: sum(row["is_instant"] == "True" for row in some))
    referred = by_time(rows, lambda some: sum(bool(row["referrer_id"]) for row in some))
    highest = by_time(rows, lambda some: max(float(row["booking_value"]) for row in some))
    value_instant, seen = by_time(instant, total("booking_value")), by_time(views, len)
    found = {
        "bookings": count, "booking_value": value, "bookers": bookers, "instant_bookings": instant_count, "referred_bookings": referred,
        "max_booking_value": highest, "min_booking_value": by_time(rows, lambda some: min(float(row["booking_value"]) for row in some)),
        "average_booking_value": by_time(rows, average), "median_booking_value": by_time(rows, median),
        "booking_value_p99": by_time(rows, percentile),
        "discrete_booking_value_p99": by_time(rows, lambda some: sorted(float(row["booking_value"]) for row in some)[math.ceil(0.99 * len(some)) - 1]),
        "instant_booking_value": value_instant, "average_instant_booking_value": by_time(instant, average),
        "booking_value_for_non_null_listing_id": by_time([row for row in rows if row["listing_id"]], total("booking_value")),
        "booking_payments": by_time(rows, total("booking_value"), "paid_at"), "views": seen,
        "listings": by_time(listings, len, "created_at"),
        "lux_listings": by_time([row for row in listings if row["is_lux"] == "True"], len, "created_at"),
        "smallest_listing": by_time(listings, lambda some: min(int(row["capacity"]) for row in some if row["capacity"]), "created_at"),
        "identity_verifications": by_time(model.table("fct_id_verifications"), len),
        "account_balance": by_time(model.table("fct_accounts"), total("account_balance")),
    }
    fees = {day: x * 0.05 for day, x in value.items()}
    not_referred = together(lambda all_, some: (all_ - some) * 1.0 / all_, count, referred)
    without_instant = together(lambda a, b: a - b, value, value_instant)
    found.update({
        "booking_fees": fees, "booking_fees_per_booker": together(divided, fees, bookers),
        "booking_fees_last_week_per_booker_this_week":
            {day: earlier(fees, lambda d: days_before(d, 7)).get(day) and fees[days_before(day, 7)] / bookers[day] for day in bookers},
        "views_times_booking_value": together(lambda a, b: a * b, value, seen), "bookings_per_booker": together(divided, count, bookers),
        "bookings_per_view": together(divided, count, seen), "bookings_per_listing": together(divided, count, found["listings"]),
        "bookings_per_dollar": together(divided, count, value), "booking_value_per_view": together(divided, value, seen),
        "instant_booking_fraction_of_max_value": together(divided, by_time(instant, average), highest),
        "lux_booking_fraction_of_max_value": together(divided, by_time(lux, average), highest),
        "lux_booking_value_rate_expr": together(lambda a, n, v: divided(a * n, v), by_time(lux, average), by_time(lux, len), value),
        "instant_booking_value_ratio": together(divided, value_instant, value),
        "instant_lux_booking_value_rate":
            together(lambda a, n, v: divided(a * n, v), by_time(lux_instant, average), by_time(lux_instant, len), value_instant),
        "double_counted_delayed_bookings": by_time([row for row in rows if row["is_instant"] == "False"], lambda some: 2 * len(some)),
        "non_referred_bookings_pct": not_referred, "booking_value_sub_instant": without_instant,
        "booking_value_sub_instant_add_10": {day: None if x is None else x + 10 for day, x in without_instant.items()},
        "bookings_per_lux_listing_derived": together(divided, count, found["lux_listings"]),
        "instant_plus_non_referred_bookings_pct": together(lambda a, b, c: a + b / c, not_referred, instant_count, count),
        "derived_bookings_0": count, "derived_bookings_1": count, "derived_shared_alias_1a": {day: x - 10 for day, x in count.items()},
        "derived_shared_alias_1b": {day: x - 100 for day, x in count.items()},
        "derived_shared_alias_2": {day: x + 10 for day, x in instant_count.items()},
        "test_simple_derived_metric": together(lambda *parts: sum(parts), count, referred, instant_count, value),
        "bookings_fill_nulls_with_0_without_time_spine": count,
        "twice_bookings_fill_nulls_with_0_without_time_spine": {day: 2 * x for day, x in count.items()},
        "nested_fill_nulls_without_time_spine": {day: 6 * x for day, x in count.items()},
    })
    found.update(expected_over_time(rows, money, count, fees))
    return found


def expected_over_time(rows, money, count, fees):
    """Offsets and running totals. Days on which only what is offset has a value have no point here: it could not be but NULL."""
    week, month, year = (lambda day: days_before(day, 7)), (lambda day: months_before(day, 1)), (lambda day: months_before(day, 12))
    against = lambda formula, before: {day: formula(x, count[before(day)]) if before(day) in count else None for day, x in count.items()}
    five = earlier(count, lambda day: days_before(day, 5))
    once = {day: 2 * x for day, x in five.items()}
    every_two = windows(rows, distinct("guest_id"), lambda day: days_before(day, 2))
    seven = windows(rows, len, week)
    all_time = windows(rows, len, lambda day: "")
    at_start = earlier(count, start_of_month)
    all_at_start, all_at_new_year = earlier(all_time, start_of_month), {day: all_time.get(start_of_year(day)) for day in all_time}
    two_months = lambda some: {day: windows(some, total("revenue"), lambda d: months_before(d, 2), "created_at", LATER).get(day)
                               for day in days("2020-01-01", LATER)}
    two, two_of_ca = two_months(money), two_months([row for row in money if row["home_state"] == "CA"])
    return {
        "revenue": by_time(money, total("revenue"), "created_at"),
        "revenue_all_time": windows(money, total("revenue"), lambda day: "", "created_at", LATER),
        "revenue_mtd": windows(money, total("revenue"), lambda day: days_before(start_of_month(day), 1), "created_at", LATER),
        "trailing_2_months_revenue": two, "trailing_2_months_revenue_with_filter": two_of_ca,
        "trailing_2_months_revenue_sub_10": {day: None if x is None else x - 10 for day, x in two.items()},
        "every_two_days_bookers": every_two, "every_2_days_bookers_2_days_ago": earlier(every_two, lambda day: days_before(day, 2)),
        "trailing_7_days_bookings": seven, "trailing_7_days_bookings_offset_1_week": earlier(seven, week),
        "bookings_growth_2_weeks": against(lambda now, then: now - then, lambda day: days_before(day, 14)),
        "bookings_5_day_lag": five, "bookings_offset_once": once,
        "bookings_offset_twice": {day: 2 * x for day, x in earlier(once, lambda day: days_before(day, 2)).items()},
        "bookings_1_month_ago": earlier(count, month), "bookings_mom": against(lambda now, then: (now - then) / then, month),
        "bookings_1_year_ago": earlier(count, year), "bookings_yoy": against(lambda now, then: (now - then) / then, year),
        "bookings_all_time": all_time, "bookings_at_start_of_month": at_start,
        "bookings_all_time_at_start_of_month": all_at_start, "bookings_all_time_at_start_of_year": all_at_new_year,
        "bookings_since_start_of_month": together(lambda a, b: a - b, all_time, all_at_start),
        "bookings_since_start_of_year": together(lambda a, b: a - b, all_time, all_at_new_year),
        "bookings_growth_since_start_of_month": together(lambda a, b: a - b, count, at_start),
        "booking_fees_since_start_of_month": together(lambda a, b: a - b, fees, earlier(fees, start_of_month)),
        "bookings_month_start_compared_to_1_month_prior":
            {day: x - count[month(day)] if month(day) in count else None for day, x in at_start.items()},
    }
