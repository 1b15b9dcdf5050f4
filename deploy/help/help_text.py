"""Reads what programs of this project print for --help."""

import re
import subprocess

# Flags of the flag library itself; only the first is told about.
FLAG_LIBRARY = ("flagfile", "fromenv", "tryfromenv", "undefok")


class HelpError(Exception):
    """What could not be read from which program's help."""


class Flag:
    """One flag: its name, what it does, and its default as a flag file would say it."""

    def __init__(self, name, text, default):
        self.name = name
        self.text = text
        self.default = default


def run(program, *arguments):
    """What the program prints; its exit code says nothing here (absl's --help exits with 1)."""
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False,
                            timeout=30)
    return result.stdout


def flag_groups(program):
    """[(name of the group, [Flag])] of a program on absl's flags, its own flags first."""
    groups = []
    for title, body in re.findall(r"^  Flags from (\S+):\n(.*?)(?=^  Flags from |^\S|\Z)",
                                  run(program, "--help"), re.MULTILINE | re.DOTALL):
        flags = [flag for flag in _flags(body) if flag.name not in FLAG_LIBRARY]
        if flags:
            groups.append((title, flags))
    if not groups:
        raise HelpError(f"{program} --help names no flag")
    return groups


def _flags(body):
    for entry in re.split(r"\n(?=    --)", body.strip("\n")):
        joined = re.sub(r"\s*\n\s+", " ", entry.strip())
        match = re.match(r"--(\S+) \((.*)\);\s*default: (.*);$", joined)
        if match is None:
            raise HelpError(f"cannot read this flag: {joined}")
        default = match.group(3)
        if len(default) >= 2 and default[0] == default[-1] == '"':
            default = default[1:-1]
        yield Flag(match.group(1), match.group(2), default.strip())


def commands(program):
    """[(name, its first line)] of a program on CLI11, which writes headings in capitals from 2.5 on."""
    found = re.search(r"^subcommands:\n(.*?)\n\n", run(program, "--help"),
                      re.IGNORECASE | re.MULTILINE | re.DOTALL)
    if found is None:
        raise HelpError(f"{program} --help names no command")
    return re.findall(r"^  (\S+) +(.+)$", found.group(1), re.MULTILINE)
