"""Breaks the engine's kernels one small change at a time and checks that a test notices.

    mutate.py [--count N] [--seed S] [--only TEXT]...

Works on a copy of the tree, and on as many lines of one file as of another. A mutant that no test notices is printed: it is either of
no effect (a block's length, an early exit) or a test that is missing. Loops are compiled for all widths of registers from the same
lines, so that comparing widths notices nothing but what only some of them have; lines for registers that this processor lacks are left
out. Objects come from ccache where a copy before this one made them. Takes half a minute a mutant, more for one that survives; not
part of ./dev test.
"""

import argparse
import itertools
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTOR = "compute_service/engine/vector"
FOLDERS = tuple(f"{VECTOR}/{name}" for name in ("kernels", "program", "layout", "execution"))
# The faster ones first.
TESTS = ("compute_engine_test", "compute_service_test", "differential_test")
SWAPS = [(r" \+ ", " - "), (r" - ", " + "), (r" \* ", " / "), (r" / ", " * "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "),
         (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "), (r" & ", " | "),
         (r" \+= ", " -= "), (r"\b0\.5\b", "0.25"), (r"\b1\.0\b", "2.0"), (r", 1\)", ", 2)"), (r"\btrue\b", "false"),
         (r"\bfalse\b", "true"), (r"std::min\b", "std::max"), (r"std::max\b", "std::min"), (r"std::floor", "std::ceil"),
         (r"\bkSamp\b", "kPop"), (r" << ", " >> "), (r" >> ", " << "), (r"\+\+(?=\w)", "--"), (r"--(?=\w)", "++"),
         (r" \|= ", " &= "), (r" \^ ", " | "), (r" % ", " / "), (r"~(?=\w)", ""),
         # Coefficients, which tests tell from others in the digits that reach a result.
         (r"\b(\d)\.\d(\d{9,})", r"\1.0\2")]
# What the compiler says of registers, as the kernel calls what the processor has.
FEATURES = {"__AVX2__": "avx2", "__AVX512F__": "avx512f", "__AVX512BW__": "avx512bw", "__AVX512DQ__": "avx512dq"}


def processor_flags():
    """What the processor has, or None if the kernel does not say so."""
    try:
        found = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    return set(found[1].split()) if found else None


def runnable(lines):
    """Whether each line is compiled for registers that this processor has; without knowing it, only those for all."""
    flags = processor_flags() or set()
    missing = [False]  # of every condition around a line
    for line in lines:
        directive = re.match(r"#\s*(if|elif|else|endif)", line)
        if directive and directive[1] != "if":
            missing.pop()
        if directive and directive[1] != "endif":
            missing.append(any(FEATURES[name] not in flags for name in re.findall(r"defined\((\w+)\)", line) if name in FEATURES))
        yield not any(missing)


def mutants(folder):
    """(file, line number, new line) of every change."""
    for directory in FOLDERS:
        for path in sorted(path for path in (folder / directory).rglob("*") if path.suffix in (".cc", ".h", ".inc")):
            lines = path.read_text().splitlines()
            for number, (line, runs) in enumerate(zip(lines, runnable(lines))):
                code = line.split("//")[0]
                if not runs or not code.strip() or code.lstrip().startswith("#") or "template" in code:
                    continue
                for pattern, replacement in SWAPS:
                    for match in re.finditer(pattern, code):
                        yield path, number, line[:match.start()] + match.expand(replacement) + line[match.end():]


def chosen(found, count, seed):
    """That many of them, in turns of each file."""
    of_file = {}
    for mutant in found:
        of_file.setdefault(mutant[0], []).append(mutant)
    for each in of_file.values():
        random.Random(seed).shuffle(each)
    turns = itertools.zip_longest(*of_file.values())
    return list(itertools.islice((mutant for turn in turns for mutant in turn if mutant), count))


def make_quick(folder):
    """Kernels take long to optimise, and their tests do not need it."""
    for listed in (folder / VECTOR).rglob("CMakeLists.txt"):
        listed.write_text(listed.read_text().replace("-O3", "-O1"))


def build(folder):
    """What the compiler says if the tests do not build, or None."""
    done = subprocess.run(["cmake", "--build", folder / "build", "--target", *TESTS], capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout[-4000:]


def limit_memory():
    """A loop that is broken may take all there is."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def noticed(folder):
    """The name of a test that fails, or None."""
    for test in TESTS:
        try:
            # The same cases every time.
            done = subprocess.run([folder / "build/bin" / test, "--gtest_brief=1", "--gtest_fail_fast"], timeout=180,
                                  capture_output=True, text=True, errors="replace", preexec_fn=limit_memory,
                                  env=dict(os.environ, METRICSTORE_TEST_SEED="1", METRICSTORE_SEED="20240301"))
        except subprocess.TimeoutExpired:
            return f"{test} (endless)"
        if done.returncode != 0:
            failed = re.search(r"^\[  FAILED  \] (\S+\.[^\s,]+)", done.stdout, re.MULTILINE)
            return failed[1] if failed else f"{test} (stops with {done.returncode})"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="lines that hold this text, with FILE: in front of them")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="ms") as name:
        folder = pathlib.Path(name) / "tree"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".dev", ".git"))
        make_quick(folder)
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
        texts = arguments.only or [""]
        found = [(path, number, line) for path, number, line in mutants(folder)
                 if any(text in f"{path.name}:{path.read_text().splitlines()[number]}" for text in texts)]
        counts = {"noticed": 0, "does not compile": 0, "survived": 0}
        for path, number, line in chosen(found, arguments.count, arguments.seed):
            original = path.read_text()
            lines = original.splitlines()
            before, lines[number] = lines[number], line
            path.write_text("\n".join(lines) + "\n")
            by = None if build(folder) else noticed(folder) or ""
            outcome = "does not compile" if by is None else "noticed" if by else "survived"
            counts[outcome] += 1
            print(f"{outcome}  {path.relative_to(folder)}:{number + 1}  {by or ''}\n    - {before.strip()}\n    + {line.strip()}",
                  file=sys.stdout if outcome == "survived" else sys.stderr, flush=True)
            path.write_text(original)
        print(", ".join(f"{count} {what}" for what, count in counts.items()), f"of {len(found)} possible")


if __name__ == "__main__":
    main()
