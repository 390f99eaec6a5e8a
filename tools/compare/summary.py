"""Medians, ratios and targets, of what was measured."""

import collections
import statistics

import spec

# Weft against a peer in one cell. `peer_value` and `weft_value` are medians
# over the rounds, `ratio` is the median of the rounds' ratios, `low` and `high`
# the least and the greatest. (Of Weft against ITSELF: its own results in the
# place of ratios, and no `peer_value`.) `stand_in`: the peer's detached tasks
# were taken in the place of joined ones. `limit` is None without a target.
Comparison = collections.namedtuple(
    "Comparison", "workload tasks workers peer peer_value weft_value ratio low "
    "high stand_in limit")

WEFT = "weft"
# Weft itself on one worker, as a peer.
WEFT_ALONE = "weft-1"
# They are in the table only where a target asks for them.
_NO_PEERS = (WEFT_ALONE, spec.ITSELF)


def median(answers, key="median"):
    """The median over the rounds, or None."""
    values = [answer[key] for answer in answers.values()]
    return statistics.median(values) if values else None


def ratios(ours, theirs, key="median"):
    """Ours by theirs, for each round that both have."""
    return [ours[number][key] / theirs[number][key]
            for number in sorted(set(ours) & set(theirs))
            if theirs[number][key] > 0]


def peer_answers(results, cell, peer):
    """The peer's answers for a cell, and whether they are a stand-in."""
    if peer == WEFT_ALONE:
        return results.answers(cell._replace(workers=1), WEFT), False
    answers = results.answers(cell, peer)
    if answers or cell.tasks == "detached":
        return answers, False
    return results.answers(cell._replace(tasks="detached"), peer), True


def compare(results, cell, workload, peer, wanted, workers_of_targets=2):
    """The Comparison for one cell and peer, or None."""
    ours = results.answers(cell, WEFT)
    if peer == spec.ITSELF:
        theirs, stand_in = {}, False
        each = [answer["median"] for answer in ours.values()]
    else:
        theirs, stand_in = peer_answers(results, cell, peer)
        each = ratios(ours, theirs)
    if not each:
        return None
    limit = None
    if cell.workers == workers_of_targets:
        # Weft's joined tasks are held against the same joined tasks.
        tasks = "detached" if peer in _NO_PEERS else cell.tasks
        limit = spec.limit_for(wanted, workload, tasks, peer)
    return Comparison(cell.workload, cell.tasks, cell.workers, peer,
                      median(theirs), median(ours), statistics.median(each),
                      min(each), max(each), stand_in, limit)


def compare_all(results, cells, workloads, peer_names, wanted):
    """All Comparisons, in the order of the table. Weft on one worker and
    Weft by itself are there only where a target asks for them."""
    by_name = {workload.name: workload for workload in workloads}
    found = []
    for cell in cells:
        for peer in [*peer_names, *_NO_PEERS]:
            if peer == WEFT:
                continue
            one = compare(results, cell, by_name[cell.workload], peer, wanted)
            if one is None or (peer in _NO_PEERS and one.limit is None):
                continue
            found.append(one)
    return found


def is_met(comparison):
    """Whether the target is reached; None if there is none."""
    if comparison.limit is None:
        return None
    return comparison.ratio <= comparison.limit
