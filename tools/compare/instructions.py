"""Counts instructions per operation of all peers, under callgrind."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import measure
import table

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "counts"))
import callgrind  # pylint: disable=wrong-import-position

# The difference of two runs is taken, so that neither the start of the program
# nor the first iteration is in it.
ROUNDS = (2, 4)
TIMEOUT = 600


def allocator_share(counts):
    """(all instructions, the allocator's) of callgrind's counts."""
    everything = allocator = 0
    for place, count in counts.items():
        everything += count
        library = os.path.basename(place.binary)
        if (callgrind.is_allocator(place.function) or
                library.startswith(("libmimalloc", "libtbbmalloc"))):
            allocator += count
    return everything, allocator


def execute(peer, line, directory):
    """Runs a port under callgrind; returns its counts and its answer."""
    out = os.path.join(directory, "out")
    # Go's signals for preemption end callgrind with a failed assertion.
    under = ["env", "GODEBUG=asyncpreemptoff=1", "valgrind", "-q",
             *callgrind.OPTIONS, f"--callgrind-out-file={out}", *line]
    answer = measure.ask(peer, under, TIMEOUT)
    with open(out, encoding="utf-8", errors="replace") as lines:
        return callgrind.parse(lines), answer


def cost(peer, workload, tasks, directory):
    """(instructions, the allocator's) of one operation, or why not."""
    counts = []
    for rounds in ROUNDS:
        line = measure.command(peer.binary, workload.name, tasks, 1,
                               workload.count, rounds=rounds)
        try:
            found, answer = execute(peer, line, directory)
        except measure.PortError as error:
            return f"FAILED: {error}"
        if "missing" in answer:
            return answer["missing"]
        counts.append(found)
    operations = answer["operations"] * (ROUNDS[1] - ROUNDS[0])
    everything, allocator = allocator_share(
        callgrind.difference(counts[1], counts[0]))
    return (everything - allocator) / operations, allocator / operations


def text(peers, workloads, progress):
    """The table: for each workload and peer, what one operation takes."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed; on Debian: apt-get install valgrind"
    rows = [["workload", "tasks", "peer", "instructions", "allocator's"]]
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        for workload in workloads:
            if not workload.counted:
                continue
            for tasks in workload.tasks:
                for peer in peers:
                    if peer.only is not None:
                        continue
                    progress(f"{workload.name} {tasks}: {peer.name}")
                    found = cost(peer, workload, tasks, directory)
                    if isinstance(found, tuple):
                        rows.append([workload.name, tasks, peer.name,
                                     *(f"{value:,.0f}" for value in found)])
                    elif found.startswith("FAILED"):
                        failures.append(f"  {workload.name} ({tasks}), "
                                        f"{peer.name}: {found}")
    progress("")
    return "\n".join(["instructions per operation, one worker; what the "
                      "allocator takes is not in the first column",
                      *table.align(rows, {0, 1, 2}), *failures])
