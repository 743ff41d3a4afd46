"""Breaks the engine's kernels one small change at a time and checks that a test notices.

    mutate.py [--count N] [--seed S] [--only TEXT]

Works on a copy of the tree. A mutant that no test notices is printed: it is either of no effect (a block's length, an early exit) or
a test that is missing. Objects come from ccache where a copy before this one made them. Takes a minute a mutant, more for one that
survives; not part of ./dev test.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("compute_service/engine/vector/kernels", "compute_service/engine/vector/program")
TESTS = ("differential_test", "compute_engine_test")
SWAPS = [(r" \+ ", " - "), (r" - ", " + "), (r" \* ", " / "), (r" / ", " * "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "),
         (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "), (r" & ", " | "),
         (r" \+= ", " -= "), (r"\b0\.5\b", "0.25"), (r"\b1\.0\b", "2.0"), (r", 1\)", ", 2)"), (r"\btrue\b", "false"),
         (r"\bfalse\b", "true"), (r"std::min\b", "std::max"), (r"std::max\b", "std::min"), (r"std::floor", "std::ceil"),
         (r"\bkSamp\b", "kPop")]


def mutants(folder):
    """(file, line number, new line) of every change."""
    for directory in FOLDERS:
        for path in sorted(path for path in (folder / directory).iterdir() if path.suffix in (".cc", ".h", ".inc")):
            for number, line in enumerate(path.read_text().splitlines()):
                code = line.split("//")[0]
                if not code.strip() or code.lstrip().startswith("#") or "template" in code:
                    continue
                for pattern, replacement in SWAPS:
                    for match in re.finditer(pattern, code):
                        yield path, number, line[:match.start()] + replacement + line[match.end():]


def build(folder):
    """What the compiler says if the tests do not build, or None."""
    done = subprocess.run(["cmake", "--build", folder / "build", "--target", *TESTS], capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout[-4000:]


def noticed(folder):
    """The first test that fails, or None."""
    for test in TESTS:
        try:
            # The same cases every time.
            done = subprocess.run([folder / "build/bin" / test, "--gtest_brief=1", "--gtest_fail_fast"], capture_output=True, timeout=180,
                                  env=dict(os.environ, METRICSTORE_TEST_SEED="1", METRICSTORE_SEED="20240301"))
        except subprocess.TimeoutExpired:
            return f"{test} (endless)"
        if done.returncode != 0:
            return test
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="files whose name holds this text")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="ms") as name:
        folder = pathlib.Path(name) / "tree"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".dev", ".git"))
        environment = dict(os.environ, CCACHE_BASEDIR=str(folder), CCACHE_NOHASHDIR="true")
        os.environ.update(environment)
        configure = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                     "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1", f"-DMETRICSTORE_DEPS_DIR={ROOT / '.dev/deps'}"]
        configured = subprocess.run(configure, capture_output=True, text=True)
        if configured.returncode != 0:
            sys.exit(configured.stderr)
        broken = build(folder) or noticed(folder)
        if broken:
            sys.exit(f"the tree does not build or pass its tests as it is: {broken}")
        found = [mutant for mutant in mutants(folder) if arguments.only in mutant[0].name]
        chosen = random.Random(arguments.seed).sample(found, min(arguments.count, len(found)))
        counts = {"noticed": 0, "does not compile": 0, "survived": 0}
        for path, number, line in chosen:
            original = path.read_text()
            lines = original.splitlines()
            before, lines[number] = lines[number], line
            path.write_text("\n".join(lines) + "\n")
            if build(folder):
                outcome = "does not compile"
            else:
                by = noticed(folder)
                outcome = "noticed" if by else "survived"
            counts[outcome] += 1
            print(f"{outcome}  {path.relative_to(folder)}:{number + 1}", file=sys.stderr, flush=True)
            if outcome == "survived":
                print(f"survived  {path.relative_to(folder)}:{number + 1}\n    - {before.strip()}\n    + {line.strip()}", flush=True)
            path.write_text(original)
        print(", ".join(f"{count} {what}" for what, count in counts.items()), f"of {len(found)} possible")


if __name__ == "__main__":
    main()
