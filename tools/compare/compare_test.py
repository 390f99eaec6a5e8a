#!/usr/bin/env python3
"""Tests the parts of tools/compare/run: tools/compare/compare_test.py"""

import json
import os
import pathlib
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import instructions
import measure
import packages
import peers
import report
import spec
import summary
import svg
import table

HERE = pathlib.Path(__file__).resolve().parent

WORKLOADS = """# A comment
chain
  tasks: detached joined
  n: 1000
  quick: 100
  per: spawn
  does: A task spawns
    the next: n deep.

memory
  tasks: detached
  n: 50
  once: yes
  visits: 1
  counted: no
  per: task
  unit: bytes
  does: Nothing.
"""

# A port: its time for an operation is n.
PORT = """#!/usr/bin/env python3
import json, sys
flags = dict(a[2:].split("=") for a in sys.argv[1:])
if flags["workload"] == "broken": sys.exit("no good")
if flags["workload"] == "memory": print('{"missing": "cannot"}')
else: print(json.dumps({"operations": 1, "samples": 1, "flags": flags,
  "min": 1, "median": int(flags["n"]), "p99": 2}))
"""


class SpecTest(unittest.TestCase):

    def test_workloads(self):
        chain, memory = spec.workloads(WORKLOADS)
        self.assertEqual(chain, spec.Workload(
            "chain", ["detached", "joined"], 1000, 100, 100, True, False,
            None, "spawn", "ns"))
        self.assertEqual(memory, spec.Workload(
            "memory", ["detached"], 50, 50, 50, False, True, 1, "task",
            "bytes"))

    def test_refuses_what_it_does_not_understand(self):
        with self.assertRaisesRegex(ValueError, "colour"):
            spec.workloads(WORKLOADS.replace("once: yes", "colour: blue"))
        with self.assertRaisesRegex(ValueError, "memory has no 'n'"):
            spec.workloads(WORKLOADS.replace("  n: 50\n", ""))

    def test_limits(self):
        chain, memory = spec.workloads(WORKLOADS)
        wanted = spec.targets("# x\nchain go 0.5\nmemory go 1\nchain tbb 2\n")
        self.assertEqual(spec.limit_for(wanted, chain, "detached", "go"), 0.5)
        self.assertEqual(spec.limit_for(wanted, chain, "joined", "go"), 0.65)
        self.assertEqual(spec.limit_for(wanted, memory, "detached", "go"), 1)
        self.assertIsNone(spec.limit_for(wanted, memory, "detached", "tbb"))

    def test_joined_has_no_allowance_where_there_is_nothing_else(self):
        fib = spec.workloads(WORKLOADS.replace("detached joined", "joined"))[0]
        wanted = spec.targets("chain go 0.5")
        self.assertEqual(spec.limit_for(wanted, fib, "joined", "go"), 0.5)


class FilesTest(unittest.TestCase):
    """The text files and the ports fit each other."""

    def setUp(self):
        self.workloads = spec.workloads((HERE / "workloads.txt").read_text())

    def test_targets_name_what_there_is(self):
        names = {workload.name for workload in self.workloads}
        known = {peer.name for peer in peers.all_peers()}
        known.update([summary.WEFT_ALONE, spec.ITSELF])
        for target in spec.targets((HERE / "targets.txt").read_text()):
            self.assertIn(target.workload, names)
            self.assertIn(target.peer, known)

    def test_each_port_has_each_workload_or_says_why_not(self):
        for workload in self.workloads:
            for tasks in workload.tasks:
                pair = f'{{"{workload.name}", "{tasks}",'
                for source in ("weft/workloads.cc", "onetbb/main.cc",
                               "asio/main.cc"):
                    text = (HERE / "ports" / source).read_text()
                    self.assertEqual(text.count(pair), 1, f"{source}: {pair}")
                go = (HERE / "ports" / "go" / "workloads.go").read_text()
                self.assertEqual(go.count(f'"{workload.name} {tasks}":'), 1)
                rust = (HERE / "ports/tokio/src/workloads.rs").read_text()
                self.assertRegex(rust, f'"{workload.name}"[^\n]*, "{tasks}"')

    def test_each_source_cites_the_definition(self):
        for source in ("weft/scheduling.cc", "weft/fork_join.cc",
                       "weft/channels.cc", "weft/flows.cc", "weft/locks.cc",
                       "weft/idle.cc", "onetbb/main.cc", "asio/main.cc",
                       "floor/main.cc", "go/workloads.go",
                       "tokio/src/workloads.rs"):
            text = (HERE / "ports" / source).read_text()
            self.assertIn("tools/compare/workloads.txt", text, source)


