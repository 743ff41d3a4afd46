"""Fails on an error reason that no test expects.

A reason counts as expected where a test names it in an expectation: as a quoted string in C++ or Python, or behind
"error" in a plain-text case. Usage:
    check_error_reasons.py ROOT          check the tree
    check_error_reasons.py --self-test   check that an untested reason is found
"""

import pathlib
import re
import sys
import tempfile

DECLARED = re.compile(r"^\s*ERROR_REASON_([A-Z_]+) = [1-9]", re.MULTILINE)
EXPECTED = {
    ".cc": re.compile(r'"([A-Z][A-Z_]+)"'),
    ".h": re.compile(r'"([A-Z][A-Z_]+)"'),
    ".py": re.compile(r"""["']([A-Z][A-Z_]+)["']"""),
    ".txt": re.compile(r"\berror ([A-Z][A-Z_]+)"),
}


def untested(root):
    root = pathlib.Path(root)
    proto = (root / "proto/metricstore/common/v1/error_reason.proto").read_text(encoding="utf-8")
    expected = set()
    for path in (root / "tests").rglob("*"):
        if path.suffix in EXPECTED and "fake" not in path.name:
            expected |= set(EXPECTED[path.suffix].findall(path.read_text(encoding="utf-8")))
    return [reason for reason in DECLARED.findall(proto) if reason not in expected]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        proto = root / "proto/metricstore/common/v1/error_reason.proto"
        proto.parent.mkdir(parents=True)
        proto.write_text("enum ErrorReason {\n  ERROR_REASON_UNSPECIFIED = 0;\n  ERROR_REASON_A_B = 1;\n  ERROR_REASON_C_D = 2;\n}\n")
        (root / "tests").mkdir()
        (root / "tests/a_test.cc").write_text('EXPECT_THAT(x, HasReason("A_B"));')
        assert untested(root) == ["C_D"], "an untested reason must be found"
        (root / "tests/b.txt").write_text("> error C_D\n")
        assert not untested(root), "a reason in a plain-text case counts"
    print("error reasons: the untested one was found")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    missing = untested(sys.argv[1])
    for reason in missing:
        print(f"{reason}: no test expects it")
    print(f"error reasons: {len(missing)} untested")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
