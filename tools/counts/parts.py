"""Which part of the house each instruction belongs to."""

import collections
import re

import callgrind

# The parts that are no folder of the house. BODY is what the task itself does;
# ATOMICS are the standard's headers around the instruction, whoever uses them.
ALLOCATOR = "allocator"
ATOMICS = "atomics"
BODY = "body"
LIBRARY = "library"

_FOLDER = re.compile(r"/weft/([a-z_]+)/[^/]+$|^(?:/proc/self/cwd/)?([a-z_]+)/")
_NOT_OURS = ("external", "usr", "bazel-out")

# What to call `operator new` for; malloc is within it.
_NEW = re.compile(r"operator new(\[\])?\(")


def part_of(place):
    """The name of the part: one of the above, or a folder's."""
    if callgrind.is_allocator(place.function) or "/mimalloc/" in place.file:
        return ALLOCATOR
    if "tools/counts/" in place.file:
        return BODY
    if place.file.endswith("/atomic_base.h") or place.file.endswith("/atomic"):
        return ATOMICS
    found = _FOLDER.search(place.file)
    folder = found and (found.group(1) or found.group(2))
    if not folder or folder in _NOT_OURS:
        return LIBRARY
    return folder


def by_part(counts, operations):
    """Instructions per operation of each part, of callgrind.parse()'s counts;
    a Counter."""
    sums = collections.Counter()
    for place, count in counts.items():
        sums[part_of(place)] += count
    return collections.Counter(
        {part: count / operations for part, count in sums.items()})


def allocations(counts, operations):
    """How often memory was allocated, per operation: how often the first
    instruction of each `operator new` was executed."""
    first = {}
    for place, count in counts.items():
        if not _NEW.match(place.function) or count == 0:
            continue
        key = place.binary, place.function
        if key not in first or place.address < first[key][0]:
            first[key] = place.address, count
    return sum(count for _, count in first.values()) / operations


def source_of(frames):
    """Where the code that was inlined at an address comes from: of addr2line's
    lines, innermost first, the first that belongs to a folder of the house
    above base/, which only wraps what others ask for. "folder/file.h"."""
    for frame in frames:
        file = frame.partition(":")[0]
        found = _FOLDER.search(file)
        folder = found and (found.group(1) or found.group(2))
        if folder and folder not in (*_NOT_OURS, "base"):
            return f"{folder}/{file.rpartition('/')[2]}"
    return LIBRARY


def split_frames(lines):
    """The frames of each address, of what `addr2line -a -i` prints."""
    frames = {}
    address = None
    for line in lines:
        if line.startswith("0x"):
            address = int(line, 16)
            frames[address] = []
        else:
            frames[address].append(line)
    return frames


def locked_by_source(counts, disassembler, operations, addr2line):
    """How many locked instructions per operation each source file has, the
    allocator apart; a Counter. `addr2line(binary, addresses)` prints lines."""
    wanted = collections.defaultdict(collections.Counter)
    for place, count in counts.items():
        if disassembler.is_locked(place) and part_of(place) != ALLOCATOR:
            wanted[place.binary][place.address] += count
    sums = collections.Counter()
    for binary, by_address in wanted.items():
        frames = split_frames(addr2line(binary, sorted(by_address)))
        for address, count in by_address.items():
            sums[source_of(frames[address])] += count / operations
    return sums
