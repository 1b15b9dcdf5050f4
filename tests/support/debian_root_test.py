#!/usr/bin/python3
"""Making Debian roots, from a mirror that can fail."""

import contextlib
import io
import os
import pathlib
import stat
import tempfile
import unittest
from unittest import mock

import debian_root

# Fails as often as $FAILURES has lines, one of which it takes away; leaves a half-made root.
BOOTSTRAP = """#!/bin/sh
for word; do target=$before before=$word; done
mkdir "$target" || exit 2
if [ -s "$FAILURES" ]; then
  sed -i 1d "$FAILURES"
  echo "E: Failed to fetch"
  exit 1
fi
touch "$target/whole"
"""


class MakingRoots(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="ccplace-roots-")))
        program = self.folder / "mmdebstrap"
        program.write_text(BOOTSTRAP)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.enterContext(mock.patch.object(debian_root, "PAUSE_S", 0))
        self.enterContext(mock.patch.dict(os.environ, {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "FAILURES": str(self.folder / "failures"),
            "CCPLACE_CACHE_DIR": str(self.folder / "cache")}))
        self.root = debian_root.DebianRoot("kind", "bookworm", ("one", "two"), ("--quiet",))

    def make_after(self, failures):
        (self.folder / "failures").write_text("no\n" * failures)
        with contextlib.redirect_stderr(io.StringIO()) as told:
            return self.root.make(), told.getvalue()

    def test_asks_a_mirror_again_that_fails_for_once(self):
        path, told = self.make_after(2)
        self.assertTrue(os.path.exists(f"{path}/whole"))
        self.assertIn("E: Failed to fetch", told)

    def test_says_why_where_the_mirror_fails_each_time_and_leaves_no_root(self):
        with self.assertRaisesRegex(debian_root.RootError, "bookworm failed:\nE: Failed to fetch"):
            self.make_after(3)
        self.assertFalse(os.path.exists(self.root.path))

    def test_makes_a_root_once(self):
        self.make_after(0)
        with mock.patch.dict(os.environ, {"PATH": ""}):
            self.assertEqual(self.make_after(0), (self.root.path, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
