"""Reads every #include of the tree and fails on an arrow that the house rules do not allow.

All targets share the root include path, so the compiler would not notice. Usage:
    check_layering.py ROOT            check the tree
    check_layering.py --self-test     check that each kind of wrong arrow is found
"""

import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

# What a folder may include of our own, beside itself. A trailing slash-star means every folder below.
BASE = {"common/status", "common/time"}
BLOCKS = BASE | {"common/columns", "common/expression", "common/expression/catalog", "common/calendar"}
CATALOG = {f"registry_service/catalog/{name}" for name in (
    "definition", "sources", "yaml/syntax", "yaml", "validation", "diff", "effects", "store", "view", "plan")}
REGISTRY_FEATURES = CATALOG | {f"registry_service/{name}" for name in (
    "projects", "calendars", "datasets", "ingest", "windows", "results", "query", "backfills", "compute_client")}
# Below the catalogue, in the order in which its folders may see each other.
CATALOG_GROUND = BLOCKS | {"registry_service/calendars", "registry_service/datasets"}
# What the RPC handlers of features are made of.
EDGE = {"registry_service/api/request", "registry_service/api/catalog", "registry_service/api/datasets"}
VECTOR = "compute_service/engine/vector"
KERNELS = {f"{VECTOR}/kernels/{name}" for name in ("loops", "texts", "rows", "ranks", "parts", "aggregates")}
VECTOR_PARTS = KERNELS | {f"{VECTOR}/program", f"{VECTOR}/layout", f"{VECTOR}/execution"}
# metricctl's folders that speak to the services.
CLI = {f"cli/{name}" for name in (
    "messages", "core", "catalog", "datasets", "definitions", "calendars", "data", "jobs", "query", "evaluation")}
