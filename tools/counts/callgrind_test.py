#!/usr/bin/env python3
"""Tests callgrind.py: tools/counts/callgrind_test.py"""

import sys
import unittest

sys.dont_write_bytecode = True
import callgrind  # pylint: disable=wrong-import-position

OUTPUT = """# callgrind format
version: 1
cmd:  ./workload yield 64
positions: instr line
events: Ir
summary: 1234


ob=/bin/workload
fl=worker.h
fn=weft::Worker::Run()
0x10 3 5
0x14 3 5
cfn=mi_malloc
calls=5 0x40 9
0x18 4 50
0x18 4 5
fi=inlined.h
0x1c 8 5

fn=mi_malloc
0x40 9 10

ob=/lib/libc.so.6
fn=(below main)
0x10 0 1
"""

DISASSEMBLY = """
workload:     file format elf64-x86-64

0000000000000010 <weft::Worker::Run()>:
      10:\tmov    %rax,(%rdi)
      14:\tlock xadd %rax,(%rdi)
      18:\txchg   %ax,%ax
      1c:\txchg   %rax,0x8(%rdi)
      20:\tcmpxchg %rdx,(%rdi)
      24:\tmfence
      28:\tlock orl $0x0,-0x40(%rsp)
""".splitlines()


class FixedDisassembler(callgrind.Disassembler):
    """Takes every object for the one above."""

    @staticmethod
    def _look(binary):
        return callgrind.locked_addresses(DISASSEMBLY)


class CallgrindTest(unittest.TestCase):

    def counts(self):
        return callgrind.parse(OUTPUT.splitlines(keepends=True))

    def test_each_instruction_is_counted_where_it_is_executed(self):
        counts = self.counts()
        run = "weft::Worker::Run()"
        self.assertEqual(
            counts[callgrind.Place("/bin/workload", run, 0x10)], 5)
        self.assertEqual(
            counts[callgrind.Place("/lib/libc.so.6", "(below main)", 0x10)], 1)

    def test_the_cost_of_a_call_is_not_counted_twice(self):
        self.assertEqual(sum(self.counts().values()), 5 * 4 + 10 + 1)

    def test_locked_are_the_lock_prefix_fences_and_exchanges_with_memory(self):
        self.assertEqual(callgrind.locked_addresses(DISASSEMBLY),
                         {0x14, 0x1c, 0x24, 0x28})

    def test_the_allocator_is_told_apart_by_name(self):
        for name in ("mi_malloc", "_mi_page_retire", "operator new(unsigned long)",
                     "malloc", "free", "_int_free", "__libc_malloc"):
            self.assertTrue(callgrind.is_allocator(name), name)
        for name in ("weft::task_internal::FreeBlock()", "free_list::Push()",
                     "weft::Worker::Run()", "main", "mix()"):
            self.assertFalse(callgrind.is_allocator(name), name)

    def test_costs_are_per_operation(self):
        cost = callgrind.total(self.counts(), FixedDisassembler(), 5)
        self.assertAlmostEqual(cost.instructions, 4.2)
        self.assertAlmostEqual(cost.locked, 2)
        self.assertAlmostEqual(cost.allocator, 2)
        self.assertAlmostEqual(cost.allocator_locked, 0)

    def test_what_two_runs_share_cancels_out(self):
        counts = self.counts()
        left = callgrind.difference(counts + counts, counts)
        self.assertEqual(sum(left.values()), sum(counts.values()))

    def test_functions_come_dearest_first(self):
        table = callgrind.by_function(self.counts(), FixedDisassembler(), 5)
        self.assertEqual([function for _, _, function in table],
                         ["weft::Worker::Run()", "mi_malloc", "(below main)"])
        self.assertEqual(table[0][:2], (4, 2))


if __name__ == "__main__":
    unittest.main()
