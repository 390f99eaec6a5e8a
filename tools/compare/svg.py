"""A bar chart of the medians, as SVG."""

from xml.sax.saxutils import escape

import summary
import table

_COLOURS = {
    "weft": "#d1495b",
    "tokio-mimalloc": "#30638e",
    "tokio": "#8fb3d1",
    "go": "#00a19a",
    "onetbb": "#edae49",
    "asio": "#6b6570",
    "floor": "#b8b8b8",
}
_LABEL_WIDTH = 225
_BAR_WIDTH = 480
_WIDTH = 800
_BAR = 13
_GAP = 12
_TOP = 82


def _text(x, y, content, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(content)}</text>')


def _bar(x, y, width, height, peer):
    return (f'<rect x="{x:.0f}" y="{y:.0f}" width="{max(width, 1):.1f}" '
            f'height="{height}" fill="{_COLOURS.get(peer, "#999999")}"/>')


def groups(results, cells, peer_names, workers):
    """For each cell with so many workers: its title, and (peer, median)s."""
    found = []
    for cell in cells:
        if cell.workers != workers:
            continue
        bars = [(peer, summary.median(results.answers(cell, peer)))
                for peer in peer_names]
        bars = [(peer, value) for peer, value in bars if value is not None]
        if bars:
            found.append((f"{cell.workload}, {cell.tasks}", bars))
    return found


def chart(title, note, bar_groups, peer_names):
    """The text of the file; `note` is its second line. Each group has a scale
    of its own: its longest bar is as wide as the chart."""
    body = [_text(12, 22, title, weight="bold"), _text(12, 39, note)]
    x = 12
    for peer in peer_names:
        body += [_bar(x, 54, 10, 10, peer), _text(x + 15, 63, peer)]
        x += 32 + 6.5 * len(peer)
    y = _TOP
    for name, bars in bar_groups:
        body.append(_text(_LABEL_WIDTH - 8, y + _BAR - 2, name, "end"))
        longest = max(value for _, value in bars) or 1
        for peer, value in bars:
            width = _BAR_WIDTH * value / longest
            body.append(_bar(_LABEL_WIDTH, y, width, _BAR - 2, peer))
            body.append(_text(_LABEL_WIDTH + width + 5, y + _BAR - 3,
                              table.number(value)))
            y += _BAR
        y += _GAP
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" '
        f'height="{y}" font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{y}" fill="#ffffff"/>',
        *body, "</svg>", ""])