CLI_GROUND = BASE | {"cli/core", "cli/messages", "cli/output"}
ALLOWED = {
    "common/status": set(),
    "common/time": {"common/status"},
    "common/config": BASE,
    "common/logging": BASE,
    "common/telemetry": BASE,
    "common/columns": BASE,
    "common/expression/catalog": BASE,
    "common/expression": BASE | {"common/columns", "common/expression/catalog"},
    "common/expression/select": BASE | {"common/columns", "common/expression", "common/expression/catalog"},
    "common/calendar": BASE,
    "common/rpc": BASE | {"common/config", "common/logging", "common/telemetry"},
    "common/pg": BASE | {"common/logging", "common/telemetry"},
    "registry_service/telemetry": BASE | {"common/telemetry"},
    "registry_service/projects": BASE | {"common/pg"},
    "registry_service/calendars": BLOCKS | {"common/pg"},
    "registry_service/datasets": BLOCKS | {"common/pg"},
    "registry_service/catalog/definition": BLOCKS,
    # What YAML is, whatever is defined in it.
    "registry_service/catalog/sources": BLOCKS | {"registry_service/datasets", "registry_service/catalog/definition"},
    "registry_service/catalog/yaml/syntax": BLOCKS | {"registry_service/catalog/definition"},
    "registry_service/catalog/yaml": CATALOG_GROUND | {
        "registry_service/catalog/definition", "registry_service/catalog/yaml/syntax"},
    "registry_service/catalog/validation": CATALOG_GROUND | {
        "registry_service/catalog/definition", "registry_service/catalog/sources", "registry_service/catalog/yaml"},
    "registry_service/catalog/diff": CATALOG_GROUND | {
        "registry_service/catalog/definition", "registry_service/catalog/sources",
        "registry_service/catalog/yaml/syntax", "registry_service/catalog/yaml", "registry_service/catalog/validation"},
    "registry_service/catalog/effects": CATALOG_GROUND | {
        "common/pg", "registry_service/catalog/definition", "registry_service/catalog/sources", "registry_service/catalog/yaml",
        "registry_service/catalog/validation", "registry_service/catalog/diff"},
    "registry_service/catalog/store": CATALOG_GROUND | {
        "common/pg", "registry_service/projects", "registry_service/catalog/definition", "registry_service/catalog/yaml",
        "registry_service/catalog/validation", "registry_service/catalog/diff", "registry_service/catalog/effects"},
    "registry_service/catalog/view": BLOCKS | {
        "common/pg", "common/logging", "registry_service/catalog/definition", "registry_service/catalog/store"},
    "registry_service/catalog/plan": CATALOG_GROUND | (CATALOG - {"registry_service/catalog/plan"}) | {"common/pg"},
    "registry_service/proto_conversion": BLOCKS | {"registry_service/datasets"},
    # Asks compute_service to run the catalogue's tests.
    "registry_service/compute_client": BLOCKS | {
        "common/rpc", "registry_service/calendars", "registry_service/datasets", "registry_service/catalog/definition",
        "registry_service/catalog/store", "registry_service/proto_conversion"},
    "registry_service/ingest": BLOCKS | {"common/pg", "registry_service/datasets"},
    "registry_service/windows": BLOCKS | {"common/pg", "registry_service/datasets"},
    # A shard's results and its completion are one transaction, so results knows the fence.
    "registry_service/results": BLOCKS | {"common/pg", "registry_service/calendars", "registry_service/backfills"},
    "registry_service/query": CATALOG_GROUND | {"common/pg", "registry_service/catalog/definition",
                                                "registry_service/catalog/sources",
                                                "registry_service/catalog/store", "registry_service/catalog/view"},
    "registry_service/backfills": CATALOG_GROUND | {"common/pg", "registry_service/catalog/definition",
                                                    "registry_service/catalog/sources",
                                                    "registry_service/catalog/store"},
    "registry_service/migrator": BASE | {"common/pg", "common/logging", "common/config"},
    "registry_service/api/request": BLOCKS | CATALOG | {"common/rpc", "registry_service/proto_conversion"},
    "registry_service/api/catalog": BLOCKS | REGISTRY_FEATURES | {
        "common/rpc", "registry_service/proto_conversion", "registry_service/api/request"},
    "registry_service/api/datasets": BLOCKS | REGISTRY_FEATURES | {
        "common/rpc", "registry_service/proto_conversion", "registry_service/api/request"},
    "registry_service/api": BLOCKS | REGISTRY_FEATURES | EDGE | {
        "common/rpc", "common/logging", "registry_service/proto_conversion", "registry_service/telemetry"},
    "registry_service/app": BLOCKS | REGISTRY_FEATURES | {
        "common/rpc", "common/pg", "common/config", "common/logging", "common/telemetry", "registry_service/api",
        "registry_service/migrator", "registry_service/telemetry"} | EDGE,
    "registry_service": {"registry_service/app", "common/rpc", "common/logging", "common/config"} | BASE,
    "compute_service/telemetry": BASE | {"common/telemetry"},
    # Plain values of definitions, and how they come out of messages: for the client and for the edge.
    "compute_service/definition": BLOCKS,
    "compute_service/conversion": BLOCKS | {"compute_service/definition"},
    "compute_service/rows": BLOCKS,
    # Definitions become a program, kernels compute its values, an execution runs it over rows.
    f"{VECTOR}/program": BLOCKS,
    f"{VECTOR}/kernels/loops": BLOCKS | {f"{VECTOR}/program"},
    f"{VECTOR}/kernels/texts": BLOCKS,
    f"{VECTOR}/kernels/rows": BLOCKS | {f"{VECTOR}/program", f"{VECTOR}/kernels/loops", f"{VECTOR}/kernels/texts"},
    f"{VECTOR}/kernels/ranks": BLOCKS | {f"{VECTOR}/program", f"{VECTOR}/kernels/loops", f"{VECTOR}/kernels/texts"},
    f"{VECTOR}/kernels/parts": BLOCKS | {f"{VECTOR}/program", f"{VECTOR}/kernels/loops"},
    f"{VECTOR}/kernels/aggregates": BLOCKS | (KERNELS - {f"{VECTOR}/kernels/rows"}) | {f"{VECTOR}/program"},
    # Where rows lie follows from their times alone.
    f"{VECTOR}/layout": BLOCKS | {f"{VECTOR}/program", f"{VECTOR}/kernels/loops", f"{VECTOR}/kernels/parts"},
    f"{VECTOR}/execution": BLOCKS | VECTOR_PARTS,
    VECTOR: BLOCKS | VECTOR_PARTS,
    # Stages around the vector engine: rows to bars, points to coarser points.
    "compute_service/engine/series": BLOCKS | VECTOR_PARTS | {"compute_service/engine/vector"},
    # Points are sent in the form in which the engine makes them.
    "compute_service/registry_client": BLOCKS | {
        "common/rpc", "common/logging", "compute_service/definition", "compute_service/conversion",
        "compute_service/engine/vector"},
    "compute_service/planner": BLOCKS | {
        "compute_service/definition", "compute_service/engine/vector", "compute_service/engine/vector/program", "compute_service/engine/series",
        "compute_service/registry_client"},
    # Runs plans: over rows that a caller brings, or over windows of the registry.
    "compute_service/evaluation": BLOCKS | {
        "compute_service/definition", "compute_service/rows", "compute_service/engine/vector", "compute_service/engine/series",
        "compute_service/planner", "compute_service/registry_client"},
    "compute_service/runner": BLOCKS | {
        "common/logging", "compute_service/definition", "compute_service/planner", "compute_service/evaluation",
        "compute_service/engine/vector", "compute_service/engine/series", "compute_service/registry_client", "compute_service/telemetry"},
    "compute_service/api": BLOCKS | {
        "common/rpc", "common/logging", "compute_service/definition", "compute_service/conversion", "compute_service/planner",
        "compute_service/registry_client", "compute_service/engine/vector", "compute_service/evaluation",
        "compute_service/runner", "compute_service/telemetry"},
    "compute_service/app": BLOCKS | {
        "common/rpc", "common/config", "common/logging", "common/telemetry", "compute_service/api",
        "compute_service/runner", "compute_service/registry_client", "compute_service/telemetry"},
    "compute_service": {"compute_service/app", "common/rpc", "common/logging", "common/config"} | BASE,
    "cli/output": BASE | {"common/columns"},
    "cli/csv": BASE | {"common/columns", "cli/output"},
    # What the services send, as text.
    "cli/messages": BASE | {"common/calendar", "cli/output"},
    "cli/core": BASE | {"common/rpc", "cli/messages", "cli/output"},
    # The groups of commands; they do not know each other, but that calendars are imported like everything else.
    "cli/catalog": CLI_GROUND | {"common/calendar"},
    "cli/datasets": CLI_GROUND,
    "cli/definitions": CLI_GROUND | {"cli/csv"},
    "cli/calendars": CLI_GROUND | {"cli/definitions"},
    "cli/data": CLI_GROUND | {"common/columns", "common/rpc", "cli/csv"},
    "cli/jobs": CLI_GROUND | {"common/rpc"},
    "cli/query": CLI_GROUND,
    "cli/evaluation": CLI_GROUND | {"common/columns", "common/rpc", "cli/definitions", "cli/query"},
    "cli": BASE | {"cli/output"} | CLI,
}

