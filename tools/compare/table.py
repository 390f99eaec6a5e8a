"""The table on the terminal."""

import summary


def number(value):
    """Three digits that matter."""
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _count(amount, noun):
    """"1 round", "2 rounds"."""
    return f"{amount} {noun}{'' if amount == 1 else 's'}"


def align(rows, left):
    """Pads the cells of the rows: columns of `left` begin together, others
    end together."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) if i in left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return lines


def comparison_rows(comparisons):
    """A row for each comparison; what repeats is left out."""
    rows = [["workload", "tasks", "weft", "peer", "peer's", "weft/peer",
             "least", "greatest", "target", ""]]
    last = None
    for one in comparisons:
        met = summary.is_met(one)
        head = ["", "", ""]
        if (one.workload, one.tasks) != last:
            head = [one.workload, one.tasks, number(one.weft_value)]
        last = (one.workload, one.tasks)
        rows.append([
            *head, one.peer, number(one.peer_value) + ("*" if one.stand_in
                                                       else " "),
            f"{one.ratio:.2f}", f"{one.low:.2f}", f"{one.high:.2f}",
            "" if one.limit is None else f"{one.limit:.2f}",
            {None: "", True: "met", False: "NOT MET"}[met]])
    return rows


def p99_rows(results, cells, peer_names):
    """Medians of p50 and p99 of the wake-ups, or nothing."""
    rows = [["wake_idle, workers", "peer", "p50", "p99"]]
    for cell in cells:
        if cell.workload != "wake_idle":
            continue
        for peer in peer_names:
            answers = results.answers(cell, peer)
            if answers:
                rows.append([str(cell.workers), peer,
                             number(summary.median(answers)),
                             number(summary.median(answers, "p99"))])
    return rows if len(rows) > 1 else []


def missing_lines(missing):
    """What is empty and why: one line for each reason of each peer."""
    by_reason = {}
    for (workload, tasks, peer), why in missing.items():
        by_reason.setdefault((peer, why), []).append((workload, tasks))
    lines = []
    for (peer, why), places in sorted(by_reason.items()):
        names = sorted({f"{workload} ({tasks})" for workload, tasks in places})
        lines.append(f"  {peer}: {', '.join(names)}: {why}")
    return lines


def text(report):
    """All of it. `report` is what `run` collects."""
    lines = []
    for workers in sorted({cell.workers for cell in report.cells}):
        of_these = [one for one in report.comparisons
                    if one.workers == workers]
        if not of_these:
            continue
        lines += ["", f"{_count(workers, 'worker')}: nanoseconds per operation "
                  "(rss_parked: bytes per task; idle_cpu: microseconds per "
                  "second), medians of "
                  f"{_count(report.rounds, 'round')}"]
        lines += align(comparison_rows(of_these), {0, 1, 3, 9})
    if any(one.stand_in for one in report.comparisons):
        lines += ["* the peer's detached tasks: it has no joined ones"]
    if rows := p99_rows(report.results, report.cells, report.peer_names):
        lines += ["", *align(rows, {0, 1})]
    with_target = [one for one in report.comparisons if one.limit is not None]
    if with_target:
        met = sum(1 for one in with_target if summary.is_met(one))
        lines += ["", f"{met} of {len(with_target)} targets are met"]
    if report.results.missing:
        lines += ["", "empty cells:", *missing_lines(report.results.missing)]
    lines += ["", "peers:"]
    lines += [f"  {name}: {what}" for name, what in report.about.items()]
    if report.skipped:
        lines += ["", "peers left out:"]
        lines += [f"  {name}: {why}" for name, why in report.skipped.items()]
    return "\n".join(lines)
