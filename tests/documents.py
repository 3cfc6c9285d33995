"""Read the documents for tests: command blocks, their expected output, and names in the text.

A command to run stands in a fenced block, whose info string names the place that it needs:

    ```sh            a lab: a private slapd with contoso, synced once; CONNECTOR_CONFIG names its settings
    ```sh checkout   a checkout with the environment
    ```sh docker     a checkout on a machine with a Docker engine
    ```sh systemd    a Debian machine with systemd, as root
    ```sh samba      a Samba domain controller, as root
    ```sh 389        a 389 Directory Server, as root

A block whose info string ends with "paste" has nothing but commands, a line each, so that a reader can copy the
whole; a here-document goes on to its end. In other blocks a line that starts with "$ " is a command; lines after it that start with "> " continue it. The lines up to
the next command are its output; without such lines the output is not compared. Nor are the order of lines,
the width of columns, and the values of KINDS. "..." stands for any further lines, or for the rest of its
line. A comment may say how a command ends: "# exits with 3".
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
PLACES = {
    "sh": "lab",
    "sh checkout": "checkout",
    "sh docker": "docker",
    "sh systemd": "systemd",
    "sh samba": "samba",
    "sh 389": "389",
}
PASTE = " paste"
# Blocks without commands: text is for the eye, the others are parsed.
FORMS = frozenset({"text", "toml", "json", "ini", "ldif"})

KINDS = {
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\b\d{8}T?\d{6}(?:\.\d{6})?Z",
    "guid": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "hash": r"\b[0-9a-f]{12,64}\b",
    "anchor": r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22}==",
    "digits": r"(?<=[^\W\d_])\d{4}(?=@[\w.-]+\.onmicrosoft\.com)",
    "seconds": r"(?<![\d.])\d+\.\d{1,6}(?![\d.])",
    "port": r"(?<=127\.0\.0\.1:)\d{4,5}\b",
    "process": r"(?i:(?<=process ))\s*\d+",
}
"""What differs from run to run, by name."""

ANY = "..."
_KIND = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in KINDS.items()))
_FENCE = re.compile(r"^( *)(```+)(.*)$")
_HERE = re.compile(r"<<'?(\w+)'?")
_ENDS_WITH = re.compile(r"#.*\bexits with (\d+)")
_LOOKS_LIKE_A_COMMAND = re.compile(
    r"(?: {4,}|\t)(?:\$ |sudo |\./|(?:apt-get|apt|connector|curl|docker|docker-compose|git|journalctl"
    r"|ldap\w+|pip|python3?|systemctl)\s+[\w./-])"
)


class Command(NamedTuple):
    """A command at a line of a document, and its output; empty if the document shows none."""

    line: int
    text: str
    shown: tuple[str, ...]

    @property
    def exit_code(self) -> int | None:
        """The expected exit code, from its comment; 0 without one."""
        said = _ENDS_WITH.search(self.text)
        return int(said[1]) if said else None


class Block(NamedTuple):
    """A fenced block; ``line`` is the number of its first line of text."""

    document: str
    line: int
    info: str
    lines: tuple[str, ...]

    @property
    def place(self) -> str | None:
        """The place of its commands, such as lab or checkout; None for a block without commands."""
        return PLACES.get(self.info.removesuffix(PASTE))

    @property
    def is_to_paste(self) -> bool:
        return self.info.endswith(PASTE)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def commands(self) -> list[Command]:
        """The commands in their order. Raises ValueError for text before the first one."""
        if self.is_to_paste:
            return list(_pasted(self.line, self.lines))
        found: list[Command] = []
        for number, line in enumerate(self.lines, self.line):
            if line.startswith("$ "):
                found.append(Command(number, line[2:], ()))
            elif not found:
                raise ValueError(f"{self.document}:{number}: no command stands before this: {line}")
            elif line.startswith("> ") and not found[-1].shown:
                found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line[2:]}")
            else:
                found[-1] = found[-1]._replace(shown=(*found[-1].shown, line))
        return found


def _pasted(first: int, lines: Sequence[str]) -> Iterator[Command]:
    """Yield a command a line; one that begins a here-document has the lines to its end."""
    left = iter(enumerate(lines, first))
    for number, line in left:
        text = line
        if here := _HERE.search(line):
            for _, more in left:
                text += f"\n{more}"
                if more == here[1]:
                    break
        if line.strip():
            yield Command(number, text, ())


def names() -> list[str]:
    """The documents for people who want to run something, as paths below the checkout."""
    guides = sorted((ROOT / "docs").glob("*.md"))
    return [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *(f"docs/{path.name}" for path in guides),
    ]


def blocks(document: str, place: str | None = None) -> list[Block]:
    """The blocks of a document, all or those for one place."""
    found = fenced(document, (ROOT / document).read_text(encoding="utf-8"))
    return [block for block in found if place in {None, block.place}]


def commands(document: str, place: str) -> list[Command]:
    """The commands of a document for one place, in their order."""
    return [command for block in blocks(document, place) for command in block.commands]


def fenced(document: str, text: str) -> Iterator[Block]:
    """Cut the fenced blocks out of a text."""
    opened: tuple[str, str, int] | None = None
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            indent, marks, info = fence.groups()
            opened, lines = (indent, marks, number + 1), []
            title = info.strip()
        elif opened is not None and fence and fence[2] == opened[1] and not fence[3].strip():
            yield Block(document, opened[2], title, tuple(lines))
            opened = None
        elif opened is not None:
            lines.append(line.removeprefix(opened[0]))
    if opened is not None:
        raise ValueError(f"{document}:{opened[2] - 1}: this block does not end")


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text outside of blocks, with their numbers."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def spans(text: str) -> list[str]:
    """The texts `like this` outside of blocks."""
    return [span for _, line in prose(text) for span in re.findall(r"`([^`]+)`", line)]


def complaints(document: str, text: str) -> list[str]:
    """The faults that keep the commands of a document from being read, a line each."""
    found = []
    for block in fenced(document, text):
        if block.place is None and block.info not in FORMS:
            found.append(f"{document}:{block.line - 1}: unknown info string {block.info!r}")
        elif block.place and not block.lines:
            found.append(f"{document}:{block.line - 1}: an empty block")
        elif block.is_to_paste:
            found += [
                f"{document}:{number}: a line to paste begins with '$ '"
                for number, line in enumerate(block.lines, block.line)
                if line.startswith("$ ")
            ]
        elif block.place and not block.lines[0].startswith("$ "):
            found.append(f"{document}:{block.line}: a command starts with '$ '")
    found += [
        f"{document}:{number}: a command outside of a block: {line.strip()}"
        for number, line in prose(text)
        if _LOOKS_LIKE_A_COMMAND.match(line)
    ]
    return found


def table(document: str, heading: str) -> list[list[str]]:
    """The first table below a heading of a document: its rows as cells, without the head."""
    text = (ROOT / document).read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n", 1)[1]
    found = re.search(r"(?:^\|.*\n)+", part, re.MULTILINE)
    lines = found[0].splitlines()[2:] if found else []
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def events() -> dict[str, set[str]]:
    """The log events that the guide for operators lists, each with its keys."""
    return {
        event: set(re.findall(r"`(\w+)`", keys))
        for names, _, keys, _ in table("docs/operations.md", "Log events")
        for event in re.findall(r"`([\w.]+)`", names)
    }


# --- what commands print -------------------------------------------------------------------------


def plain(line: str) -> str:
    """A line without the parts that may differ from run to run."""
    replaced = _KIND.sub(lambda match: f"<{match.lastgroup}>", line)
    return re.sub(r"\s+", " ", replaced).strip()


def compare(shown: Sequence[str], printed: str) -> tuple[list[str], dict[str, str]]:
    """Compare the output that a document shows with the printed one.

    Returns the lines that differ (- for those only shown, + for those only printed), and the values of
    KINDS that the document shows with those that were printed, which later commands need.
    """
    wanted = [line for line in shown if plain(line) != ANY]
    left = [line for line in printed.splitlines() if line.strip()]
    differing: list[str] = []
    bound: dict[str, str] = {}
    for line in filter(str.strip, wanted):
        found = next((actual for actual in left if _agree(line, actual)), None)
        if found is None:
            differing.append(f"- {line}")
            continue
        left.remove(found)
        pairs = zip(_values(line), _values(found), strict=False)
        bound.update((one, other) for one, other in pairs if one != other)
    if len(wanted) == len(shown):
        differing += [f"+ {line}" for line in left]
    return differing, bound


def _agree(shown: str, printed: str) -> bool:
    start, any_rest, end = shown.rstrip().rpartition(ANY)
    if any_rest and not end:
        return plain(printed).startswith(plain(start))
    return plain(shown) == plain(printed)


def _values(line: str) -> list[str]:
    return [match[0].strip() for match in _KIND.finditer(line)]


def substituted(text: str, values: Mapping[str, str]) -> str:
    """A text with each of the values replaced, the longest first."""
    if not values:
        return text
    longest = sorted(values, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest)), lambda match: values[match[0]], text)
