"""Reads of a catalogue of 10,000 metrics beside the same reads straight from PostgreSQL, in the same run; and imports.

Both sides serve the whole definition over loopback to 16 clients with one call under way each: the registry to
catalog_load, PostgreSQL to pgbench, prepared and simple, over TCP and (where the server listens there) over its unix
socket. Prints one JSON object a line; ratio above 1 means that we are better. METRICSTORE_BENCH_METRICS and _SECONDS
change the size.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import stack  # noqa: E402

METRICS = int(os.environ.get("METRICSTORE_BENCH_METRICS", "10000"))
SECONDS = float(os.environ.get("METRICSTORE_BENCH_SECONDS", "5"))
RUNS = int(os.environ.get("METRICSTORE_BENCH_RUNS", "3"))
CLIENTS = 16
PAGE = 100
CATEGORIES = 50
DATASETS = 4
IMPORT_AT_ONCE = 1000
PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
# Every tenth transaction of pgbench is logged, for its percentiles.
SAMPLED = 0.1

COLUMNS = ("id, name, display_name, category, description, type, unit, grain, table_name, tables, expression, time_column, "
           "dimensions, filters, synonyms, notes, sql, sql_variants, validation, source, owner, tags, depends_on, "
           "active_version, latest_version, etag, created_at, updated_at")
WORDS = ("gross net daily paid open trial renewed churned active returning organic partner direct mobile desktop first repeat "
         "late early refunded shipped pending booked invoiced collected forecast").split()
THINGS = ("revenue orders signups sessions refunds invoices tickets subscriptions shipments visits leads contracts payments "
          "renewals upgrades").split()
REGIONS = "north south east west alpine coastal island inland".split()
TEXT = "display_name || ' ' || name || ' ' || description || ' ' || array_to_string(synonyms || tags, ' ')"


def emit(case, unit, ours, peer=None, peer_name=None, better="higher"):
    ratio = None if peer is None else (ours / peer if better == "higher" else peer / ours)
    rounded = lambda value: None if value is None else float(f"{value:.4g}")
    print(json.dumps({"bench": "catalog", "case": case, "unit": unit, "ours": rounded(ours), "peer": rounded(peer),
                      "peer_name": peer_name, "ratio": rounded(ratio)}), flush=True)


def metric_id(number):
    return f"category_{number % CATEGORIES}/metric_{number}"


def words_of(number):
    return WORDS[number % len(WORDS)], REGIONS[number // 7 % len(REGIONS)], THINGS[number // 3 % len(THINGS)]


def metric_yaml(number):
    adjective, region, thing = words_of(number)
    return "\n".join([
        f"- name: metric_{number}", f"  category: category_{number % CATEGORIES}",
        f"  display_name: {adjective.title()} {region} {thing} {number}",
        f"  description: The {adjective} {thing} of region {region}, after refunds and without test accounts, in the currency of the books. "
        f"Finance closes it on the third working day; plan {number} of the yearly review goes by it.",
        "  type: sum", "  unit: USD", "  grain: day", f"  table: fact_bench_{number % DATASETS}",
        f"  expression: sum(amount - coalesce(refund, 0) * 1.{number:05})",
        f"  filters: [\"region = '{region}'\", \"status <> 'test'\"]",
        f"  synonyms: [{adjective} {thing} {number}, {thing} {region} {number}]",
        "  notes: Late rows arrive for two days. Compare with the ledger before the quarter is closed, and ask the owner for differences above one percent.",
        "  validation: The ledger's closing balance less the opening one.",
        f"  owner: team-{number % 20}", "  source: finance handbook, chapter 4", f"  tags: [core, {thing}, tier_{number % 3}]"]) + "\n"


def write_files(folder, numbers, ground):
    """Definition files of metrics, fifty a file, and with `ground` the calendar and the datasets under them."""
    folder = pathlib.Path(folder)
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "metrics").mkdir(parents=True)
    for first in range(0, len(numbers), 50):
        path = folder / "metrics" / f"part_{numbers[first]}.yaml"
        path.write_text("".join(metric_yaml(number) for number in numbers[first:first + 50]))
    if not ground:
        return folder
    (folder / "calendar.yaml").write_text(
        "kind: calendar\nname: BENCH\ndescription: Every day.\ntime_zone: UTC\nfirst_date: 2020-01-01\nlast_date: 2030-12-31\n"
        "open_days: [mon, tue, wed, thu, fri, sat, sun]\nsessions:\n  - {name: day, open: \"00:00\", close: \"24:00\"}\n")
    for number in range(DATASETS):
        (folder / f"dataset_{number}.yaml").write_text(
            f"kind: dataset\nname: fact_bench_{number}\ndescription: Orders of shop {number}.\ngrain: [order_id, ts]\ntime_column: ts\n"
            "calendar: BENCH\ncolumns:\n  - {name: order_id, type: text}\n  - {name: ts, type: timestamp}\n"
            "  - {name: region, type: text}\n  - {name: status, type: text}\n  - {name: amount, type: float64, unit: USD}\n"
            "  - {name: refund, type: float64, unit: USD, nullable: true}\n")
    return folder


def timed(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


def median(values):
    return sorted(values)[len(values) // 2]


def bench_import(instance, folder):
    """1,000 new metrics, checked, stored, and stored again; then the rest of the catalogue."""
    ground = write_files(folder / "ground", [], ground=True)
    instance.ctl("import", ground)
    thousand = write_files(folder / "thousand", range(1000), ground=False)
    emit("validate_1000", "s", timed(lambda: instance.ctl("validate", thousand)))
    emit("import_1000", "s", timed(lambda: instance.ctl("import", thousand)))
    emit("import_1000_unchanged", "s", timed(lambda: instance.ctl("import", thousand)))
    for first in range(1000, METRICS, IMPORT_AT_ONCE):
        numbers = range(first, min(first + IMPORT_AT_ONCE, METRICS))
        instance.ctl("import", write_files(folder / "rest", numbers, ground=False))
    instance.psql("VACUUM ANALYZE metric_definitions")


def load(instance, method):
    done = subprocess.run(["catalog_load", "--target", instance.env["METRICSTORE_REGISTRY"], "--method", method,
                           "--clients", str(CLIENTS), "--page-size", str(PAGE), "--seconds", str(SECONDS)],
                          env=instance.env, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"catalog_load: {done.stderr}")
    return json.loads(done.stdout)


def scripts(folder):
    """What pgbench runs: the same read as each method's. Search in the two forms that PostgreSQL offers."""
    words = sorted({word for number in range(0, METRICS, 10) for word in words_of(number)})
    pick = f"\\set number random(0, {METRICS - 1})\n\\set category :number % {CATEGORIES}\n"
    picked = "'category_' || :category::text || '/metric_' || :number::text"
    word = "\\set word random(1, " + str(len(words)) + ")\n"
    chosen = f"(ARRAY[{', '.join(repr(text) for text in words)}])[:word::integer]"
    texts = {
        "get": {"": pick + f"SELECT {COLUMNS} FROM metric_definitions WHERE project_id = 1 AND id = {picked};\n"},
        "list": {"": pick + f"SELECT {COLUMNS} FROM metric_definitions WHERE project_id = 1 AND deleted_at IS NULL AND id > {picked} "
                            f"ORDER BY id LIMIT {PAGE};\n"},
        "search": {
            "ilike": word + f"SELECT {COLUMNS} FROM metric_definitions WHERE project_id = 1 AND deleted_at IS NULL AND ({TEXT}) "
                            f"ILIKE '%' || {chosen} || '%' ORDER BY id LIMIT 20;\n",
            "tsvector": word + f"SELECT {COLUMNS} FROM metric_definitions JOIN bench_words USING (id), "
                               f"to_tsquery('simple', {chosen} || ':*') AS query WHERE project_id = 1 AND deleted_at IS NULL "
                               "AND words @@ query ORDER BY ts_rank(words, query) DESC, id LIMIT 20;\n"},
    }
    paths = {}
    for method, forms in texts.items():
        for form, text in forms.items():
            path = pathlib.Path(folder) / f"{method}_{form}.sql"
            path.write_text(text)
            paths.setdefault(method, {})[form] = path
    return paths


