"""Fails on any message, enum, field, value, service or method of proto/ that has no comment before or behind it."""

import pathlib
import re
import sys

DECLARATION = re.compile(r"^\s*(message|enum|service|rpc|oneof)\s+(\w+)|^\s*(?:repeated |optional )?[\w.<>, ]+\s+(\w+)\s*=\s*\d+\s*;")


def faults_of(text):
    """Lines (number, declaration) without a comment."""
    faults, commented = [], False
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("//"):
            commented = True
            continue
        if DECLARATION.match(line) and not stripped.startswith(("syntax", "package", "import", "option", "reserved")):
            if not commented and "//" not in line:
                faults.append((number, stripped))
        commented = False
    return faults


def main():
    planted = "message A {\n  // Says what.\n  int32 b = 1;\n  int32 c = 2;\n  D d = 3; // Said behind.\n}\n"
    assert [number for number, _ in faults_of(planted)] == [1, 4], "negative control: planted faults must be found"
    count = 0
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.proto")):
        for number, declaration in faults_of(path.read_text(encoding="utf-8")):
            print(f"{path}:{number}: no comment: {declaration}")
            count += 1
    print(f"proto comments: {count} missing")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
