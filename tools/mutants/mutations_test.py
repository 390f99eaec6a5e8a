#!/usr/bin/env python3
"""Tests mutations.py, tables.py and tree.py, and that steps.toml and
survivors.txt fit the sources: tools/mutants/mutations_test.py"""

import sys
import unittest

sys.dont_write_bytecode = True
import mutations  # pylint: disable=wrong-import-position
import tables  # pylint: disable=wrong-import-position
import tree  # pylint: disable=wrong-import-position

SOURCE = r"""
#include "weft/base/atomic.h"
#define HEAD {  // a brace that nobody closes

namespace weft {

// Not code: word.load(std::memory_order_acquire)
/* nor this: FullFence(); */
template <class T, int kSize = 2>
class Ring final : public Base<T> {
 public:
  struct Owner {
    explicit Owner(Ring* ring) : ring_(ring), seen_{ring->Load()} {}
    int Size() const { return ring_->word_.load(std::memory_order_acquire); }
    Ring* ring_;
    int seen_;
  };

  Ring() = default;
  [[nodiscard]] bool Push(T* item, const Owner& owner = {}) requires(
      kSize > 1) {
    const char* text = "{ Store(std::memory_order_release) }";
    Use(text, '{', 1'000);
    if (item == nullptr) {
      word_.store(1, std::memory_order_release);
    }
    word_.store(2, std::memory_order_release);
    FullFence();
    return [&] { return word_.load(std::memory_order_relaxed) != 0; }();
  }
  T* Pop();
  bool operator()(int n) { return n < word_.load(std::memory_order_seq_cst); }

 private:
  atomic<int> word_{0};
};

template <class T, int kSize>
T* Ring<T, kSize>::Pop() {
  int old = Function<int, int>(1, 2);
  while (!word_.compare_exchange_weak(old, Next(old, 1),
                                      std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
  }
  word_.exchange(kEmpty, std::memory_order_seq_cst);
  atomic_thread_fence(std::memory_order_seq_cst);
  return nullptr;
}

auto Free(atomic<int>& word) -> decltype(word.load()) {
  word.store(std::max(1, 2), std::memory_order::seq_cst);
}

}  // namespace weft
"""


def made():
    """The keys of all mutants of SOURCE, without the file."""
    return [mutant.key.removeprefix("ring.h ")
            for mutant in mutations.of_source("ring.h", SOURCE)]


class BlankTest(unittest.TestCase):

    def test_comments_texts_and_directives_become_spaces(self):
        blank = mutations.blank(SOURCE)
        self.assertEqual(len(blank), len(SOURCE))
        self.assertEqual(blank.count("\n"), SOURCE.count("\n"))
        for gone in ("Not code", "nor this", "include", "HEAD", "'{'"):
            self.assertNotIn(gone, blank)
        self.assertIn("1'000", blank)

    def test_a_raw_text_is_a_text(self):
        self.assertEqual(mutations.blank('R"(a " b)" c').strip(), "c")


class MutantsTest(unittest.TestCase):

    def test_all_of_them(self):
        self.assertEqual(made(), [
            "Ring::Owner::Size load acquire->relaxed",
            "Ring::Push store release->relaxed",
            "Ring::Push store release->relaxed (2)",
            "Ring::Push FullFence dropped",
            "Ring::operator() load seq_cst->acquire",
            "Ring::Pop compare_exchange_weak acq_rel->acquire",
            "Ring::Pop compare_exchange_weak acq_rel->release",
            "Ring::Pop compare_exchange_weak failure acquire->relaxed",
            "Ring::Pop exchange seq_cst->acq_rel",
            "Ring::Pop atomic_thread_fence seq_cst->acq_rel",
            "Ring::Pop atomic_thread_fence dropped",
            "Free store seq_cst->release",
        ])

    def test_each_changes_one_place(self):
        for mutant in mutations.of_source("ring.h", SOURCE):
            text = mutant.apply(SOURCE)
            self.assertNotEqual(text, SOURCE)
            self.assertEqual(text.count("\n"), SOURCE.count("\n"))
            (begin, end, replacement), = mutant.edits
            self.assertEqual(text, SOURCE[:begin] + replacement + SOURCE[end:])

    def test_what_they_write(self):
        by_key = {mutant.key: mutant
                  for mutant in mutations.of_source("ring.h", SOURCE)}
        self.assertIn(
            "word.store(std::max(1, 2), std::memory_order::release);",
            by_key["ring.h Free store seq_cst->release"].apply(SOURCE))
        self.assertNotIn("\n    FullFence();", by_key[
            "ring.h Ring::Push FullFence dropped"].apply(SOURCE))
        self.assertNotIn("atomic_thread_fence(", by_key[
            "ring.h Ring::Pop atomic_thread_fence dropped"].apply(SOURCE))

    def test_keys_do_not_move_with_lines(self):
        moved = "\n\n// word_.load(std::memory_order_acquire);\n" + SOURCE
        self.assertEqual(
            [mutant.key for mutant in mutations.of_source("ring.h", moved)],
            [mutant.key for mutant in mutations.of_source("ring.h", SOURCE)])

    def test_lines_are_those_of_the_file(self):
        first = mutations.of_source("ring.h", SOURCE)[0]
        self.assertIn("int Size()", SOURCE.splitlines()[first.line - 1])

    def test_an_order_out_of_place_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "ring.h:1: .* Forward"):
            mutations.of_source(
                "ring.h", "void F() { Forward(1, std::memory_order_acquire); }")