def prepare_search(instance):
    instance.psql("CREATE TABLE bench_words AS SELECT id, to_tsvector('simple', "
                  f"{TEXT}) AS words FROM metric_definitions WHERE project_id = 1")
    instance.psql("CREATE INDEX ON bench_words USING gin (words)")
    instance.psql("CREATE UNIQUE INDEX ON bench_words (id)")
    instance.psql("VACUUM ANALYZE bench_words")


def pgbench(instance, script, mode, host, folder):
    """Transactions per second, and the latency's median and 99th percentile in microseconds."""
    port = (instance.run_dir / "postgres.port").read_text().strip()
    prefix = pathlib.Path(folder) / "latency"
    env = dict(instance.env, PGPASSFILE=str(instance.run_dir / "pgpass"))
    if not host.startswith("127."):
        env["PGPASSWORD"] = (instance.run_dir / "password").read_text().strip()
    done = subprocess.run([PGBENCH, "-n", "-h", host, "-p", port, "-U", "metricstore", "-M", mode, "-c", str(CLIENTS), "-j", "1",
                           "-T", str(max(1, round(SECONDS))), "-f", str(script), "--log", f"--log-prefix={prefix}",
                           f"--sampling-rate={SAMPLED}", "metricstore"], env=env, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"pgbench: {done.stderr}")
    rate = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps"))
    latencies = []
    for path in prefix.parent.glob("latency.*"):
        latencies += [float(line.split()[2]) for line in path.read_text().splitlines()]
        path.unlink()
    latencies.sort()
    return rate, latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]


