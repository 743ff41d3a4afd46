#!/usr/bin/env python3
"""Writes made-up minute bars shaped like those of US equities, the same bytes for the same arguments.

Every weekday is a full trading day: 390 minutes of the regular session, and some minutes before and after it. Exchange
holidays are not left out, so choose a start without one if that matters. Symbols and prices are fictitious.
"""

import argparse
import datetime
import math
import pathlib
import random
import sys
import zoneinfo

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
HEADER = "symbol,ts,open,high,low,close,volume"
DEFAULT_OUT = pathlib.Path(__file__).resolve().parent / "sample" / "bars_1m.csv"

# Minutes after local midnight.
PRE_OPEN, OPEN, CLOSE, POST_CLOSE = 8 * 60, 9 * 60 + 30, 16 * 60, 17 * 60
# The share of minutes outside the regular session that see a trade.
THIN_TRADING = 0.2
LOWEST_PRICE_CENTS = 100


def step(rng, size):
    """A symmetric, roughly bell-shaped whole number; only Random.random() is the same in every Python."""
    return round((rng.random() + rng.random() + rng.random() - 1.5) * size)


def minute_volume(rng, minute):
    """Heavy at the open and the close, light at noon, thin outside the session."""
    if not OPEN <= minute < CLOSE:
        return 100 * (1 + int(rng.random() * 5))
    noon = (OPEN + CLOSE) / 2
    smile = 0.3 + ((minute - noon) / (noon - OPEN)) ** 2
    return 100 * (1 + int(rng.random() * 60 * smile))


def traded_minutes(rng):
    for minute in range(PRE_OPEN, POST_CLOSE):
        if OPEN <= minute < CLOSE or rng.random() < THIN_TRADING:
            yield minute


def dollars(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def day_bars(rng, symbol, date, price):
    """Yields the lines of one day; returns the last price."""
    midnight = datetime.datetime.combine(date, datetime.time(), NEW_YORK)
    # No clock change falls between 08:00 and 17:00, so one offset serves the whole day.
    offset = (midnight + datetime.timedelta(hours=12)).utcoffset()
    start = datetime.datetime.combine(date, datetime.time()) - offset
    for minute in traded_minutes(rng):
        size = max(4, price // 2000)
        opened = max(LOWEST_PRICE_CENTS, price + step(rng, size / 2))
        price = max(LOWEST_PRICE_CENTS, opened + step(rng, size))
        high = max(opened, price) + math.floor(rng.random() * size / 2)
        low = max(LOWEST_PRICE_CENTS, min(opened, price) - math.floor(rng.random() * size / 2))
        instant = (start + datetime.timedelta(minutes=minute)).isoformat()
        volume = minute_volume(rng, minute)
        yield (f"{symbol},{instant}Z,{dollars(opened)},{dollars(high)},{dollars(low)},"
               f"{dollars(price)},{volume}\n")
    return price


def weekdays(start, count):
    date = start
    while count > 0:
        if date.weekday() < 5:
            yield date
            count -= 1
        date += datetime.timedelta(days=1)


def symbol_bars(symbol, start, days, seed):
    # Seeded by the symbol, so that its bars do not depend on which others are asked for.
    rng = random.Random(f"{seed}/{symbol}")
    price = 2000 + int(rng.random() * 30000)
    for date in weekdays(start, days):
        # The overnight gap.
        price = max(LOWEST_PRICE_CENTS, price + step(rng, price / 50))
        price = yield from day_bars(rng, symbol, date, price)


def write_bars(out, symbols, start, days, seed):
    out.write(HEADER + "\n")
    for symbol in symbols:
        out.writelines(symbol_bars(symbol, start, days, seed))


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--days", type=int, default=10, help="trading days (default %(default)s)")
    parser.add_argument("--symbols", default="ACME,BOLT", help="comma-separated (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default %(default)s")
    # Two weeks around the clock change of March 10.
    parser.add_argument("--start", type=datetime.date.fromisoformat, default=datetime.date(2024, 3, 4),
                        help="first date (default %(default)s)")
    parser.add_argument("--out", default=str(DEFAULT_OUT), help="file, or - for standard output")
    options = parser.parse_args(arguments)
    options.symbols = [symbol.strip() for symbol in options.symbols.split(",")]
    if options.days < 1 or not all(options.symbols):
        parser.error("--days must be at least 1 and --symbols must not hold an empty name")
    return options


def main(arguments=None):
    options = parse_arguments(arguments)
    out = sys.stdout if options.out == "-" else open(options.out, "w", encoding="utf-8", newline="\n")
    with out:
        write_bars(out, options.symbols, options.start, options.days, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