class StepTest(unittest.TestCase):

    def step(self, find, replace="", **more):
        return mutations.of_step(
            {"file": "ring.h", "name": "a-step", "find": find,
             "replace": replace, **more}, SOURCE)

    def test_an_excerpt_may_be_laid_out_in_another_way(self):
        mutant = self.step("if (item == nullptr) { word_.store(1, "
                           "std::memory_order_release); }", "Other();")
        self.assertEqual(mutant.key, "ring.h step a-step")
        self.assertIn("Other();\n    word_.store(2", mutant.apply(SOURCE))

    def test_an_excerpt_is_found_once(self):
        with self.assertRaisesRegex(ValueError, "a-step: .* 0 times"):
            self.step("no such code")
        with self.assertRaisesRegex(ValueError, "a-step: .* 2 times"):
            self.step("std::memory_order_release);")

    def test_an_excerpt_is_code(self):
        with self.assertRaisesRegex(ValueError, "0 times"):
            self.step("nor this")

    def test_more_places_make_one_mutant(self):
        text = self.step("word_.store(2", "word_.load(2",
                         find2="word_.store(1",
                         replace2="word_.load(1").apply(SOURCE)
        self.assertIn("word_.load(1, ", text)
        self.assertIn("word_.load(2, ", text)

    def test_a_step_is_whole(self):
        with self.assertRaisesRegex(ValueError, "a-step: .* find2"):
            self.step("FullFence();", replace2="")


class SurvivorsTest(unittest.TestCase):

    def test_a_key_and_its_reason(self):
        self.assertEqual(
            tables.parse_survivors("# Title\n\na.h F load acquire->relaxed\n"
                                   "  It is\n  so.\nb.h step x\n  Why.\n"),
            {"a.h F load acquire->relaxed": "It is so.", "b.h step x": "Why."})

    def test_no_reason_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "line 1: no reason"):
            tables.parse_survivors("a.h step x\nb.h step y\n  Why.\n")
        with self.assertRaisesRegex(ValueError, "line 1: no reason"):
            tables.parse_survivors("a.h step x\n")

    def test_no_key_or_the_same_twice_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "line 1: no key"):
            tables.parse_survivors("  Why.\n")
        with self.assertRaisesRegex(ValueError, "line 3: a second time"):
            tables.parse_survivors("a.h step x\n  Why.\na.h step x\n  Why.\n")


FAILED_RUN = """
[ RUN      ] RingModel.One
[       OK ] RingModel.One (3 ms)
[ RUN      ] RingModel.Two
ring_model_test.cc:7: Failure
Failed
DATA RACE on slots_[i] (ring_queue.h:210), after 3 executions
[  FAILED  ] RingModel.Two (5 ms)
//queue:ring_model_test           FAILED in 0.1s
"""


class OutcomeTest(unittest.TestCase):

    def test_a_test_that_fails_is_named(self):
        self.assertEqual(tree.outcome(3, FAILED_RUN),
                         (tree.FAILED, "RingModel.Two: data race"))
        other = FAILED_RUN.replace("DATA RACE", "Expected equality")
        self.assertEqual(tree.outcome(3, other),
                         (tree.FAILED, "RingModel.Two: it fails"))

    def test_so_is_one_that_crashes(self):
        crash = FAILED_RUN[:FAILED_RUN.index("ring_model_test.cc")]
        self.assertEqual(tree.outcome(3, crash),
                         (tree.FAILED, "RingModel.Two: a crash"))

    def test_a_limit_is_no_failure(self):
        self.assertEqual(
            tree.outcome(3, FAILED_RUN.replace("DATA RACE on", "NOT EXHAUSTIVE:")),
            (tree.UNDECIDED, "RingModel.Two: not exhaustive"))
        self.assertEqual(
            tree.outcome(3, FAILED_RUN.replace("FAILED in", "TIMEOUT in")),
            (tree.UNDECIDED, "RingModel.Two: out of time"))

    def test_what_does_not_compile_says_why(self):
        self.assertEqual(tree.outcome(1, "a.h:3:1: error: no such thing\nx"),
                         (tree.INVALID, "error: no such thing"))

    def test_a_bazel_that_does_not_work_is_an_error(self):
        with self.assertRaisesRegex(tree.BazelError, "ended with 2"):
            tree.outcome(2, "Unrecognized option")


class TablesTest(unittest.TestCase):
    """The tables of this folder fit the sources as they are."""

    def test_each_file_is_there_and_each_step_fits(self):
        keys = [mutant.key for mutant in tables.mutants(tables.ROOT)]
        self.assertGreater(len(keys), 100)
        self.assertEqual(len(keys), len(set(keys)))

    def test_each_reason_belongs_to_a_mutant(self):
        keys = {mutant.key for mutant in tables.mutants(tables.ROOT)}
        self.assertEqual(set(tables.survivors()) - keys, set())

    def test_no_file_with_atomics_is_forgotten(self):
        self.assertEqual(tables.forgotten(tables.ROOT), [])


if __name__ == "__main__":
    unittest.main()