class PackagesTest(unittest.TestCase):

    def test_finds_programs_and_files(self):
        self.assertIsNotNone(packages.find(packages.Need("x", "sh", [])))
        self.assertIsNone(packages.find(packages.Need("x", "no-such-x", [])))
        with tempfile.TemporaryDirectory() as folder:
            need = packages.Need("x", f"{folder}/*.so", ["libx"])
            self.assertIsNone(packages.find(need))
            (pathlib.Path(folder) / "a.so").touch()
            self.assertEqual(packages.find(need), f"{folder}/a.so")

    def test_versions(self):
        self.assertIn("unknown version", packages.version(
            packages.Need("Something", "no-such-x", [])))
        self.assertIn("unknown version", packages.version(
            packages.Need("Something", "/no/such", ["no-such-x"])))

    def test_says_what_is_missing_and_why(self):
        installer = packages.Installer(False, "/dev/null")
        need = packages.Need("Something", "no-such-x", ["libx"])
        self.assertEqual(
            packages.provide([need], installer),
            "Something is missing: --no-install was given; install by hand: "
            "apt-get install libx")
        self.assertIsNone(
            packages.provide([packages.Need("x", "sh", ["y"])], installer))


class PortCase(unittest.TestCase):
    """Has a port that is a script."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        binary = pathlib.Path(folder.name) / "port"
        binary.write_text(PORT)
        binary.chmod(0o755)
        self.peer = peers.Peer("peer", [], None)
        self.peer.binary = binary
        self.weft = peers.Peer("weft", [], None)
        self.weft.binary = binary


class MeasureTest(PortCase):

    def test_command(self):
        self.assertEqual(
            measure.command("port", "chain", "joined", 2, 7, seconds=0.5),
            ["port", "--workload=chain", "--tasks=joined", "--workers=2",
             "--n=7", "--seconds=0.5"])
        self.assertEqual(
            measure.command("port", "chain", "joined", 2, 7, rounds=3)[-1],
            "--rounds=3")

    def test_visits_every_cell_in_every_round(self):
        workloads = spec.workloads(WORKLOADS)
        visits = measure.Visits([self.weft, self.peer], workloads, [1, 2], 0.1,
                                quick=True)
        lines = []
        for number in range(2):
            visits.round(number, lines.append)
        self.assertEqual(len(visits.cells), 6)
        self.assertEqual(len(lines), 12)
        cell = measure.Cell("chain", "joined", 2)
        answers = visits.results.answers(cell, "peer")
        self.assertEqual(sorted(answers), [0, 1])
        self.assertEqual(answers[0]["flags"], {
            "workload": "chain", "tasks": "joined", "workers": "2",
            "n": "100", "seconds": "0.1"})
        self.assertEqual(visits.results.missing[
            ("memory", "detached", "weft")], "cannot")

    def test_asks_a_peer_only_for_what_it_has(self):
        self.peer.only = {"other"}
        visits = measure.Visits([self.peer], spec.workloads(WORKLOADS), [1],
                                0.1, quick=False)
        visits.round(0, lambda line: None)
        self.assertEqual(visits.results.missing, {})
        self.assertEqual(visits.results.answers(visits.cells[0], "peer"), {})

    def test_a_port_that_fails_is_reported_and_not_asked_again(self):
        broken = spec.workloads(WORKLOADS.replace("chain", "broken"))[:1]
        visits = measure.Visits([self.peer], broken, [1], 0.1, quick=False)
        visits.round(0, lambda line: None)
        self.assertEqual(
            visits.results.missing[("broken", "detached", "peer")],
            "FAILED: exit status 1: no good")

    def test_gives_up_on_a_port_that_hangs(self):
        self.peer.binary.write_text("#!/bin/sh\nexec sleep 100\n")
        with self.assertRaisesRegex(measure.PortError, "not done"):
            measure.ask(self.peer, [str(self.peer.binary)], 0.05)


def answer(median):
    """What a port says."""
    return {"median": median, "min": median, "p99": 2 * median, "samples": 1}


def some_results():
    """Weft and a peer in two rounds; the peer has no joined tasks."""
    results = measure.Results()
    for tasks, workers, ours, theirs in (
            ("detached", 1, [8, 8], [10, 10]),
            ("detached", 2, [4, 6], [10, 10]),
            ("joined", 2, [10, 20], None)):
        cell = measure.Cell("chain", tasks, workers)
        for number in range(2):
            results.add(cell, "weft", number, answer(ours[number]))
            if theirs:
                results.add(cell, "go", number, answer(theirs[number]))
    results.skip(measure.Cell("chain", "joined", 2), "go", "has none")
    return results


CELLS = [measure.Cell("chain", tasks, workers)
         for workers in (1, 2) for tasks in ("detached", "joined")]


def some_comparisons(targets="chain go 0.5\nchain weft-1 0.7\n"):
    """The comparisons of some_results()."""
    return summary.compare_all(
        some_results(), CELLS, spec.workloads(WORKLOADS), ["weft", "go"],
        spec.targets(targets))


class SummaryTest(unittest.TestCase):

    def test_the_ratio_is_the_median_of_the_rounds_ratios(self):
        self.assertEqual(summary.ratios({0: answer(4), 1: answer(6)},
                                        {1: answer(3), 2: answer(1)}), [2])
        two = [one for one in some_comparisons()
               if one.workers == 2 and one.peer == "go"]
        self.assertEqual(
            [(one.tasks, one.ratio, one.low, one.high) for one in two],
            [("detached", 0.5, 0.4, 0.6), ("joined", 1.5, 1, 2)])

    def test_detached_tasks_stand_in_for_joined_ones(self):
        stand_ins = {(one.tasks, one.stand_in) for one in some_comparisons()}
        self.assertEqual(stand_ins, {("detached", False), ("joined", True)})

    def test_targets_are_for_two_workers(self):
        met = {(one.peer, one.tasks, one.workers): summary.is_met(one)
               for one in some_comparisons()}
        self.assertEqual(met, {
            ("go", "detached", 1): None,
            ("go", "detached", 2): True,
            ("go", "joined", 2): False,
            # 4 and 6 with two workers, by 8 and 8 with one.
            ("weft-1", "detached", 2): True})

    def test_weft_alone_gets_no_allowance_for_joined_tasks(self):
        results = some_results()
        for number in range(2):
            results.add(measure.Cell("chain", "joined", 1), "weft", number,
                        answer(10))
        limits = [one.limit for one in summary.compare_all(
            results, CELLS, spec.workloads(WORKLOADS), ["weft"],
            spec.targets("chain weft-1 1.0"))]
        self.assertEqual(limits, [1.0, 1.0])

    def test_weft_alone_is_left_out_without_a_target(self):
        named = {one.peer for one in some_comparisons("chain go 1")}
        self.assertEqual(named, {"go"})

    def test_weft_by_itself_is_held_against_a_number(self):
        mets = [(one.workers, one.tasks, one.ratio, one.low, one.high,
                 one.peer_value, summary.is_met(one))
                for one in some_comparisons("chain itself 10")
                if one.peer == spec.ITSELF]
        self.assertEqual(mets, [(2, "detached", 5, 4, 6, None, True),
                                (2, "joined", 15, 10, 20, None, False)])


def some_report():
    """A report."""
    return report.Report(CELLS, ["weft", "go"], some_comparisons(),
                         some_results(), {"asio": "there is no apt-get"}, 2,
                         [30.0], {"weft": "coroutines"})


class ReportTest(unittest.TestCase):

    def test_table(self):
        text = table.text(some_report())
        self.assertIn("1 worker: nano", text)
        self.assertIn("medians of 2 rounds", text)
        self.assertRegex(text, r"chain +detached +5\.00 +go +10\.0 +0\.50 +"
                         r"0\.40 +0\.60 +0\.50 +met")
        self.assertRegex(text, r"chain +joined +15\.0 +go +10\.0\* +1\.50 +"
                         r"1\.00 +2\.00 +0\.65 +NOT MET")
        self.assertIn("2 of 3 targets are met", text)
        self.assertIn("go: chain (joined): has none", text)
        self.assertIn("asio: there is no apt-get", text)
        self.assertIn("weft: coroutines", text)

    def test_numbers(self):
        self.assertEqual([table.number(v) for v in (None, 1.234, 12.34, 1234)],
                         ["", "1.23", "12.3", "1,234"])

    def test_json(self):
        found = json.loads(json.dumps(report.as_json(some_report())))
        self.assertEqual(len(found["measured"]), 5)
        self.assertEqual(found["measured"][0]["rounds"][0]["median"], 8)
        self.assertEqual(sum(one["met"] is True
                             for one in found["comparisons"]), 2)
        self.assertEqual(found["missing"][0]["why"], "has none")

    def test_chart(self):
        found = svg.groups(some_results(), CELLS, ["weft", "go"], 2)
        self.assertEqual(found, [
            ("chain, detached", [("weft", 5), ("go", 10)]),
            ("chain, joined", [("weft", 15)])])
        text = svg.chart("a < b", "c & d", found, ["weft", "go"])
        xml.dom.minidom.parseString(text)
        self.assertIn("a &lt; b", text)
        self.assertIn("c &amp; d", text)
        # Weft's is half as long as Go's.
        self.assertIn('width="240.0"', text)
        self.assertIn('width="480.0"', text)


class BuildTest(unittest.TestCase):

    def test_newer(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            output, source = folder / "out", folder / "in"
            source.touch()
            os.utime(source, (10, 10))
            self.assertFalse(peers.is_newer(output, [source]))
            output.touch()
            self.assertTrue(peers.is_newer(output, [source]))
            os.utime(output, (9, 9))
            self.assertFalse(peers.is_newer(output, [source]))

    def test_a_failure_says_what_the_command_said(self):
        with self.assertRaisesRegex(peers.BuildError, "(?s)sh -c.*oh no"):
            peers.run(["sh", "-c", "echo oh no; exit 1"])


class InstructionsTest(unittest.TestCase):

    def test_the_allocator_is_told_by_function_or_library(self):
        place = instructions.callgrind.Place
        self.assertEqual(instructions.allocator_share({
            place("/bin/port", "Run", 1): 100,
            place("/lib/libc.so.6", "malloc", 1): 10,
            place("/lib/libmimalloc.so.2.0", "0x00001234", 1): 7,
        }), (117, 17))

    def test_without_valgrind(self):
        which, instructions.shutil.which = (instructions.shutil.which,
                                            lambda name: None)
        try:
            self.assertIn("not installed", instructions.text([], [], print))
        finally:
            instructions.shutil.which = which


if __name__ == "__main__":
    unittest.main()
