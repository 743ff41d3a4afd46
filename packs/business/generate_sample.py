#!/usr/bin/env python3
"""Writes the made-up books of a small subscription company, one CSV file for each dataset of the pack.

The same bytes for the same arguments. Names, customers and amounts are fictitious.
"""

import argparse
import csv
import datetime
import io
import pathlib
import random

DEFAULT_OUT = pathlib.Path(__file__).resolve().parent / "sample"
PRICES = {"starter": 20, "team": 200, "business": 900}
PLANS = list(PRICES)
FEATURES = ("dashboard", "reports", "alerts", "api")
STAGES = ("lead", "qualified", "proposal", "negotiation")
SERVICES = {"aws": ("compute", "storage", "network"), "gcp": ("compute", "storage"), "hetzner": ("servers",)}
MONTH_DAYS = 28  # of every month on which things happen, so that no month is special


def instant(day, seconds=0):
    moment = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def months_from(start, count):
    for index in range(count):
        month = start.month - 1 + index
        yield datetime.date(start.year + month // 12, month % 12 + 1, 1)


def pick(rng, choices):
    """Only Random.random() is the same in every Python."""
    return choices[int(rng.random() * len(choices))]


class Company:
    """Subscriptions from month to month, and what follows from them."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.active = {}  # subscription to (customer, plan, mrr)
        self.made = 0

    def new_subscription(self):
        self.made += 1
        plan = pick(self.rng, PLANS)
        # Every fourth belongs to a customer who has one already.
        customer = f"c{self.made - 1 if self.made % 4 == 0 else self.made:03}"
        return f"s{self.made:03}", (customer, plan, PRICES[plan])

    def close_month(self):
        """(subscription, customer, plan, state, mrr, previous mrr) of the month that ends."""
        rows = []
        for subscription, (customer, plan, mrr) in list(self.active.items()):
            luck, now, state = self.rng.random(), mrr, "kept"
            if luck < 0.05:
                now, state = 0, "churned"
                del self.active[subscription]
            elif luck < 0.15 and plan != PLANS[-1]:
                plan = PLANS[PLANS.index(plan) + 1]
                now, state = PRICES[plan], "expanded"
            elif luck < 0.2 and plan != PLANS[0]:
                plan = PLANS[PLANS.index(plan) - 1]
                now, state = PRICES[plan], "contracted"
            if state != "churned":
                self.active[subscription] = (customer, plan, now)
            rows.append((subscription, customer, plan, state, now, mrr))
        for _ in range(6 if self.made else 24):
            subscription, (customer, plan, mrr) = self.new_subscription()
            self.active[subscription] = (customer, plan, mrr)
            rows.append((subscription, customer, plan, "new", mrr, 0))
        return rows


def subscription_months(company, month):
    for subscription, customer, plan, state, mrr, previous in company.close_month():
        yield subscription, instant(month), customer, plan, state, mrr, previous


def payments(company, month):
    for index, (subscription, (customer, plan, mrr)) in enumerate(sorted(company.active.items())):
        day = month + datetime.timedelta(days=index % MONTH_DAYS)
        luck = company.rng.random()
        status = "failed" if luck < 0.04 else "succeeded"
        yield f"p{month:%y%m}-{subscription}", instant(day, 36_000 + index), customer, plan, status, mrr
        if luck > 0.97:
            yield f"r{month:%y%m}-{subscription}", instant(day, 72_000 + index), customer, plan, "refunded", mrr
    yield f"o{month:%y%m}", instant(month, 50_000), "c001", "", "succeeded", 1500


def user_events(company, month):
    for index in range(120):
        user = f"u{int(company.rng.random() * 40):02}"
        day = month + datetime.timedelta(days=int(company.rng.random() * MONTH_DAYS))
        yield f"e{month:%y%m}-{index:03}", instant(day, 30_000 + 60 * index), user, pick(company.rng, FEATURES)


def opportunity_days(company, month):
    deals = [(f"d{month:%y%m}-{index}", pick(company.rng, ("emea", "amer")), 1000 * (1 + int(company.rng.random() * 40)))
             for index in range(5)]
    for number in range(0, MONTH_DAYS, 7):
        day = month + datetime.timedelta(days=number)
        for deal, team, amount in deals:
            last = number + 7 >= MONTH_DAYS
            yield deal, instant(day), pick(company.rng, ("won", "lost")) if last else STAGES[number // 7], team, amount


def tickets(company, month):
    for index in range(16):
        day = month + datetime.timedelta(days=int(company.rng.random() * MONTH_DAYS))
        hours = round(0.5 + 60 * company.rng.random() ** 3, 2)
        yield f"t{month:%y%m}-{index:02}", instant(day, 40_000 + index), pick(company.rng, ("low", "normal", "high", "urgent")), hours


def infrastructure_costs(company, month):
    for provider, services in SERVICES.items():
        for service in services:
            for number in range(0, MONTH_DAYS, 7):
                cost = round(20 + 80 * company.rng.random(), 2)
                yield provider, service, instant(month + datetime.timedelta(days=number)), cost


DATASETS = {
    "fact_subscription_months": ("subscription_id,month_start,customer_id,plan,state,mrr_usd,previous_mrr_usd", subscription_months),
    "fact_payments": ("payment_id,paid_at,customer_id,plan,status,amount_usd", payments),
    "fact_user_events": ("event_id,occurred_at,user_id,feature", user_events),
    "fact_opportunity_days": ("opportunity_id,day_start,stage,team,amount_usd", opportunity_days),
    "fact_tickets": ("ticket_id,resolved_at,priority,resolution_hours", tickets),
    "fact_infrastructure_costs": ("provider,service,day_start,cost_usd", infrastructure_costs),
}


def write(out, months, seed):
    company = Company(seed)
    files = {name: io.StringIO() for name in DATASETS}
    writers = {name: csv.writer(file, lineterminator="\n") for name, file in files.items()}
    for name, (header, _) in DATASETS.items():
        writers[name].writerow(header.split(","))
    for month in months:
        for name, (_, rows) in DATASETS.items():
            writers[name].writerows(rows(company, month))
    out.mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        (out / f"{name}.csv").write_text(file.getvalue(), encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", default="2024-01-01", type=datetime.date.fromisoformat, help="first month, on its first day")
    parser.add_argument("--months", default=6, type=int, help="how many")
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--out", default=DEFAULT_OUT, type=pathlib.Path, help="folder")
    arguments = parser.parse_args()
    write(arguments.out, months_from(arguments.start, arguments.months), arguments.seed)


if __name__ == "__main__":
    main()