# Third parties and generated code stay behind the folders named here (prefix match on the include).
CONFINED = [
    (r"pqxx\b|libpq|postgres_ext\.h|pg_config", {"common/pg"}),
    (r"duckdb", {"compute_service/engine/duckdb"}),
    (r"yaml-cpp/", {"common/config", "registry_service/catalog/yaml/syntax"}),
    (r"pg_query", {"common/expression"}),
    (r"spdlog/", {"common/logging"}),
    (r"prometheus/", {"common/telemetry"}),
    (r"csv\.h", {"cli/csv"}),
    (r"grpc(pp|\+\+)?/", {"common/rpc", "registry_service/api", "registry_service/app", "registry_service/compute_client",
                          "compute_service/api", "compute_service/app", "compute_service/registry_client"} | EDGE | CLI),
    (r"google/rpc/.*\.pb\.h", {"common/status", "common/rpc"}),
    (r"metricstore/common/.*\.pb\.h", {"common/columns", "registry_service/proto_conversion", "registry_service/api", "registry_service/compute_client", "compute_service/api",
                                       "compute_service/registry_client"} | EDGE | CLI),
    (r"metricstore/(registry|compute)/.*\.pb\.h", {"registry_service/proto_conversion", "compute_service/conversion",
                                                   "registry_service/api", "registry_service/compute_client", "compute_service/api",
                                                   "compute_service/registry_client", "cli/csv"} | EDGE | CLI),
]
TOP = ("common", "registry_service", "compute_service", "cli")


