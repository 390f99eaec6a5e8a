"""Which files are mutated, which model tests have to notice, and the two tables
beside this: the steps of the protocols, and the survivors that are explained.
"""

import collections
import os
import pathlib
import re
import tomllib

import mutations

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# What makes a file one of ours: an operation with an order, or a fence.
_LOCK_FREE = re.compile(r"\bmemory_order|\bFullFence\s*\(|\batomic_thread_fence\b")

# Each lock-free file (and some that hold a protocol's word as a value), and the
# model tests of its protocol. These are run in order, up to the first that
# fails.
FILES = {
    "queue/ring_queue.h": ["//queue:ring_queue_model_test"],
    "queue/injector.h": ["//queue:injector_model_test"],
    "queue/sharded_injector.h": ["//queue:injector_model_test"],
    "queue/lifo_slot.h": ["//queue:lifo_slot_model_test"],
    "queue/chase_lev_deque.h": ["//queue:chase_lev_deque_model_test"],
    "queue/fork_deque.h": ["//queue:fork_deque_model_test"],
    "fork/join_count.h": ["//fork:join_count_model_test"],
    "waker/atomic_waker.h": ["//waker:atomic_waker_model_test"],
    "waker/park_token.cc": ["//waker:park_token_model_test"],
    "sync/async_mutex_core.h": ["//sync:async_mutex_model_test"],
    "sync/mpsc.h": ["//sync:mpsc_model_test"],
    "sync/mpsc_channel.h": ["//sync:mpsc_model_test"],
    "sync/oneshot_core.h": ["//sync:oneshot_model_test"],
    "sync/oneshot_state.h": ["//sync:oneshot_model_test"],
    "task/state_word.h": ["//task:state_word_model_test",
                          "//task:state_model_test"],
    "task/header.cc": ["//task:state_model_test"],
    "task/suspension.h": ["//task:suspension_word_model_test",
                          "//task:suspension_model_test"],
    "task/header.h": ["//task:registry_model_test"],
    "task/registry.h": ["//task:registry_model_test"],
    "task/registry.cc": ["//task:registry_model_test"],
    "worker/idle.h": ["//worker:idle_model_test"],
    "worker/idle_state.h": ["//worker:idle_model_test"],
    "worker/eager_idle.h": ["//pool:tokio01_model_test"],
    "worker/ramping_idle.h": ["//worker:ramping_idle_model_test"],
    "worker/ramping_idle.cc": ["//worker:ramping_idle_model_test"],
    "worker/idle.cc": ["//worker:idle_model_test"],
    "worker/parker.h": ["//worker:parker_model_test"],
    "worker/retiring_parker.h": ["//worker:retiring_parker_model_test"],
    "worker/shared.h": ["//worker:worker_model_test",
                        "//pool:sharded_model_test",
                        "//worker:cycling_model_test"],
    "worker/watchdog.h": ["//worker:watchdog_model_test"],
    "worker/worker.h": ["//worker:worker_model_test",
                        "//worker:cycling_model_test"],
    "pool/core.h": ["//pool:pool_model_test"],
    "pool/core_inl.h": ["//pool:pool_model_test"],
    "dataflow/count_down.h": ["//dataflow:dataflow_model_test",
                              "//dataflow:cycling_model_test"],
    "dataflow/cycling.h": ["//dataflow:cycling_model_test"],
    "dataflow/dependents.h": ["//dataflow:dataflow_model_test"],
    "dataflow/node.h": ["//dataflow:dataflow_model_test"],
}

# Files with atomics that need no mutants, and why.
EXEMPT = {
    "task/block.h": "a guess about the allocator, and each block is looked at; "
                    "all relaxed",
    "fork/fork_frame.h": "says who was first to fail; JoinCount publishes it; "
                         "all relaxed",
    "fork/fork_frame.cc": "the same",
    "queue/private_queue.h": "a size for whoever looks on; all relaxed",
    "dataflow/combine.h": "one flag that says who was first; all relaxed",
    "worker/thief.h": "where the watchdog sends it, relaxed; the token publishes it",
    "worker/site.h": "a hint, which the fences of the idle protocol order; all "
                     "relaxed",
    "worker/observer.h": "counters that nobody decides by; all relaxed",
}

# Where no product code is.
_ELSEWHERE = re.compile(r"^(base|model|examples|tools|third_party)/|/testing/|"
                        r"/(test|model)_\w+\.h$|_(test|benchmark|codegen)\.cc$")


def forgotten(root):
    """The lock-free files that neither table above has."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith((".", "bazel-"))]
        for name in names:
            path = pathlib.Path(folder, name)
            file = path.relative_to(root).as_posix()
            if (path.suffix not in (".h", ".cc") or _ELSEWHERE.search(file) or
                    file in FILES or file in EXEMPT):
                continue
            source = path.read_text(encoding="utf-8")
            if _LOCK_FREE.search(mutations.blank(source)):
                found.append(file)
    return sorted(found)


def steps():
    """The entries of steps.toml, by their files."""
    with open(HERE / "steps.toml", "rb") as table:
        entries = tomllib.load(table).get("step", [])
    by_file = collections.defaultdict(list)
    for entry in entries:
        if entry["file"] not in FILES:
            raise ValueError(f"steps.toml: {entry['file']} is not in FILES")
        by_file[entry["file"]].append(entry)
    return by_file


def mutants(root, files=None):
    """All mutants of the files given, or else of all, as they are below
    `root`."""
    by_file = steps()
    made = []
    for file in files or FILES:
        source = (pathlib.Path(root) / file).read_text(encoding="utf-8")
        made += mutations.of_source(file, source)
        made += [mutations.of_step(step, source) for step in by_file[file]]
    return made


def parse_survivors(text):
    """Reads survivors.txt: a key at the beginning of a line, and below it,
    indented, the reason. Returns reasons by their keys."""
    reasons, key, key_line = {}, None, 0

    def finish():
        if key is not None and not reasons[key]:
            raise ValueError(f"survivors.txt, line {key_line}: no reason given")

    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] != " ":
            finish()
            key, key_line = line.strip(), number
            if key in reasons:
                raise ValueError(
                    f"survivors.txt, line {number}: a second time: {key}")
            reasons[key] = ""
        elif key is None:
            raise ValueError(f"survivors.txt, line {number}: no key above it")
        else:
            reasons[key] = f"{reasons[key]} {line.strip()}".strip()
    finish()
    return reasons


def survivors():
    """The explained survivors: reasons by keys."""
    return parse_survivors(
        (HERE / "survivors.txt").read_text(encoding="utf-8"))
