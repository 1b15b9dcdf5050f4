#!/usr/bin/python3
"""What becomes of the Debian roots in the cache."""

import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import harness


class Pruning(unittest.TestCase):
    """Who makes a root removes older ones that nobody uses."""

    # A root that takes no minute to make.
    MAKE = """
      set -e; . "$1/host/common.sh"; . "$1/host/roots.sh"
      bootstrap() { mkdir "$2"; }
      make_root build
    """

    # The same while somebody stands on the first root.
    MAKE_BESIDE_A_USER = """
      mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work /mnt/root &&
      mount -t overlay overlay /mnt/root -o "lowerdir=$2,upperdir=/mnt/upper,workdir=/mnt/work"
    """ + MAKE

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ccplace-cache-"))
        self.cache = pathlib.Path(folder)
        self.first = self.make_old_root("0123456789ab")

    def make_old_root(self, name):
        """One with builds, which nobody asked for in the last two hours."""
        root = self.cache / f"build-root-{name}"
        (root / "etc").mkdir(parents=True)
        self.cache.joinpath(f"{root.name}-builds", "one").mkdir(parents=True)
        stamp = self.cache / f"{root.name}-used"
        stamp.touch()
        os.utime(stamp, (time.time() - 7200,) * 2)
        return root

    def make(self, script):
        subprocess.run(
            ["unshare", "--mount", "bash", "-c", script, "bash", harness.HERE, self.first],
            check=True, capture_output=True, env={**os.environ, "CCPLACE_CACHE_DIR": self.cache})

    def others(self):
        """What is there of the first root and of those of other kinds."""
        return sorted(path.name for path in self.cache.iterdir()
                      if self.first.name in path.name or "lab" in path.name)

    def test_takes_what_nobody_asked_for(self):
        self.make(self.MAKE)
        self.assertEqual([], self.others())
        self.assertEqual(2, len(list(self.cache.glob("build-root-*"))))

    def test_spares_what_somebody_asked_for_of_late(self):
        before = self.others()
        (self.cache / f"{self.first.name}-used").touch()
        self.make(self.MAKE)
        self.assertEqual(before, self.others())

    def test_spares_what_somebody_stands_on(self):
        before = self.others()
        self.make(self.MAKE_BESIDE_A_USER)
        self.assertEqual(before, self.others())

    def test_spares_roots_of_another_kind(self):
        lab = self.cache / "lab-root-0123456789ab"
        lab.mkdir()
        self.make(self.MAKE)
        self.assertEqual([lab.name], self.others())


if __name__ == "__main__":
    harness.main()