def folder_of(path, root):
    return path.parent.relative_to(root).as_posix()


def own_folder(include):
    """The folder of ours that an include names, or None for a foreign one."""
    return include.rsplit("/", 1)[0] if include.split("/")[0] in TOP else None


def faults_of(root):
    """All wrong arrows below root as (file, include, reason)."""
    root = pathlib.Path(root)
    faults, arrows = [], {}
    for top in TOP:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cc"):
                continue
            folder = folder_of(path, root)
            if folder not in ALLOWED:
                faults.append((path, "", f"{folder} is not in the table of allowed arrows: add it there"))
                continue
            for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
                target = own_folder(include)
                if target and target != folder:
                    arrows.setdefault(folder, set()).add(target)
                    if target not in ALLOWED[folder]:
                        faults.append((path, include, f"{folder} must not include {target}"))
                for pattern, homes in CONFINED:
                    if re.match(pattern, include) and folder not in homes:
                        faults.append((path, include, f"only {', '.join(sorted(homes))} may include it"))
    faults += [(root / a, "", f"cycle: {' -> '.join(cycle)}") for a, cycle in cycles_of(arrows)]
    return faults


def cycles_of(arrows):
    found, done = [], set()

    def visit(folder, trail):
        if folder in trail:
            found.append((folder, trail[trail.index(folder):] + [folder]))
        elif folder not in done:
            for target in sorted(arrows.get(folder, ())):
                visit(target, trail + [folder])
            done.add(folder)

    for folder in sorted(arrows):
        visit(folder, [])
    return found


def self_test():
    """Negative control: each planted fault must be found, and a clean tree must pass."""
    planted = {
        "common/time/a.h": "common/pg/pool.h",
        "common/pg/a.cc": "common/rpc/server.h",
        "registry_service/query/a.cc": "compute_service/runner/worker_pool.h",
        "registry_service/ingest/a.cc": "grpcpp/grpcpp.h",
        "registry_service/results/a.h": "metricstore/registry/v1/metric.pb.h",
        "compute_service/runner/a.cc": "pqxx/pqxx",
        "cli/a.cc": "registry_service/api/catalog_handler.h",
        "common/nowhere/a.h": "vector",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, include in {"common/rpc/ok.h": "common/time/clock.h", "common/pg/ok.cc": "libpq-fe.h"}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f'#include "{include}"\n')
        assert not faults_of(root), "a clean tree must pass"
        for name, include in planted.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'#include "{include}"\n')
            assert faults_of(root), f"{include} in {name} must be found"
            path.unlink()
    assert cycles_of({"a": {"b"}, "b": {"c"}, "c": {"a"}}), "a cycle must be found"
    print("layering: every planted fault was found")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    faults = faults_of(sys.argv[1])
    for path, include, reason in faults:
        print(f"{path}: {include}: {reason}")
    print(f"layering: {len(faults)} wrong arrows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
