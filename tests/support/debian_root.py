"""Debian roots for tests, made once and kept in a cache.

A root is a folder outside the checkout, named by its kind and by a hash of the recipe, so that a
changed recipe makes a new root. It appears under its name only when whole: a killed make leaves a
folder ending in `.part`, which the next make removes.
"""

import dataclasses
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

# For roots that hold Python servers and no shell of anybody's.
SERVER_OPTIONS = (
    "--variant=essential",
    # A mirror may be a frozen snapshot, whose release file is past its date.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)
TRIES = 3
PAUSE_S = 10


class RootError(Exception):
    """What could not be made or found, and the remedy."""


@dataclasses.dataclass(frozen=True)
class DebianRoot:
    """A recipe, and where what comes of it stands."""

    kind: str
    suite: str
    packages: tuple
    options: tuple

    @property
    def path(self):
        """Where it stands, or would stand."""
        recipe = "\n".join((self.suite, *self.packages, *self.options))
        digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]
        return os.path.join(cache_dir(), f"{self.kind}-{digest}")

    def make(self):
        """Makes it unless it is there; its path. RootError when it cannot be made."""
        os.makedirs(cache_dir(), exist_ok=True)
        with open(self.path + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(self.path):
                print(f"making {self.path}", file=sys.stderr, flush=True)
                self._make_whole()
        return self.path

    def _make_whole(self):
        """A mirror that fails for once is asked again."""
        part = self.path + ".part"
        for left in reversed(range(TRIES)):
            shutil.rmtree(part, ignore_errors=True)
            result = self._bootstrap(part)
            if result.returncode == 0:
                os.sync()
                return os.rename(part, self.path)
            said = f"mmdebstrap of {self.suite} failed:\n{result.stdout[-4000:]}"
            if left > 0:
                print(f"{said}\ntrying again in {PAUSE_S} s", file=sys.stderr, flush=True)
                time.sleep(PAUSE_S)
        raise RootError(said)

    def _bootstrap(self, target):
        """In namespaces of its own: no mount of a killed make outlives it. dpkg need not wait for the
        disk after each file: what is not whole is made anew."""
        include = ["--include=" + ",".join(self.packages)] if self.packages else []
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
                   "--kill-child", "--mount-proc", "mmdebstrap", "--quiet",
                   "--dpkgopt=force-unsafe-io", *self.options, *include, self.suite, target, _mirror_uri()]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)


def cache_dir():
    """Where roots and compilers' caches are kept, outside of the checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("CCPLACE_CACHE_DIR") or os.path.join(base, "ccplace")


def _mirror_uri():
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
