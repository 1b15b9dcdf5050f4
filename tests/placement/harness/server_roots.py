"""The Debian roots that hold OpenStack's real servers, nova's code and the client library.

One for each suite: most of a root is the Python libraries that all of these share.
"""

import os
import sys
import time

import server_databases

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from debian_root import SERVER_OPTIONS, DebianRoot, RootError  # pylint: disable=wrong-import-position

# Debian 12 has nova 26.2.2, sid nova 34: the releases before and after nova makes TDX providers.
SUITES = ("bookworm", "sid")
PACKAGES = ("python3-nova", "python3-placement", "python3-keystone", "python3-openstacksdk", "gunicorn",
            "uwsgi-core", "uwsgi-plugin-python3")
# Beside those, of the suite that databases are tested in.
DATABASE_PACKAGES = {"sid": server_databases.PACKAGES}


def _root(suite):
    packages = (*PACKAGES, *DATABASE_PACKAGES.get(suite, ()))
    return DebianRoot(f"openstack-{suite}", suite, packages, SERVER_OPTIONS)


def existing_root(suite):
    """The root of `suite`; RootError when it was not made yet."""
    path = _root(suite).path
    if not os.path.isdir(path):
        raise RootError(f"no {suite} root at {path}; run `tests/placement/servers make`")
    return path


def make(suite):
    """Makes the root of `suite` unless it is there. Returns (path, seconds it took)."""
    started = time.monotonic()
    return _root(suite).make(), time.monotonic() - started
