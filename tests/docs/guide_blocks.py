"""The fenced blocks of a guide, and the commands in them.

    ```console
    $ command                  # run; its exit code must be 0
    $ other command  # exit code 1
    > its second line
    $ daemon &                 # serves until the block ends
    output that must come      # checked where it is shown; a "…" stands for anything
    …                          # alone on its line: for any number of lines
    ```

    ```console no-test="needs a cloud"     not run: only its syntax is checked
    ```console needs="buf"                 fails where buf is not installed (OPTIONAL: not run)
    ```flags                               a flag file of ccplaced: must be accepted
    ```json                                must parse
    ```text, ini, xml, proto, or nothing   shown, not run; may hold no command
"""

import dataclasses
import re
import shlex

# Why a command cannot be run on a test host. Nothing else may stand in no-test.
REASONS = (
    "needs real hardware",
    "needs a guest",
    "needs a cloud",
    "needs another machine",
    "needs a git checkout",
    "needs the installed package",
    "changes the machine",
    "runs for long",
)
# Programs that a test host may lack.
OPTIONAL = ("grpcurl",)
INERT = ("text", "ini", "xml", "proto", "")
LANGUAGES = ("console", "flags", "json", *INERT)
EXIT_CODE = re.compile(r"\s+# exit code (\d+)$")


class GuideError(Exception):
    """Where in which guide, and what is wrong with it."""


@dataclasses.dataclass
class Block:
    """One fenced block."""

    where: str
    language: str
    attributes: dict
    lines: list


@dataclasses.dataclass
class Command:
    """One command and what the guide says of it."""

    where: str
    text: str
    exit_code: int
    output: list


def blocks_of(path, name):
    """Every fenced block of the guide at `path`, called `name` in messages."""
    found, opened = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.lstrip().startswith("```") and not line.startswith("```"):
            raise GuideError(f"{name}:{number}: begin the fence at the line's start")
        if opened is None and line.startswith("```"):
            opened = _open(f"{name}:{number}", line[3:].strip())
        elif opened is not None and line == "```":
            found.append(opened)
            opened = None
        elif opened is not None:
            opened.lines.append(line)
    if opened is not None:
        raise GuideError(f"{opened.where}: the block is never closed")
    return found


def _open(where, info):
    words = shlex.split(info)
    language = words[0] if words else ""
    if language not in LANGUAGES:
        raise GuideError(f"{where}: language '{language}' is none of {', '.join(LANGUAGES)}")
    attributes = dict(word.split("=", 1) for word in words[1:])
    if set(attributes) - {"no-test", "needs"} or (attributes and language != "console"):
        raise GuideError(f"{where}: cannot take '{info}'")
    reason = attributes.get("no-test")
    if reason is not None and reason not in REASONS:
        raise GuideError(f"{where}: no-test='{reason}' is none of: {'; '.join(REASONS)}")
    return Block(where, language, attributes, [])


def commands_of(block):
    """The commands of a console block, in their order."""
    found = []
    for line in block.lines:
        if line.startswith("$ "):
            found.append(Command(block.where, line[2:], 0, []))
        elif not found:
            raise GuideError(f"{block.where}: begins with no '$ ' command")
        elif line.startswith("> ") and not found[-1].output:
            found[-1].text += "\n" + line[2:]
        else:
            found[-1].output.append(line)
    for command in found:
        stated = EXIT_CODE.search(command.text)
        if stated:
            command.exit_code = int(stated.group(1))
            command.text = command.text[:stated.start()]
        while command.output and not command.output[-1].strip():
            command.output.pop()
    return found


def output_fits(shown, printed):
    """Whether `printed` is what the lines `shown` promise, spaces at line ends aside."""
    pattern = ""
    for line in shown:
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("…"))
            pattern += r"[ \t]*\n"
    return re.fullmatch(pattern, printed.rstrip() + "\n") is not None
