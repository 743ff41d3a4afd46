"""Fails on a kernel of the vector engine whose loop the compiler left scalar, or that calls the C library row by row.

Kernels are plain loops that the compiler must vectorise; nothing else notices when it stops doing so. This reads the
disassembly of the loops that are compiled once for each width of registers. Usage:
    check_generated_code.py [--table] --objdump PROGRAM --compiler NAME VERSION --processor NAME
                            [--sanitizers NAMES] OBJECT ...
                            check loops_narrow, loops_wide and loops_widest; --table shows what was found
    check_generated_code.py --self-test   check that scalar loops and calls are found
Exits with 77, which ctest shows as skipped, where the table does not hold.
"""

import argparse
import pathlib
import re
import subprocess
import sys

SKIPPED = 77
REGISTERS = {"narrow": "%xmm", "wide": "%ymm", "widest": "%zmm"}


class Scalar(str):
    """Why there is no packed loop."""


NO_COMPARISON = Scalar("SSE2 compares no integers of 8 bytes, and GCC chooses bytes by doubles with such")
NO_ROUNDING = Scalar("packed rounding came with SSE4.1")
NO_SIGN_OF_INTEGERS = Scalar("SSE2 compares no integers of 8 bytes")

# Kernel -> function, and what one of its loops must hold in packed registers: patterns of instructions for narrow, wide
# and widest registers. Of one string, the two wider take the form with "v".
TABLE = {
    # Reductions
    "sum": ("AddUpValues", "addpd subpd"),
    "sum of integers": ("AddUpIntegers", "paddq"),
    "sum of squares": ("AddUpSquares", "subpd mulpd addpd"),
    "four powers": ("AddUpFourPowers", "subpd mulpd addpd"),
    "pairs": ("AddUpPairs", "subpd mulpd addpd"),
    "max": ("Greatest", "maxpd", "vmaxpd", "vmaxpd|vcmp[a-z]+pd"),
    "min": ("Least", "minpd", "vminpd", "vminpd|vcmp[a-z]+pd"),
    "max of integers": ("Extreme<true, long>", NO_SIGN_OF_INTEGERS, "vpcmpgtq", "vpmaxsq"),
    "min of integers": ("Extreme<false, long>", NO_SIGN_OF_INTEGERS, "vpcmpgtq", "vpminsq"),
    "max of bytes": ("Extreme<true, unsigned char>", "pmaxub"),
    "min of bytes": ("Extreme<false, unsigned char>", "pminub"),
    "count of a mask": ("Ones", "paddq", "vpaddq", "vptestmb"),
    "are all equal": ("AreEqual", "cmpneqpd por", "vcmp[a-z_]+pd vpor", "vcmp[a-z_]+pd vporq"),
    "is ascending": ("IsAscendingRun", NO_SIGN_OF_INTEGERS, "vpcmpgtq", "vpcmp[a-z]+q"),
    # Arithmetic
    "add": ("Map2<double, Add>", "addpd"),
    "subtract": ("Map2<double, Subtract>", "subpd"),
    "multiply": ("Map2<double, Multiply>", "mulpd"),
    "divide": ("Map2WhereDefined<Divide>", "divpd", "vdivpd vcmp[a-z_]+pd", "vdivpd vcmp[a-z_]+pd"),
    "negate": ("Map<double, double, Negate>", "xorpd"),
    "abs": ("Map<double, double, Abs>", "andpd"),
    "sign": ("Map<double, double, Sign>", "cmp[a-z]+pd", "vcmp[a-z_]+pd", "vcmp[a-z_]+pd"),
    "floor": ("Map<double, double, Floor>", NO_ROUNDING, "vroundpd", "vrndscalepd"),
    "ceil": ("Map<double, double, Ceil>", NO_ROUNDING, "vroundpd", "vrndscalepd"),
    "round": ("Map<double, double, Round>", NO_ROUNDING, "vroundpd vaddpd", "vrndscalepd vaddpd"),
    "sqrt": ("MapWhereDefined<Sqrt>", "sqrtpd"),
    "ln": ("MapWhereDefined<Ln>", "mulpd divpd"),
    "add integers": ("MapIntegers2<AddInt>", "paddq"),
    "do sums fit": ("MapIntegers2<AddInt>", "paddq pxor por", "vpaddq vpxor vpor", "vpaddq vpternlogq"),
    "subtract integers": ("MapIntegers2<SubtractInt>", "psubq"),
    "do differences fit": ("MapIntegers2<SubtractInt>", "psubq pxor por", "vpsubq vpxor vpor", "vpsubq vpternlogq"),
    "multiply integers": ("MultiplyIntegers", Scalar("GCC takes no product of 8 bytes with SSE2"), "vpmuludq", "vpmullq"),
    "do products fit": ("MultiplyIntegers", "paddq por", "vpaddq vpor", "vpaddq (vpor|vpternlog)[dq]"),
    "negate integers": ("MapIntegers<NegateInt>", "psubq"),
    "abs of integers": ("MapIntegers<AbsInt>", "psubq pxor", "vpsubq vpxor", "vpabsq"),
    "sign of integers": ("Map<long, long, SignInt>", NO_SIGN_OF_INTEGERS, "vpcmpgtq", "vpcmp[a-z]+q"),
    "integers to doubles": ("ToFloat64", "addpd paddq", "vaddpd vpaddq", "vcvtqq2pd"),
    "dates to integers": ("Map<int, long, Widen>", "pcmpgtd punpck[lh]dq", "vpmovsxdq", "vpmovsxdq"),
    # Conditions
    **{f"{name} of doubles": (f"Compare<double, {name}>", NO_COMPARISON, "vcmp[a-z_]+pd", "vcmp[a-z_]+pd")
       for name in ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual")},
    **{f"{name} of integers": (f"Compare<long, {name}>", NO_COMPARISON, "vpcmp(eq|gt)q", "vpcmp[a-z]+q")
       for name in ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual")},
    **{f"{name} of codes": (f"Compare<unsigned int, {name}>", "pcmp(eq|gt)d", "vpcmp(eq|gt)d", "vpcmp[a-z]+d")
       for name in ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual")},
    "and": ("Connect<false>", "pand", "vpand", "vpandq"),
    "or": ("Connect<true>", "por", "vpor", "vporq"),
    "and with NULLs": ("Connect<false>", "pandn? por", "vpandn? vpor", "vpternlog[dq]"),
    "not": ("Not", "pxor", "vpxor", "vpxorq"),
    "is null": ("IsNull", "pxor", "vpxor", "vpxorq"),
    "select": ("Select<unsigned long>", "pand por", "vpand vpor", "vpternlogq"),
    "where": ("Where<unsigned long>", "pand psubq", "vpand vpsubq", "vpandq vpsubq"),
    "coalesce": ("Coalesce<unsigned long>", "pand por", "vpand vpor", "vpternlogq"),
    "nullif": ("NullIf<double>", "cmp[a-z]+pd", "vcmp[a-z_]+pd", "vcmp[a-z_]+pd"),
    "greatest": ("Extremes<double, true>", "cmp[a-z]+pd", "vcmp[a-z_]+pd", "vcmp[a-z_]+pd"),
    "greatest with NULLs": ("Extremes<double, true>", NO_COMPARISON, "vcmp[a-z_]+pd vpsubq vpor",
                            "vcmp[a-z_]+pd vpsubq vpternlogq"),
    "least": ("Extremes<double, false>", "cmp[a-z]+pd", "vcmp[a-z_]+pd", "vcmp[a-z_]+pd"),
    "greatest of integers": ("Extremes<long, true>", NO_SIGN_OF_INTEGERS, "vpcmpgtq vpsubq", "vpmaxsq vpsubq"),
}

# Functions that ask the C library for each row: no instruction does what they do.
CALLS = {
    "Map<double, double, Exp>": {"exp"},
    "MapWhereDefined<Log10>": {"log10"},
    "Map2WhereDefined<Modulo>": {"fmod"},
    "Map2WhereDefined<Power>": {"pow"},
}
CALLED_ONCE_A_RUN = {"memchr", "memcpy", "memmove", "memset", "__stack_chk_fail"}

FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t(?:(?:bnd|notrack|data16|rep|repz) )*(\S+)\s*(.*)$")
TO_SYMBOL = re.compile(r"R_X86_64_(?:PLT32|GOTPCREL\w*)\s+([^\s+@-]+)")


class Function:
    def __init__(self):
        self.instructions = []  # (address, mnemonic, operands)
        self.symbols = set()    # called, or jumped to, outside

    def loops(self):
        """Innermost loops: what lies between the target of a jump backwards and that jump."""
        index = {address: at for at, (address, _, _) in enumerate(self.instructions)}
        spans = set()
        for at, (address, mnemonic, operands) in enumerate(self.instructions):
            target = re.match(r"[0-9a-f]+", operands) if mnemonic.startswith("j") else None
            if target and int(target[0], 16) <= address and int(target[0], 16) in index:
                spans.add((index[int(target[0], 16)], at))
        for begin, end in spans:
            if not any(inner != (begin, end) and begin <= inner[0] and inner[1] <= end for inner in spans):
                yield self.instructions[begin:end + 1]

    def has_packed(self, patterns, register):
        for loop in self.loops():
            packed = [mnemonic for _, mnemonic, operands in loop if register in operands]
            if all(any(re.fullmatch(pattern, mnemonic) for mnemonic in packed) for pattern in patterns):
                return True
        return False


def short_name(name, width):
    """Without namespaces, return type, arguments and what the compiler calls its copies."""
    name = re.sub(r"\[clone .*\]", "", name).replace("(anonymous namespace)::", "")
    name = name.replace("metricstore::compute::vector::", "").replace(f"{width}::", "").split("(")[0].strip()
    head, bracket, arguments = name.partition("<")
    return head.rpartition(" ")[2] + bracket + arguments


def functions_of(disassembly, width):
    functions = {}
    current = Function()
    for line in disassembly.splitlines():
        if found := FUNCTION.match(line):
            current = functions.setdefault(short_name(found[1], width), Function())
        elif found := TO_SYMBOL.search(line):
            if current.instructions and re.match("call|j", current.instructions[-1][1]):
                current.symbols.add(found[1])
        elif found := INSTRUCTION.match(line):
            current.instructions.append((int(found[1], 16), found[2], found[3]))
    return functions


def wanted_of(row, width):
    forms = row[1:] if len(row) == 4 else (row[1], *2 * (" ".join("v" + one for one in row[1].split()),))
    return forms[list(REGISTERS).index(width)]


def faults_of(disassembly, width, table, say=lambda line: None):
    functions = functions_of(disassembly, width)
    faults = []
    for kernel, row in table.items():
        wanted = wanted_of(row, width)
        if row[0] not in functions:
            faults.append(f"{width}: {kernel}: no function {row[0]}")
        elif isinstance(wanted, Scalar):
            say(f"{width}: {kernel}: scalar: {wanted}")
        elif functions[row[0]].has_packed(wanted.split(), REGISTERS[width]):
            say(f"{width}: {kernel}: {wanted} {REGISTERS[width]}")
        else:
            faults.append(f"{width}: {kernel}: no loop of {row[0]} has {wanted} in {REGISTERS[width]} registers")
    for name, function in functions.items():
        if not name.startswith("_GLOBAL_"):
            for symbol in sorted(function.symbols - CALLED_ONCE_A_RUN - CALLS.get(name, set())):
                if f"{width}" not in symbol:  # a copy of a function of the same file
                    faults.append(f"{width}: {name} calls {symbol}")
    return faults


def why_not(arguments):
    if arguments.sanitizers:
        return f"sanitizers ({arguments.sanitizers}) put calls and branches into loops"
    if arguments.processor != "x86_64":
        return f"the table knows x86_64, not {arguments.processor}"
    compiler, version = arguments.compiler
    if compiler != "GNU" or int(version.split(".")[0]) < 12:
        return f"the table knows GCC from version 12 on, not {compiler} {version}"
    if not pathlib.Path(arguments.objdump).is_file():
        return f"there is no objdump ({arguments.objdump or 'not found'})"
    return None


def check(arguments):
    if reason := why_not(arguments):
        print(f"SKIPPED: generated code was NOT checked: {reason}")
        return SKIPPED
    objects = {width: path for width in REGISTERS for path in arguments.objects if f"loops_{width}." in path}
    if len(objects) != len(REGISTERS):
        print(f"wanted objects of loops_{', loops_'.join(REGISTERS)}; got {arguments.objects}")
        return 1
    faults = []
    for width, path in objects.items():
        disassembly = subprocess.run([arguments.objdump, "-d", "-r", "-C", "--no-show-raw-insn", path],
                                     check=True, capture_output=True, text=True).stdout
        faults += faults_of(disassembly, width, TABLE, *([print] if arguments.table else []))
    print("\n".join(faults + [f"generated code: {len(TABLE)} kernels, {len(faults)} faults"]))
    return 1 if faults else 0


SELF_TEST = """
0000000000000000 <void metricstore::compute::vector::wide::(anonymous namespace)::Map2<double, metricstore::compute::vector::wide::(anonymous namespace)::Add>(metricstore::compute::vector::Operand const*) [clone .isra.0]>:
   0:\tvmovupd (%rdi,%rax,1),%ymm0
   5:\tvaddpd (%rsi,%rax,1),%ymm0,%ymm0
   a:\tjne    0 <f>
   c:\tvsqrtpd %ymm0,%ymm0
  10:\tcall   15 <f+0x15>
\t\t\t11: R_X86_64_PLT32\tmemcpy-0x4
  15:\tret
0000000000000020 <metricstore::compute::vector::wide::(anonymous namespace)::Floors(double)>:
  20:\tvroundsd $0x9,%xmm0,%xmm0,%xmm0
  26:\tcall   2b <f+0xb>
\t\t\t27: R_X86_64_PLT32\tfloor-0x4
  2b:\tjne    20 <f>
"""


def self_test():
    def faults(table):
        return faults_of(SELF_TEST, "wide", table)

    call = ["wide: Floors calls floor"]
    assert faults({"add": ("Map2<double, Add>", "addpd")}) == call, "a packed loop must be found, and a call"
    assert len(faults({"add": ("Map2<double, Add>", "addpd mulpd")})) == 2, "a loop must have all instructions"
    assert len(faults({"root": ("Map2<double, Add>", "sqrtpd")})) == 2, "what stands in no loop must not count"
    assert len(faults({"floor": ("Floors", "x", "vroundsd", "x")})) == 2, "narrower registers must not count"
    assert faults({"floor": ("Floors", "x", Scalar("so it is"), "x")}) == call, "scalar loops may be known"
    assert len(faults({"none": ("Nothing", "addpd")})) == 2, "a kernel that is gone must be found"
    print("generated code: scalar loops and calls were found")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--compiler", nargs=2, required=True)
    parser.add_argument("--processor", required=True)
    parser.add_argument("--sanitizers", default="")
    parser.add_argument("objects", nargs="*")
    return check(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
