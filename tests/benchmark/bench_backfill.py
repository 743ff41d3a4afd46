"""End-to-end backfill beside one INSERT ... SELECT ... GROUP BY in PostgreSQL over the same rows, in the same run.

Both sides compute the same daily metrics of the regular session for every symbol: open, high, low, close, volume, vwap
and the first half hour's change. Both start without results and end with all of them committed. Prints one JSON object
a line; ratio above 1 means that we are better. METRICSTORE_BENCH_SYMBOLS and _DAYS change the size.
"""

import json
import os
import pathlib
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import stack  # noqa: E402

SYMBOLS = int(os.environ.get("METRICSTORE_BENCH_SYMBOLS", "20"))
DAYS = int(os.environ.get("METRICSTORE_BENCH_DAYS", "250"))
RUNS = int(os.environ.get("METRICSTORE_BENCH_RUNS", "3"))
METRICS = ("rth_open", "rth_high", "rth_low", "rth_close", "rth_volume_us", "rth_vwap_us", "30m_open_change_us")

# Days of 2023 without a full regular session; left out of the made-up bars, so that one clock rule is right for the peer.
CLOSED_OR_SHORT = {"2023-01-02", "2023-01-16", "2023-02-20", "2023-04-07", "2023-05-29", "2023-06-19", "2023-07-03",
                   "2023-07-04", "2023-09-04", "2023-11-23", "2023-11-24", "2023-12-25"}

# The best plain formulation found: one pass over the bars, first and last by arrays ordered inside the group.
PEER = """
INSERT INTO bench_peer
SELECT symbol, (ts AT TIME ZONE 'America/New_York')::date AS day,
       (array_agg(open ORDER BY ts))[1], max(high), min(low), (array_agg(close ORDER BY ts DESC))[1], sum(volume),
       sum(close * volume) / nullif(sum(volume), 0),
       (array_agg(close ORDER BY ts DESC) FILTER (WHERE (ts AT TIME ZONE 'America/New_York')::time < '10:00'))[1]
         - (array_agg(open ORDER BY ts))[1]
  FROM fact_bars
 WHERE project_id = 1 AND (ts AT TIME ZONE 'America/New_York')::time >= '09:30' AND (ts AT TIME ZONE 'America/New_York')::time < '16:00'
 GROUP BY 1, 2
"""


def emit(case, unit, ours, peer=None, peer_name=None, better="higher"):
    ratio = None if peer is None else (ours / peer if better == "higher" else peer / ours)
    rounded = lambda value: None if value is None else float(f"{value:.4g}")
    print(json.dumps({"bench": "backfill", "case": case, "unit": unit, "ours": rounded(ours), "peer": rounded(peer),
                      "peer_name": peer_name, "ratio": rounded(ratio)}), flush=True)


def stage_seconds(instance, service, counter):
    """Seconds spent so far in each stage of a counter that the service exports."""
    port = (instance.run_dir / f"{service}-metrics.port").read_text().strip()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    stages = {}
    for line in lines:
        if line.startswith(counter + "{"):
            stages[line.split('stage="')[1].split('"')[0]] = float(line.rsplit(" ", 1)[1])
    return stages


def split_so_far(instance):
    """Seconds of all workers so far. Transport is what compute waits for rows beyond the time that the registry reads them."""
    shards = stage_seconds(instance, "compute", "metricstore_shard_stage_seconds_total")
    windows = stage_seconds(instance, "registry", "metricstore_window_seconds_total")
    return {"read": windows["read"], "wait": shards["read"], "evaluate": shards["plan"] + shards["evaluate"],
            "persist": shards["persist"]}


def regular_bars(folder):
    """A year of made-up bars as CSV, regular sessions only."""
    path = stack.generated_bars(folder, DAYS, [f"S{n:03}" for n in range(SYMBOLS)])
    regular = path.with_name("regular.csv")
    with path.open() as source, regular.open("w") as target:
        target.writelines(line for line in source if line.split(",", 2)[1][:10] not in CLOSED_OR_SHORT)
    return regular


def timed(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


def median(values):
    return sorted(values)[len(values) // 2]


def run_ours(instance, first, last):
    instance.psql("TRUNCATE metric_chunk, metric_series")
    before = split_so_far(instance)
    arguments = [item for metric in METRICS for item in ("--metrics", metric)]
    seconds = timed(lambda: instance.ctl("backfill", *arguments, "--from", first, "--to", last))
    after = split_so_far(instance)
    spent = {stage: after[stage] - before[stage] for stage in after}
    spent["transport"] = max(0.0, spent.pop("wait") - spent["read"])
    return seconds, spent


def main():
    print(f"backfill: {SYMBOLS} symbols x {DAYS} days, median of {RUNS} runs", file=sys.stderr)
    with stack.Stack() as instance, tempfile.TemporaryDirectory() as folder:
        instance.ctl("import", stack.ROOT / "packs/market")
        csv = regular_bars(folder)
        ingest = timed(lambda: instance.ctl("ingest", "fact_bars", csv))
        rows = int(instance.psql("SELECT count(*) FROM fact_bars"))
        first, last = instance.psql("SELECT min(ts)::date, max(ts)::date FROM fact_bars").split("|")
        instance.psql("VACUUM ANALYZE fact_bars")
        instance.psql("CREATE TABLE bench_peer (symbol text, day date, open float8, high float8, low float8, close float8, "
                      "volume float8, vwap float8, change float8)")
        ours, peer, stages = [], [], []
        for _ in range(RUNS):
            instance.psql("TRUNCATE bench_peer")
            peer.append(timed(lambda: instance.psql(PEER)))
            seconds, split = run_ours(instance, first, last)
            ours.append(seconds)
            stages.append(split)
        points = int(instance.psql("SELECT count(*) FROM metrics_trend_point"))
        peer_points = 7 * int(instance.psql("SELECT count(*) FROM bench_peer"))
        if points != peer_points:
            sys.exit(f"backfill: {points} points, the peer has {peer_points}: they did not do the same work")
        name = "postgresql insert-select-group-by"
        emit("ingest", "bars/s", rows / ingest)
        emit("end_to_end_bars", "bars/s", rows / median(ours), rows / median(peer), name)
        emit("end_to_end_points", "points/s", points / median(ours), points / median(peer), name)
        emit("end_to_end_seconds", "s", median(ours), median(peer), name, better="lower")
        for stage in ("read", "transport", "evaluate", "persist"):
            emit(f"split_{stage}", "s (summed over workers)", median([split[stage] for split in stages]))


if __name__ == "__main__":
    main()
