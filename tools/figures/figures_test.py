#!/usr/bin/env python3
"""Tests what tools/figures/run writes: tools/figures/figures_test.py"""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "counts"))
# pylint: disable=wrong-import-position
import figures
import markdown
import measure
import parts


def operation(time=(50, 40, 60)):
    """An operation of 100 instructions of ours, and 60 of the allocator's."""
    return figures.Operation(
        "spawn", figures.collections.Counter(
            {"worker": 70, "queue": 26, "library": 4, parts.ALLOCATOR: 60}),
        {"queue/slot.h": 2, "task/word.h": 1.98, "base/x.h": 0.01}, 2,
        figures.Measured(*time))


FLOORS = {figures.LOCKED: figures.Measured(5, 4, 6),
          figures.ALLOCATION: figures.Measured(10, 9, 11)}


class MarkdownTest(unittest.TestCase):

    def test_table(self):
        self.assertEqual(markdown.table(["a", "b", "c"], [["x", "1", "2"]]),
                         "| a | b | c |\n|---|---:|---:|\n| x | 1 | 2 |\n")

    def test_a_figure_is_replaced_and_nothing_else(self):
        page = ("one\n<!-- figure: f -->\nold\n<!-- end of figure -->\ntwo\n"
                "<!-- figure: g -->\n<!-- end of figure -->\n")
        self.assertEqual(markdown.replace(page, "f", "new\n"),
                         page.replace("old", "new"))

    def test_a_page_without_the_figure_is_refused(self):
        for page in ("text", "<!-- figure: f -->\nno end",
                     "<!-- figure: f -->\n<!-- figure: g -->\n"
                     "<!-- end of figure -->"):
            with self.assertRaisesRegex(ValueError, "'f'"):
                markdown.replace(page, "f", "new")

    def test_the_pages_have_the_figures(self):
        for page, names in ((measure.ROOT / "README.md", ["schedulers"]),
                            (measure.ROOT / "docs" / "performance.md",
                             ["floors", "parts", "locked", "budget"])):
            text = page.read_text(encoding="utf-8")
            for name in names:
                markdown.replace(text, name, "")

    def test_numbers(self):
        self.assertEqual([markdown.number(value) for value in
                          (1234.5, 99.96, 1.234)], ["1,234", "100.0", "1.23"])


class FiguresTest(unittest.TestCase):

    def test_floors_are_of_the_repetitions_and_not_of_their_means(self):
        runs = [{"run_type": "iteration", "run_name": "load", "cpu_time": t}
                for t in (3, 1, 2)]
        runs.append({"run_type": "aggregate", "run_name": "load",
                     "cpu_time": 9})
        self.assertEqual(figures.floors({"benchmarks": runs}),
                         {"load": (2, 1, 3)})

    def test_the_cheapest_floor_comes_first(self):
        table = figures.floor_table(FLOORS)
        self.assertLess(table.index(figures.LOCKED),
                        table.index(figures.ALLOCATION))

    def test_parts_add_up(self):
        table = figures.part_table([operation()])
        self.assertIn("| operation | worker | queue | allocator | else | all |",
                      table)
        self.assertIn("| `spawn` | 70 | 26 | 60 | 4 | 160 | 4.0 | 2.0 |", table)

    def test_locked_instructions_say_where(self):
        self.assertIn("| `spawn` | 4.0 | `queue/slot.h` 2.0, "
                      "`task/word.h` 2.0 |",
                      figures.locked_table([operation()]))

    def test_the_budget_is_what_the_floors_leave(self):
        # 50, less 3.99 at 5, less 2 at 10; 160, less 60, less 3.99.
        self.assertIn("| `spawn` | 50.0 (40.0 to 60.0) | 19.9 | 20.0 | 10.1 | "
                      "96 |", figures.budget_table([operation()], FLOORS))

    def test_schedulers(self):
        comparison = [
            {"benchmark": "ping", "scheduler": name, "median_ns": time,
             "times_as_fast": {"median": 300 / time, "low": 1, "high": 4}}
            for name, time in (("old", 300), ("weft", 100), ("other", 200))]
        table = figures.scheduler_table({"comparison": comparison})
        self.assertIn("| old | weft | other | old / weft |", table)
        self.assertIn("| ping | 300 | 100 | 200 | 3.00 (1.00 to 4.00) |", table)


class FilesTest(unittest.TestCase):
    """The names that are written down twice."""

    def test_the_benchmark_has_the_floors(self):
        text = (measure.ROOT / "base" / "floor_benchmark.cc").read_text(
            encoding="utf-8")
        for name in (figures.LOCKED, figures.ALLOCATION):
            self.assertIn(f'"{name}"', text)

    def test_the_workload_has_the_operations(self):
        text = (measure.ROOT / "tools" / "counts" / "workload.cc").read_text(
            encoding="utf-8")
        for name in measure.OPERATIONS:
            self.assertIn(f'{{"{name}"', text)


if __name__ == "__main__":
    unittest.main()
