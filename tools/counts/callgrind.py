"""Reads what valgrind's callgrind writes, and counts locked instructions in it.

Callgrind is asked for one line per instruction (--dump-instr=yes), with names
and addresses written out (--compress-strings=no --compress-pos=no). Each line
says how often the instruction at one address of one object was executed. The
disassembly of that object says which addresses hold locked instructions, so
their number is exact.
"""

import collections
import re
import subprocess

OPTIONS = [
    "--tool=callgrind",
    "--dump-instr=yes",
    "--compress-strings=no",
    "--compress-pos=no",
]

# Where an instruction is; in which source file, if the program says so (-g1),
# also if it was inlined into a function of another file.
Place = collections.namedtuple("Place", "binary function address file",
                               defaults=("",))

# Instructions and locked ones among them: of our code, and of the allocator.
Cost = collections.namedtuple(
    "Cost", "instructions locked allocator allocator_locked")

# The functions of the allocators that we may be linked with: mimalloc, glibc's.
_ALLOCATOR = re.compile(
    r"(_?mi_|operator (new|delete)|(__libc_)?(malloc|free|calloc|realloc)\b"
    r"|cfree|posix_memalign|aligned_alloc|memalign|_mid_memalign|_int_"
    r"|sysmalloc|unlink_chunk|tcache_|arena_get)")

# An exchange with memory locks without saying so.
_LOCKED = re.compile(r"lock\b|mfence\b|xchg\w*\s.*\(")


def is_allocator(function):
    """Whether `function` belongs to the allocator and not to us."""
    return _ALLOCATOR.match(function) is not None


def parse(lines):
    """Returns how often each Place was executed, as a Counter."""
    counts = collections.Counter()
    binary = function = file = ""
    is_call = False
    for line in lines:
        if line[0].isdigit():
            if is_call:
                # What a call cost, all in all: listed again where it arose.
                is_call = False
                continue
            address, _, count = line.split()
            place = Place(binary, function, int(address, 16), file)
            counts[place] += int(count)
            continue
        key, equals, value = line.rstrip("\n").partition("=")
        if not equals:
            continue
        if key == "ob":
            binary = value
        elif key == "fn":
            function = value
        elif key in ("fl", "fi", "fe"):
            file = value
        elif key == "calls":
            is_call = True
    return counts


def locked_addresses(disassembly):
    """Returns the addresses of locked instructions in objdump's lines."""
    addresses = set()
    for line in disassembly:
        address, colon, instruction = line.partition(":\t")
        if colon and _LOCKED.match(instruction):
            addresses.add(int(address, 16))
    return addresses


class Disassembler:
    """Knows the locked instructions of each object; looks once."""

    def __init__(self):
        self._known = {}

    def is_locked(self, place):
        """Whether the instruction at `place` is a locked one."""
        if place.binary not in self._known:
            self._known[place.binary] = self._look(place.binary)
        return place.address in self._known[place.binary]

    @staticmethod
    def _look(binary):
        # Callgrind writes "???" for code that comes from no file.
        if not binary.startswith("/"):
            return set()
        printed = subprocess.run(
            ["objdump", "--disassemble", "--no-show-raw-insn", binary],
            check=True, capture_output=True, text=True).stdout
        return locked_addresses(printed.splitlines())


def difference(larger, smaller):
    """What was executed in one run more than in the other, as a Counter."""
    result = collections.Counter(larger)
    result.subtract(smaller)
    return result


def total(counts, disassembler, operations):
    """Adds up the counts of parse() to a Cost per operation."""
    sums = [0, 0, 0, 0]
    for place, count in counts.items():
        kind = 2 if is_allocator(place.function) else 0
        sums[kind] += count
        if disassembler.is_locked(place):
            sums[kind + 1] += count
    return Cost(*(s / operations for s in sums))


def by_function(counts, disassembler, operations):
    """Returns (instructions, locked, function) per operation, dearest first."""
    sums = collections.defaultdict(lambda: [0, 0])
    for place, count in counts.items():
        sums[place.function][0] += count
        if disassembler.is_locked(place):
            sums[place.function][1] += count
    return sorted(((instructions / operations, locked / operations, function)
                   for function, (instructions, locked) in sums.items()),
                  reverse=True)
