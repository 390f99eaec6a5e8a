"""Tables of Markdown, and where they stand in a page."""


def table(titles, rows):
    """The first column is text, the others are numbers."""
    lines = ["| " + " | ".join(titles) + " |",
             "|---" + "|---:" * (len(titles) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def replace(page, name, content):
    """`page` with `content` between the comments that name the figure."""
    begin = f"<!-- figure: {name} -->\n"
    end = "<!-- end of figure -->"
    before, found, rest = page.partition(begin)
    old, closed, after = rest.partition(end)
    if not found or not closed or "<!-- figure:" in old:
        raise ValueError(f"the page has no place for the figure '{name}'")
    return f"{before}{begin}{content}{end}{after}"


def number(value):
    """Three digits that matter, as a rule."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(middle, low, high):
    """A number and between what it lies."""
    return f"{number(middle)} ({number(low)} to {number(high)})"
