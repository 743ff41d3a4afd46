"""Resolves windows over ten years of a calendar and looks trade dates up: calendar_bench, one JSON object a line.

The figure to hold: one window over ten years in less than 5 ms. Processor time, so that a busy machine matters less.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    preset = os.environ.get("METRICSTORE_PRESET", "release")
    program = ROOT / ".dev" / "build" / preset / "bin" / "calendar_bench"
    if not program.exists():
        sys.exit(f"{program.name} is not built: ./dev bench calendar builds it (package libbenchmark-dev)")
    done = subprocess.run([program, "--benchmark_format=json", "--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true"],
                          check=True, stdout=subprocess.PIPE, text=True)
    for result in json.loads(done.stdout)["benchmarks"]:
        if result["aggregate_name"] == "median":
            print(json.dumps({"bench": "calendar", "case": result["run_name"], "unit": result["time_unit"],
                              "ours": float(f"{result['cpu_time']:.4g}"), "peer": None, "peer_name": None, "ratio": None}), flush=True)


if __name__ == "__main__":
    main()
