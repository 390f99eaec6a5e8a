"""Runs the ports, interleaved, and keeps what they say."""

import collections
import json
import os
import random
import subprocess

# What is measured of each peer.
Cell = collections.namedtuple("Cell", "workload tasks workers")


class PortError(Exception):
    """A port that failed; the message says how."""


def command(binary, workload, tasks, workers, n, seconds=None, rounds=None):
    """The command line that all ports have."""
    line = [str(binary), f"--workload={workload}", f"--tasks={tasks}",
            f"--workers={workers}", f"--n={n}"]
    line.append(f"--rounds={rounds}" if rounds else f"--seconds={seconds}")
    return line


def ask(peer, line, timeout):
    """Runs a port; returns its line of JSON as a dict."""
    try:
        done = subprocess.run(
            line, check=False, capture_output=True, text=True, timeout=timeout,
            stdin=subprocess.DEVNULL, env=dict(os.environ, **peer.environment))
    except subprocess.TimeoutExpired:
        raise PortError(f"not done after {timeout:.0f} seconds") from None
    if done.returncode != 0:
        raise PortError(f"exit status {done.returncode}: "
                        f"{done.stderr.strip()[:300]}")
    return json.loads(done.stdout)


class Results:
    """What came out: for each cell and peer one answer in each round."""

    def __init__(self):
        self._answers = {}
        # Why there is none, by workload, tasks and peer's name.
        self.missing = {}

    def add(self, cell, peer_name, round_number, answer):
        """Keeps an answer."""
        if "missing" in answer:
            self.skip(cell, peer_name, answer["missing"])
        else:
            self._answers.setdefault((cell, peer_name), {})[
                round_number] = answer

    def skip(self, cell, peer_name, why):
        """There will be no answer."""
        self.missing[(cell.workload, cell.tasks, peer_name)] = why

    def is_missing(self, cell, peer_name):
        """Whether there is no use in asking."""
        return (cell.workload, cell.tasks, peer_name) in self.missing

    def answers(self, cell, peer_name):
        """The answers by round; empty if there are none."""
        return self._answers.get((cell, peer_name), {})


class Visits:
    """Visits all cells of all peers in each round, in a changing order."""

    def __init__(self, peers, workloads, worker_counts, seconds, quick,
                 seed=1):
        self._peers = peers
        self._workloads = {workload.name: workload for workload in workloads}
        self._seconds = seconds
        self._quick = quick
        self._random = random.Random(seed)
        self.results = Results()
        self.cells = [Cell(workload.name, tasks, workers)
                      for workers in worker_counts
                      for workload in workloads
                      for tasks in workload.tasks]

    def round(self, number, progress):
        """One round. The peers of a cell are run one after the other, so that
        their ratio is of one moment."""
        order = list(self.cells)
        self._random.shuffle(order)
        for done, cell in enumerate(order):
            progress(f"round {number + 1}: {done + 1} of {len(order)}: "
                     f"{cell.workload} {cell.tasks}, {cell.workers} workers")
            peers = list(self._peers)
            self._random.shuffle(peers)
            for peer in peers:
                self._visit(cell, peer, number)

    def _visit(self, cell, peer, number):
        if peer.only is not None and cell.workload not in peer.only:
            return
        if self.results.is_missing(cell, peer.name):
            return
        workload = self._workloads[cell.workload]
        if workload.visits is not None and number >= workload.visits:
            return
        line = command(
            peer.binary, cell.workload, cell.tasks, cell.workers,
            workload.quick if self._quick else workload.n,
            seconds=self._seconds, rounds=1 if workload.once else None)
        # An iteration may be slow, and there are two.
        timeout = 30 + 10 * self._seconds
        try:
            self.results.add(cell, peer.name, number,
                             ask(peer, line, timeout))
        except PortError as error:
            self.results.skip(cell, peer.name, f"FAILED: {error}")
