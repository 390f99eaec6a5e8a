"""What can be weakened in a C++ source: memory orders, fences, and the steps of
a protocol that its author has marked.

A source is not parsed but looked at: comments, texts and directives are
blanked, and braces say which function a place is in. That is enough for code
laid out as ours is, and what is not understood is an error and never passed by.
"""

import bisect
import collections
import dataclasses
import functools
import re

Edit = collections.namedtuple("Edit", "begin end text")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of one file. `key` names it whatever lines are added."""
    file: str
    key: str
    line: int
    edits: tuple

    def apply(self, source):
        """`source` with the change made."""
        for edit in sorted(self.edits, reverse=True):
            source = source[:edit.begin] + edit.text + source[edit.end:]
        return source


# --- Text. ---

_BLANKED = re.compile(
    r"""//[^\n]* | /\*.*?\*/
      | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'
      | ^[ \t]*\#(?:[^\\\n]|\\\n|\\.)*""", re.DOTALL | re.MULTILINE | re.VERBOSE)


@functools.lru_cache(maxsize=8)
def blank(source):
    """`source` with spaces for all that is not code, places unchanged."""
    return _BLANKED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source)


@functools.lru_cache(maxsize=8)
def without_comments(source):
    """`source` with spaces for its comments, places unchanged."""
    return _BLANKED.sub(
        lambda m: re.sub(r"[^\n]", " ", m.group())
        if m.group().startswith(("//", "/*")) else m.group(), source)


def line_of(source, place):
    """The number of the line of a place, from 1."""
    return source.count("\n", 0, place) + 1


# --- Which function is this? ---

_TYPE = re.compile(r"\b(?:class|struct|union|enum)\s+(?:\w+\s+)*?"
                   r"(?P<name>[\w:]+)\s*(?:final\b\s*)?(?::[^:]|$)")
_NO_FUNCTION = {"decltype", "explicit", "noexcept", "requires",
                "static_assert"}
_DECLARATOR = re.compile(
    r"(?P<name>(?:\w+\s*::\s*)*(?:operator\s*(?:\(\s*\)|[^\s\w(]+|\w+)|~?\w+))"
    r"\s*\(")


def _without_brackets(head):
    """A declaration without attributes and template arguments."""
    head = re.sub(r"\[\[.*?\]\]", " ", head, flags=re.DOTALL)
    head = re.sub(r"\balignas\s*\([^()]*\)", " ", head)
    head = head.replace("->", " ")
    while True:
        shorter = re.sub(r"<[^<>]*>", " ", head)
        if shorter == head:
            return head
        head = shorter


def _declared(head):
    """What the text before a brace declares: ("type", name), ("function",
    name), or (None, "")."""
    head = _without_brackets(head).strip()
    if head.startswith("namespace") or head.startswith("inline namespace"):
        return "namespace", ""
    place = 0
    while found := _DECLARATOR.search(head, place):
        name = re.sub(r"\s", "", found["name"])
        if "=" in re.sub(r"operator\S+", "", head[:found.start()]):
            return None, ""  # The value of a variable.
        if name not in _NO_FUNCTION:
            return "function", name
        place = _after_parentheses(head, found.end() - 1)
    if found := _TYPE.search(re.sub(r"\btemplate\b", " ", head)):
        return "type", found["name"]
    return None, ""


def _after_parentheses(text, place):
    """The place after the closing one of text[place]."""
    depth = 0
    while place < len(text):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        place += 1
        if depth == 0:
            break
    return place


def functions(code):
    """The functions of blanked code, as (begin, end, name) of each body."""
    found = []
    scopes = []  # Of (kind, name, begin of its head).
    inside = 0  # How many braces or parentheses deep in a function or value.
    head = 0
    for place, char in enumerate(code):
        if inside:
            inside += {"{": 1, "(": 1, "}": -1, ")": -1}.get(char, 0)
            if inside == 0 and char == "}":
                kind, name, begin = scopes.pop()
                # A member of the constructor's list, and not its body?
                if re.match(r"\s*[,{]", code[place + 1:place + 100]):
                    head = begin
                else:
                    if kind == "function":
                        names = [n for k, n, _ in scopes if k == "type"]
                        found.append((begin, place, "::".join(names + [name])))
                    head = place + 1
        elif char == "(":
            inside = 1  # Braces in parentheses open nothing.
        elif char == "{":
            kind, name = _declared(code[head:place])
            scopes.append((kind, name, head))
            if kind in ("type", "namespace"):
                head = place + 1
            else:
                inside = 1
        elif char == "}":
            if scopes:
                scopes.pop()
            head = place + 1
        elif char == ";" or (char == ":" and
                             re.search(r"\b(?:public|protected|private)\s*$",
                                       code[head:place])):
            head = place + 1
    return sorted(found)


class _Functions:
    """Looks up the function of a place."""

    def __init__(self, code):
        self._found = functions(code)
        self._begins = [begin for begin, _, _ in self._found]

    def at(self, place):
        """Its name, or "" outside of all."""
        i = bisect.bisect_right(self._begins, place) - 1
        if i >= 0 and place <= self._found[i][1]:
            return self._found[i][2]
        return ""


