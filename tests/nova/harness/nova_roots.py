#!/usr/bin/python3
"""The Debian roots that hold real nova code, and the Placement and nova-api that run beside it."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from debian_root import SERVER_OPTIONS, DebianRoot, RootError  # pylint: disable=wrong-import-position

# Debian 12 has nova 26.2.2, sid nova 34: the releases before and after nova makes TDX providers.
SUITES = ("bookworm", "sid")
PACKAGES = ("python3-nova", "python3-placement", "gunicorn")


def _root(suite):
    return DebianRoot(f"nova-{suite}", suite, PACKAGES, SERVER_OPTIONS)


def existing_root(suite):
    """The root of `suite`; RootError when it was not made yet."""
    path = _root(suite).path
    if not os.path.isdir(path):
        raise RootError(f"no {suite} root at {path}; run `tests/nova/harness/nova_roots.py`")
    return path


def make(suite):
    """Makes the root of `suite` unless it is there; its path."""
    return _root(suite).make()


if __name__ == "__main__":
    for name in SUITES:
        print(make(name))
