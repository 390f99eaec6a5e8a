"""Runs the programs that the figures come from."""

import json
import os
import pathlib
import re
import resource
import subprocess
import tempfile

import callgrind
import figures
import parts

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BAZEL = str(ROOT / "tools" / "bazel")

# The operations of tools/counts/workload.cc that the page is about.
OPERATIONS = ["chain-detached-poll", "chain-detached-coroutine",
              "fan-detached-coroutine", "spawn-await-coroutine",
              "child-await-coroutine", "yield-coroutine",
              "ping-pong-coroutine", "message-coroutine",
              "fork-join-coroutine"]

# The smaller of two counts, whose difference is measured: under callgrind, and
# by the clock.
COUNTED = 64 * 200
TIMED = 64 * 8000


class MeasureError(Exception):
    """A program that failed; the message says which and how."""


def run(command, **kwargs):
    """Runs a command; returns what it printed."""
    done = subprocess.run([str(part) for part in command], check=False,
                          capture_output=True, text=True, **kwargs)
    if done.returncode != 0:
        raise MeasureError(f"{' '.join(map(str, command))}: exit status "
                           f"{done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def build(target, *options):
    """Builds //folder:name, optimised; returns the program's path."""
    options = ["-c", "opt", *options]
    run([BAZEL, "build", *options, target], cwd=ROOT)
    binaries = run([BAZEL, "info", *options, "bazel-bin"], cwd=ROOT).strip()
    return pathlib.Path(binaries, *re.split("[/:]+", target.strip("/")))


def floors(repetitions):
    """Measured nanoseconds of each floor, by name."""
    program = build("//base:floor_benchmark")
    return figures.floors(json.loads(run(
        [program, "--benchmark_format=json", "--benchmark_min_time=0.05",
         f"--benchmark_repetitions={repetitions}",
         "--benchmark_enable_random_interleaving=true"])))


def _executed(program, operation, count):
    """What callgrind counts."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        run(["valgrind", "-q", *callgrind.OPTIONS,
             f"--callgrind-out-file={out}", program, operation, count])
        with open(out, encoding="utf-8", errors="replace") as lines:
            return callgrind.parse(lines)


def _addr2line(binary, addresses):
    """Which lines were inlined where."""
    return run(["addr2line", "-a", "-i", "-e", binary,
                *map(hex, addresses)]).splitlines()


def _nanoseconds(program, operation, count):
    """What the program uses of the processor: a thread that waits for another
    program to leave it is not slow."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run([program, operation, count])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e9 * (after.ru_utime - before.ru_utime +
                  after.ru_stime - before.ru_stime)


def budget(rounds, progress):
    """The figures.Operations. The clock's rounds visit all of them in turn, so
    that what disturbs the machine disturbs all."""
    # With the lines, to know which part an instruction belongs to: the same
    # instructions, in a folder of their own.
    program = build("//tools/counts:workload", "--copt=-g1",
                    "--platform_suffix=-lines")
    samples = {name: [] for name in OPERATIONS}
    for number in range(rounds):
        progress(f"timing, round {number + 1} of {rounds}")
        for name in OPERATIONS:
            more = _nanoseconds(program, name, 2 * TIMED)
            less = _nanoseconds(program, name, TIMED)
            samples[name].append((more - less) / TIMED)
    disassembler = callgrind.Disassembler()
    operations = []
    for name in OPERATIONS:
        progress(f"counting {name}")
        counts = callgrind.difference(
            _executed(program, name, 2 * COUNTED),
            _executed(program, name, COUNTED))
        operations.append(figures.Operation(
            name, parts.by_part(counts, COUNTED),
            parts.locked_by_source(counts, disassembler, COUNTED, _addr2line),
            parts.allocations(counts, COUNTED),
            figures.measured(samples[name])))
    return operations


def schedulers(flags, svg):
    """tools/bench's JSON; `svg` is written."""
    program = build("//tools/bench:bench")
    return json.loads(run([program, *flags, f"--svg={svg}", "--json=-"],
                          cwd=ROOT))
