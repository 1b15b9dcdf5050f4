"""The Debian roots of the deploy tests."""

import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from debian_root import DebianRoot, cache_dir  # pylint: disable=wrong-import-position

# The Debian that packages are installed in.
SUITE = os.environ.get("CCPLACE_DEPLOY_SUITE", "bookworm")
# A mirror may be a frozen snapshot, whose release file is past its date.
OPTIONS = (
    "--variant=minbase",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)
# What tests of packages use in there, on top of what the packages ask for.
HOST_TOOLS = {"adduser", "cmake", "g++", "make", "pkg-config", "systemd", "systemd-sysv", "util-linux"}


def make(kind, packages, suite=SUITE):
    """The root with Debian's minimum and `packages`; made unless the cache has it."""
    return DebianRoot(f"deploy-{kind}", suite, tuple(sorted(packages)), OPTIONS).make()


def make_tools():
    """The root of Debian testing with what Debian 12 has no new enough version of."""
    return make("tools", {"crun", "kubernetes-client", "podman", "systemd"}, "forky")


def make_host(folder):
    """The root that packages of `folder` are installed in: with what all of them depend on, and what
    their tests use."""
    return make("host", _dependencies(glob.glob(os.path.join(folder, "*.deb"))) | HOST_TOOLS)


def _dependencies(debs):
    """Names of the packages that must be there for `debs` to be configured, but for themselves."""
    own = {os.path.basename(deb).split("_")[0] for deb in debs}
    names = set()
    for deb in debs:
        for field in ("Depends", "Pre-Depends"):
            text = subprocess.run(["dpkg-deb", "-f", deb, field], capture_output=True, text=True,
                                  check=True).stdout
            names |= set(re.findall(r"(?:^|, )([a-z0-9.+-]+)", text))
    return names - own
