#!/usr/bin/env python3
"""Tests callgrind.py and parts.py: tools/counts/callgrind_test.py"""

import sys
import unittest

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import callgrind
import parts

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
            counts[callgrind.Place("/bin/workload", run, 0x10, "worker.h")],
            5)
        self.assertEqual(
            counts[callgrind.Place("/lib/libc.so.6", "(below main)", 0x10,
                                   "inlined.h")], 1)

    def test_what_is_inlined_belongs_to_the_file_it_was_written_in(self):
        files = {place.address: place.file for place in self.counts()
                 if place.binary == "/bin/workload"}
        self.assertEqual(files[0x18], "worker.h")
        self.assertEqual(files[0x1c], "inlined.h")

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


def place(function="weft::F()", file="", address=1, binary="/bin/workload"):
    """A Place."""
    return callgrind.Place(binary, function, address, file)


class PartsTest(unittest.TestCase):

    def test_a_part_is_the_folder_of_the_source(self):
        generated = "/proc/self/cwd/bazel-out/k8-opt/bin/"
        for file, part in (
                (generated + "task/_virtual_includes/cell/weft/task/cell.h",
                 "task"),
                ("bazel-out/k8-opt/bin/fork/_virtual_includes/x/weft/fork/x.h",
                 "fork"),
                ("/proc/self/cwd/worker/idle.cc", "worker"),
                ("waker/park_token.cc", "waker"),
                ("/proc/self/cwd/tools/counts/workload.cc", parts.BODY),
                ("/usr/include/c++/12/bits/atomic_base.h", parts.ATOMICS),
                ("/usr/include/c++/12/atomic", parts.ATOMICS),
                ("/usr/include/c++/12/bits/move.h", parts.LIBRARY),
                ("/proc/self/cwd/external/com_google_absl/absl/x.h",
                 parts.LIBRARY),
                ("./nptl/pthread_mutex_lock.c", parts.LIBRARY),
                ("???", parts.LIBRARY),
                ("/proc/self/cwd/external/mimalloc/src/page.c",
                 parts.ALLOCATOR)):
            self.assertEqual(parts.part_of(place(file=file)), part, file)
        self.assertEqual(
            parts.part_of(place("mi_free", "/usr/include/c++/12/atomic")),
            parts.ALLOCATOR)

    def test_parts_add_up_to_the_whole(self):
        counts = {place(file="worker/worker.cc"): 20,
                  place(file="worker/idle.cc"): 10,
                  place("mi_malloc"): 5}
        self.assertEqual(parts.by_part(counts, 5),
                         {"worker": 6, parts.ALLOCATOR: 1})

    def test_an_allocation_is_a_call_of_operator_new(self):
        new = "operator new(unsigned long, std::align_val_t)"
        counts = {place(new, address=7): 90, place(new, address=6): 30,
                  place(new, address=6, binary="/lib/other.so"): 10,
                  place("mi_malloc"): 500, place("operator delete(void*)"): 30}
        self.assertEqual(parts.allocations(counts, 10), 4)

    def test_locked_instructions_belong_to_who_uses_the_atomic(self):
        counts = {place(address=0x14): 10, place(address=0x1c): 5,
                  place("mi_free", address=0x24): 7, place(address=1): 99}
        printed = """0x0000000000000014
/usr/include/c++/12/bits/atomic_base.h:615
bazel-out/k8/bin/base/_virtual_includes/x/weft/base/fence.h:48
bazel-out/k8/bin/queue/_virtual_includes/x/weft/queue/lifo_slot.h:60
bazel-out/k8/bin/worker/_virtual_includes/x/weft/worker/worker.h:179
0x000000000000001c
./nptl/pthread_mutex_lock.c:94
""".splitlines()
        self.assertEqual(
            parts.locked_by_source(counts, FixedDisassembler(), 5,
                                   lambda binary, addresses: printed),
            {"queue/lifo_slot.h": 2, parts.LIBRARY: 1})


if __name__ == "__main__":
    unittest.main()
