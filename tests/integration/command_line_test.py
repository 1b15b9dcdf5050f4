#!/usr/bin/python3
"""How the programs end when they are asked for help, and when they are used wrongly: scripts, systemd
and their own --help rely on it.

usage: command_line_test.py CCPLACED CCPLACE_SYNC CCPLACECTL
"""

import os
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = {os.path.basename(path): path for path in sys.argv[1:4]}
# Those whose flags can stand in a file, and a flag of each that takes a time.
TIMES = {"ccplaced": "refresh_interval", "ccplace-sync": "interval"}
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

    def test_a_time_without_a_unit_is_answered_with_how_it_is_written(self):
        for name, flag in TIMES.items():
            for flags in ([f"--{flag}=5"], [self.file_of(f"--{flag}=5\n")]):
                code, err = self.run_one(name, *flags)
                self.assertEqual(code, 2)
                self.assertIn(f"'5' specified for flag '{flag}'", err)
                self.assertIn("give a number and its unit, as 300ms, 30s", err)

    def test_a_file_of_flags_with_windows_line_ends_is_named_with_the_remedy(self):
        for name, flag in TIMES.items():
            good = self.file_of(f"# A comment\n--{flag}=5s\n--no_such_flag\n")
            self.assertIn("no_such_flag", self.run_one(name, good)[1])
            bad = self.file_of(f"--log_level=info\r\n--{flag}=5s\r\n")
            path = bad.partition("=")[2]
            for flags in ([bad], ["--flagfile", path], [f"-flagfile=/nowhere,{path}"]):
                code, err = self.run_one(name, *flags)
                self.assertEqual(code, 2)
                self.assertIn(f"--flagfile: '{path}' has lines that end in CR LF", err)
                self.assertIn("sed -i", err)

    def test_a_folder_is_no_file_of_flags(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in TIMES:
                for flags in ([f"--flagfile={folder}"], ["-flagfile", f"/nowhere,{folder}"]):
                    code, err = self.run_one(name, *flags)
                    self.assertEqual(code, 2)
                    self.assertIn(f"--flagfile: '{folder}' is a folder", err)

    def test_certificates_that_are_not_checked_are_warned_of(self):
        cloud = {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": "https://127.0.0.1:1"}
        for insecure in ("", "true"):
            code, err = self.run_one("ccplace-sync", "--once", "--ccplaced=unix:/nowhere",
                                     **cloud, OS_INSECURE=insecure)
            self.assertEqual(code, 1)
            self.assertEqual("[warning] OS_INSECURE" in err, bool(insecure), err)

    def test_a_root_that_no_provider_can_be_is_refused_before_it_is_looked_for(self):
        for uuid in ("compute-1", "0d3f2c1b7a644e589c1d5b2a8e6f4c37"):
            code, err = self.run_one("ccplace-sync", f"--root_uuid={uuid}", OS_AUTH_TYPE="none",
                                     OS_ENDPOINT="http://127.0.0.1:1")
            self.assertEqual(code, 2)
            self.assertIn(f"--root_uuid '{uuid}': must be a UUID as ", err)
            self.assertIn("openstack resource provider list", err)

    def file_of(self, text):
        """The flag that names a new file of that text."""
        with tempfile.NamedTemporaryFile("w", newline="", suffix=".flags", delete=False) as file:
            file.write(text)
        self.addCleanup(os.unlink, file.name)
        return f"--flagfile={file.name}"

    def run_one(self, name, *flags, **environment):
        """(exit code, standard error) of a program."""
        done = subprocess.run([PROGRAMS[name], *flags], capture_output=True, text=True, timeout=60,
                              check=False, env={"PATH": os.environ["PATH"], **environment})
        return done.returncode, done.stderr


if __name__ == "__main__":
    assert len(PROGRAMS) == len(BAD_VALUES), __doc__
    unittest.main(argv=sys.argv[:1])
