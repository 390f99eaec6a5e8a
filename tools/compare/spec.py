"""Reads workloads.txt and targets.txt."""

import collections

# tasks: of "detached" and "joined"; n, quick, count: how large an iteration is
# in an ordinary run, a quick one, and under callgrind; counted: whether there
# is any use in the last; once: whether a visit is a single iteration; visits:
# in how many rounds, or None for all.
Workload = collections.namedtuple(
    "Workload", "name tasks n quick count counted once visits per unit")

# At most `limit` times the peer's; or, if the peer is ITSELF, at most `limit`.
Target = collections.namedtuple("Target", "workload peer limit")

# What joined tasks may cost more than detached ones, in a target.
JOINED_ALLOWANCE = 1.3

# In the place of a peer: the target is for Weft's own number, not for a ratio.
ITSELF = "itself"

_KEYS = {"tasks", "n", "quick", "count", "counted", "once", "visits", "per",
         "unit", "does"}


def _lines(text):
    """The lines that say something."""
    return [line for line in text.splitlines()
            if line.strip() and not line.startswith("#")]


def workloads(text):
    """The Workloads of workloads.txt, in its order."""
    stanzas = []
    for line in _lines(text):
        if not line[0].isspace():
            stanzas.append((line.strip(), {}))
            continue
        key, colon, value = line.strip().partition(":")
        if colon and key in _KEYS:
            stanzas[-1][1][key] = value.strip()
        elif "does" not in stanzas[-1][1]:
            raise ValueError(f"workloads.txt: '{line}' is not understood")
    return [_workload(name, keys) for name, keys in stanzas]


def _workload(name, keys):
    for needed in ("tasks", "n", "per", "does"):
        if needed not in keys:
            raise ValueError(f"workloads.txt: {name} has no '{needed}'")
    n = int(keys["n"])
    quick = int(keys.get("quick", n))
    return Workload(name, keys["tasks"].split(), n, quick,
                    int(keys.get("count", quick)),
                    keys.get("counted") != "no", keys.get("once") == "yes",
                    int(keys["visits"]) if "visits" in keys else None,
                    keys["per"], keys.get("unit", "ns"))


def targets(text):
    """The Targets of targets.txt."""
    result = []
    for line in _lines(text):
        workload, peer, limit = line.split()
        result.append(Target(workload, peer, float(limit)))
    return result


def limit_for(wanted, workload, tasks, peer):
    """What a cell is held to, or None. `workload` is a Workload."""
    for target in wanted:
        if (target.workload, target.peer) == (workload.name, peer):
            joined_too = tasks == "joined" and len(workload.tasks) > 1
            return target.limit * (JOINED_ALLOWANCE if joined_too else 1)
    return None
