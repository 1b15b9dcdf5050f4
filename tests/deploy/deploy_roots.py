"""The Debian roots of the deploy tests."""

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


def make(kind, packages, suite=SUITE):
    """The root with Debian's minimum and `packages`; made unless the cache has it."""
    return DebianRoot(f"deploy-{kind}", suite, tuple(sorted(packages)), OPTIONS).make()


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
