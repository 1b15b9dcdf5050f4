"""Debian 12 roots for the deploy tests, made once and kept in the cache.

Like the Placement tests' roots: outside the checkout, named by a hash of what they hold, under
that name only when whole.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "placement"))
from server_roots import cache_dir, mirror_uri  # pylint: disable=wrong-import-position

SUITE = "bookworm"
# A mirror may be a frozen snapshot, whose release file is past its date.
OPTIONS = (
    "--variant=minbase",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


class RootError(Exception):
    """What could not be made, and why."""


def make(kind, packages):
    """The root with Debian's minimum and `packages`; made unless the cache has it."""
    recipe = "\n".join((SUITE, *sorted(packages), *OPTIONS))
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    path = os.path.join(cache_dir(), f"deploy-{kind}-{digest}")
    os.makedirs(cache_dir(), exist_ok=True)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(path):
            print(f"making {path}", flush=True)
            _make_whole(path, packages)
    return path


def dependencies(debs):
    """Names of the packages that must be there for `debs` to be configured, but for themselves."""
    own = {os.path.basename(deb).split("_")[0] for deb in debs}
    names = set()
    for deb in debs:
        for field in ("Depends", "Pre-Depends"):
            text = subprocess.run(["dpkg-deb", "-f", deb, field], capture_output=True, text=True,
                                  check=True).stdout
            names |= set(re.findall(r"(?:^|, )([a-z0-9.+-]+)", text))
    return names - own


def _make_whole(path, packages):
    """In namespaces of its own: no mount of a killed make outlives it."""
    part = path + ".part"
    shutil.rmtree(part, ignore_errors=True)
    include = ["--include=" + ",".join(sorted(packages))] if packages else []
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
               "--kill-child", "--mount-proc", "mmdebstrap", "--quiet", *OPTIONS, *include,
               SUITE, part, mirror_uri()]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        raise RootError(f"mmdebstrap of {SUITE} failed:\n{result.stdout[-4000:]}")
    os.rename(part, path)
