"""What the figures say: pure functions of what was measured."""

import collections
import statistics

import markdown
import parts

# The names that base/floor_benchmark.cc gives them.
LOCKED = "compare-and-swap, uncontended"
ALLOCATION = "allocate and free"

# The columns of the table of parts, in the order of the house. What is in none
# of these is the last column's.
COLUMNS = [parts.BODY, "pool", "worker", "task", "sync", "waker", "queue",
           "fork", "base", parts.ATOMICS, parts.ALLOCATOR]

# A number and its spread: median, least, greatest.
Measured = collections.namedtuple("Measured", "median low high")

# One operation: instructions by part, locked ones by source file, allocations;
# and nanoseconds.
Operation = collections.namedtuple(
    "Operation", "name by_part locked_by_source allocations time")


def measured(samples):
    """The Measured of some numbers."""
    return Measured(statistics.median(samples), min(samples), max(samples))


def floors(report):
    """Measured nanoseconds of the processor by name, of Google Benchmark's JSON
    with repetitions."""
    samples = {}
    for run in report["benchmarks"]:
        if run["run_type"] == "iteration":
            samples.setdefault(run["run_name"], []).append(run["cpu_time"])
    return {name: measured(times) for name, times in samples.items()}


def floor_table(by_name):
    """The floors, dearest last."""
    rows = [[name, markdown.spread(*value)] for name, value in
            sorted(by_name.items(), key=lambda item: item[1].median)]
    return markdown.table(["step", "ns (least to greatest)"], rows)


def locked(operation):
    """Its locked instructions."""
    return sum(operation.locked_by_source.values())


def locked_table(operations):
    """Which sources the locked instructions of each operation belong to."""
    rows = []
    for one in operations:
        sources = [f"`{source}` {count:.1f}" for source, count in
                   sorted(one.locked_by_source.items(),
                          key=lambda item: (-round(item[1], 1), item[0]))
                   if count >= 0.05]
        rows.append([f"`{one.name}`", f"{locked(one):.1f}",
                     ", ".join(sources)])
    return markdown.table(["operation", "locked", "where"], rows)


def part_table(operations):
    """Instructions of each part, for each operation."""
    used = [column for column in COLUMNS
            if any(round(o.by_part[column]) for o in operations)]
    rows = []
    for one in operations:
        rest = sum(count for part, count in one.by_part.items()
                   if part not in used)
        cells = [one.by_part[part] for part in used] + [rest]
        rows.append([f"`{one.name}`", *(f"{round(cell)}" for cell in cells),
                     f"{sum(cells):.0f}", f"{locked(one):.1f}",
                     f"{one.allocations:.1f}"])
    return markdown.table(["operation", *used, "else", "all", "locked",
                           "allocations"], rows)


def budget_table(operations, by_name):
    """Where the nanoseconds of each operation go, by the floors."""
    rows = []
    for one in operations:
        atomics = locked(one) * by_name[LOCKED].median
        allocation = one.allocations * by_name[ALLOCATION].median
        rest = one.time.median - atomics - allocation
        instructions = (sum(one.by_part.values()) - locked(one) -
                        one.by_part[parts.ALLOCATOR])
        rows.append([f"`{one.name}`", markdown.spread(*one.time),
                     f"{atomics:.1f}", f"{allocation:.1f}", f"{rest:.1f}",
                     f"{instructions:.0f}"])
    return markdown.table(
        ["operation", "ns (least to greatest)", "locked", "allocator",
         "what is left", "its instructions"], rows)


def scheduler_table(report):
    """Old against new, of tools/bench's JSON with --compare."""
    comparison = report["comparison"]
    schedulers = list(dict.fromkeys(one["scheduler"] for one in comparison))
    old = schedulers[0]
    cells = {(one["benchmark"], one["scheduler"]): one for one in comparison}
    rows = []
    for benchmark in dict.fromkeys(one["benchmark"] for one in comparison):
        row = [benchmark]
        for scheduler in schedulers:
            one = cells[benchmark, scheduler]
            row.append(markdown.number(one["median_ns"]))
        faster = cells[benchmark, "weft"]["times_as_fast"]
        row.append(markdown.spread(faster["median"], faster["low"],
                                   faster["high"]))
        rows.append(row)
    return markdown.table(
        ["nanoseconds per operation", *schedulers, f"{old} / weft"], rows)
