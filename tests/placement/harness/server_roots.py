"""The Debian roots that hold real Placement and Keystone servers."""

import os
import sys
import time

import server_databases

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from debian_root import SERVER_OPTIONS, DebianRoot, RootError  # pylint: disable=wrong-import-position

SUITES = ("bookworm", "forky")
PACKAGES = ("python3-placement", "python3-keystone", "gunicorn", "uwsgi-core",
            "uwsgi-plugin-python3")


def _root(suite):
    return DebianRoot(f"openstack-{suite}", suite, PACKAGES, SERVER_OPTIONS)


def _database_root(suite):
    packages = ("python3-placement", "gunicorn", *server_databases.PACKAGES)
    return DebianRoot(f"openstack-databases-{suite}", suite, packages, SERVER_OPTIONS)


def make_databases(suite):
    """The path of a root with Placement, MariaDB and PostgreSQL; made unless it is there."""
    return _database_root(suite).make()


def make_sdk(suite):
    """The path of a root with OpenStack's own client library; made unless it is there."""
    return DebianRoot(f"openstacksdk-{suite}", suite, ("python3-openstacksdk",), SERVER_OPTIONS).make()


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