# --- Orders and fences. ---

_ORDER = re.compile(r"\bmemory_order(?:_|\s*::\s*)(?P<order>\w+)")
_FENCE = re.compile(r"\b(?:FullFence|atomic_thread_fence)\s*\(")
_NOTHING = "static_cast<void>(0)"

# What each order becomes, one step weaker, by the kind of the operation.
_WEAKER = {
    "load": {"seq_cst": ["acquire"], "acquire": ["relaxed"]},
    "store": {"seq_cst": ["release"], "release": ["relaxed"]},
    "rmw": {"seq_cst": ["acq_rel"], "acq_rel": ["acquire", "release"],
            "acquire": ["relaxed"], "release": ["relaxed"]},
}
_KINDS = {
    "load": "load", "wait": "load", "test": "load",
    "store": "store", "clear": "store",
    "exchange": "rmw", "test_and_set": "rmw",
    "compare_exchange_weak": "rmw", "compare_exchange_strong": "rmw",
    "fetch_add": "rmw", "fetch_sub": "rmw", "fetch_or": "rmw",
    "fetch_and": "rmw", "fetch_xor": "rmw",
    "atomic_thread_fence": "rmw",
}


def _call_around(code, place):
    """The name of the function called, in whose arguments a place is, and where
    the arguments begin."""
    depth = 0
    while place > 0:
        place -= 1
        if code[place] in ")]}":
            depth += 1
        elif code[place] in "([{":
            depth -= 1
            if depth < 0:
                name = re.search(r"(\w*)\s*$", code[max(0, place - 80):place])
                return name[1], place + 1
    return "", 0


def _weakened(code, functions_of):
    """All mutants of orders, as (place, function, what, edit)."""
    for found in _ORDER.finditer(code):
        order = found["order"]
        name, arguments = _call_around(code, found.start())
        kind = _KINDS.get(name)
        if kind is None:
            raise ValueError(f"{found.start()}: an order as an argument of "
                             f"{name or 'nothing'}")
        what = name
        if name.startswith("compare_exchange") and _ORDER.search(
                code, arguments, found.start()):
            kind, what = "load", name + " failure"
        for weaker in _WEAKER[kind].get(order, []):
            yield (found.start(), functions_of.at(found.start()),
                   f"{what} {order}->{weaker}",
                   Edit(found.start("order"), found.end("order"), weaker))


def _dropped(code, functions_of):
    """All mutants that drop a fence, as above."""
    for found in _FENCE.finditer(code):
        function = functions_of.at(found.start())
        if not function:
            continue  # A declaration.
        end = _after_parentheses(code, found.end() - 1)
        name = found.group().rstrip("( \n")
        begin = found.start()
        if qualified := re.search(r"\w+::$", code[begin - 40:begin]):
            begin -= len(qualified.group())
        lines = "\n" * code.count("\n", begin, end)
        yield (end, function, f"{name} dropped",
               Edit(begin, end, _NOTHING + lines))


def of_source(file, source):
    """All mutants of the orders and fences of a source, in its order. ValueError
    for an order that no operation has."""
    code = blank(source)
    functions_of = _Functions(code)
    try:
        changes = sorted([*_weakened(code, functions_of),
                          *_dropped(code, functions_of)],
                         key=lambda change: change[0])
    except ValueError as error:
        place, _, message = str(error).partition(": ")
        raise ValueError(
            f"{file}:{line_of(source, int(place))}: {message}") from None
    seen = collections.Counter()
    mutants = []
    for place, function, what, edit in changes:
        key = f"{file} {function or '-'} {what}"
        seen[key] += 1
        if seen[key] > 1:
            key += f" ({seen[key]})"
        mutants.append(Mutant(file, key, line_of(source, edit.begin), (edit,)))
    return mutants


# --- Steps of a protocol. ---


def _find_once(excerpt, code):
    """Where the excerpt is in code without comments; blanks may differ.
    ValueError if it is not there exactly once."""
    words = [re.escape(word) for word in excerpt.split()]
    places = [found.span() for found in re.finditer(r"\s+".join(words), code)]
    if len(places) != 1:
        raise ValueError(f"its excerpt is there {len(places)} times: "
                         f"{excerpt.strip()}")
    return places[0]


def of_step(step, source):
    """The mutant of an entry of steps.toml. ValueError if it does not fit."""
    code = without_comments(source)
    edits = []
    try:
        for number in ("", "2", "3"):
            if f"find{number}" not in step:
                if f"replace{number}" in step:
                    raise ValueError(f"replace{number} without "
                                     f"find{number}")
                continue
            begin, end = _find_once(step[f"find{number}"], code)
            edits.append(Edit(begin, end, step[f"replace{number}"].strip()))
    except ValueError as error:
        raise ValueError(f"{step['file']}: step {step['name']}: {error}"
                         ) from None
    return Mutant(step["file"], f"{step['file']} step {step['name']}",
                  line_of(source, edits[0].begin), tuple(edits))
