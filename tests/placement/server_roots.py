"""Debian roots that hold real Placement and Keystone servers, made once and kept in a cache.

A root is a folder outside the checkout, named by suite and by a hash of the recipe below, so that
a changed recipe makes a new root. It appears under its name only when whole: a killed make leaves
a folder ending in `.part`, which the next make removes.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time

SUITES = ("bookworm", "forky")
PACKAGES = ("python3-placement", "python3-keystone", "gunicorn", "uwsgi-core",
            "uwsgi-plugin-python3")
# A mirror may be a frozen snapshot, whose release file is past its date.
OPTIONS = (
    "--variant=essential",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


class RootError(Exception):
    """What could not be made or found, and the remedy."""


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("CCPLACE_CACHE_DIR") or os.path.join(base, "ccplace")


def root_path(suite):
    """Where the root of `suite` stands, or would stand."""
    recipe = "\n".join((suite, *PACKAGES, *OPTIONS))
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    return os.path.join(cache_dir(), f"openstack-{suite}-{digest}")


def existing_root(suite):
    """The root of `suite`; RootError when it was not made yet."""
    path = root_path(suite)
    if not os.path.isdir(path):
        raise RootError(f"no {suite} root at {path}; run `tests/placement/servers make`")
    return path


def make(suite):
    """Makes the root of `suite` unless it is there. Returns (path, seconds it took)."""
    path = root_path(suite)
    started = time.monotonic()
    os.makedirs(cache_dir(), exist_ok=True)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(path):
            _make_whole(suite, path)
    return path, time.monotonic() - started


def _make_whole(suite, path):
    part = path + ".part"
    shutil.rmtree(part, ignore_errors=True)
    _bootstrap(suite, part)
    os.rename(part, path)


def _bootstrap(suite, target):
    """In namespaces of its own: no mount of a killed make outlives it."""
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
               "--kill-child", "--mount-proc", "mmdebstrap", "--quiet", *OPTIONS,
               "--include=" + ",".join(PACKAGES), suite, target, mirror_uri()]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        raise RootError(f"mmdebstrap of {suite} failed:\n{result.stdout[-4000:]}")


def mirror_uri():
    """The Debian mirror this machine's own apt is set up with."""
    codename = _own_codename()
    command = ["apt-get", "--print-uris", "update"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(rf"^'(\S+)/dists/{re.escape(codename)}/main/binary-", listing, re.MULTILINE)
    if match is None:
        raise RootError(f"apt's sources name no mirror of {codename}; add one to them")
    return match.group(1)


def _own_codename():
    with open("/etc/os-release", encoding="utf-8") as release:
        match = re.search(r"^VERSION_CODENAME=\"?(\w+)", release.read(), re.MULTILINE)
    if match is None:
        raise RootError("/etc/os-release has no VERSION_CODENAME; use a released Debian")
    return match.group(1)