def sockets(instance):
    """The folder of PostgreSQL's unix socket, or None."""
    return instance.psql("SHOW unix_socket_directories").split(",")[0].strip() or None


def bench_reads(instance, method, forms, folder):
    """Ours and the peer's alternate, so that a machine that is busy for a while is busy for both."""
    hosts = {"tcp": "127.0.0.1"}
    if sockets(instance):
        hosts["unix socket"] = sockets(instance)
    ours, peers = [], {}
    for _ in range(RUNS):
        ours.append(load(instance, method))
        for form, script in forms.items():
            for mode in ("prepared", "simple"):
                for name, host in hosts.items():
                    label = " ".join(filter(None, ["postgresql", form, mode, name]))
                    peers.setdefault(label, []).append(pgbench(instance, script, mode, host, folder))
    for label, runs in peers.items():
        emit(method, "calls/s", median([result["calls_per_second"] for result in ours]), median([run[0] for run in runs]), label)
    best = max(peers, key=lambda label: median([run[0] for run in peers[label]]))
    for place, percentile in enumerate(("p50", "p99"), start=1):
        emit(f"{method}_{percentile}", "us", median([result[f"{percentile}_us"] for result in ours]),
             median([run[place] for run in peers[best]]), best, better="lower")


def run(instance, folder):
    folder = pathlib.Path(folder)
    bench_import(instance, folder)
    stored = int(instance.psql("SELECT count(*) FROM metric_definitions"))
    if stored != METRICS:
        sys.exit(f"catalog: {stored} metrics are stored, not {METRICS}")
    prepare_search(instance)
    for method, forms in scripts(folder).items():
        bench_reads(instance, method, forms, folder)


def main():
    print(f"catalog: {METRICS} metrics, {CLIENTS} clients, {SECONDS} s a run, median of {RUNS} runs", file=sys.stderr)
    with stack.Stack() as instance, tempfile.TemporaryDirectory() as folder:
        run(instance, folder)


if __name__ == "__main__":
    main()
