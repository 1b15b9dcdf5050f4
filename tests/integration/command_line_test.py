#!/usr/bin/python3
"""How the programs end when they are asked for help, and when they are used wrongly: scripts, systemd
and their own --help rely on it.

usage: command_line_test.py CCPLACED CCPLACE_SYNC CCPLACECTL
"""

import os
import subprocess
import sys
import unittest

PROGRAMS = {os.path.basename(path): path for path in sys.argv[1:4]}
# A flag of each with a value that is none of its kind.
BAD_VALUES = {"ccplaced": "--refresh_interval=soon", "ccplace-sync": "--interval=soon",
              "ccplacectl": "--timeout=soon"}


class CommandLineTest(unittest.TestCase):
    def run_each(self, *arguments):
        """(name, exit code, standard output, standard error) of each program."""
        for name, path in PROGRAMS.items():
            given = [BAD_VALUES[name] if argument is BAD_VALUES else argument
                     for argument in arguments]
            done = subprocess.run([path, *given], capture_output=True, text=True, timeout=60,
                                  check=False, env={"PATH": os.environ["PATH"]})
            with self.subTest(program=name, arguments=given):
                yield name, done.returncode, done.stdout, done.stderr

    def test_help_and_version_end_with_0_and_go_to_standard_output(self):
        for arguments in (["--help"], ["--version"]):
            for name, code, out, err in self.run_each(*arguments):
                self.assertEqual((code, err), (0, ""))
                self.assertIn(name, out)

    def test_a_wrong_use_ends_with_2_and_points_at_the_help(self):
        for arguments in (["--no_such_flag"], [BAD_VALUES], ["stray"]):
            for _, code, out, err in self.run_each(*arguments):
                self.assertEqual((code, out), (2, ""))
                self.assertIn("--help", err)


if __name__ == "__main__":
    assert len(PROGRAMS) == len(BAD_VALUES), __doc__
    unittest.main(argv=sys.argv[:1])
