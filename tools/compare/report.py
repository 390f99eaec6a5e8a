"""What a run is, for the table, the chart and the file of JSON."""

import collections

import summary

# line_latency: of each round, in nanoseconds. skipped: peers that could not be
# built, and why. about: what each peer is, with its version.
Report = collections.namedtuple(
    "Report", "cells peer_names comparisons results skipped rounds "
    "line_latency about")


def as_json(report):
    """Everything, as values that json can write."""
    measured = []
    for cell in report.cells:
        for peer in report.peer_names:
            answers = report.results.answers(cell, peer)
            if not answers:
                continue
            measured.append({
                **cell._asdict(), "peer": peer,
                "median": summary.median(answers),
                "p99": summary.median(answers, "p99"),
                "rounds": [answers[number] for number in sorted(answers)]})
    return {
        "peers": report.about,
        "skipped": report.skipped,
        "rounds": report.rounds,
        "line_latency_ns": report.line_latency,
        "measured": measured,
        "comparisons": [
            {**one._asdict(), "met": summary.is_met(one)}
            for one in report.comparisons],
        "missing": [
            {"workload": workload, "tasks": tasks, "peer": peer, "why": why}
            for (workload, tasks, peer), why in
            sorted(report.results.missing.items())],
    }
