#!/usr/bin/python3
"""Waits end at what was waited for, and fail with what was seen."""

import subprocess
import unittest

from waiting import NeverCameError, wait_for, wait_for_program

LONG_S = 60


class WaitForTest(unittest.TestCase):
    def test_gives_the_first_answer_that_is_wanted(self):
        answers = iter([1, 2, 3, 4])
        self.assertEqual(wait_for("three", lambda: next(answers), LONG_S, lambda n: n == 3), 3)

    def test_looks_once_even_when_there_is_no_time(self):
        self.assertEqual(wait_for("answer", lambda: "yes", 0), "yes")

    def test_fails_with_what_was_wanted_and_what_was_seen_last(self):
        with self.assertRaises(NeverCameError) as caught:
            wait_for("free key", lambda: {"free": 0}, 0.1, lambda seen: seen["free"] > 0)
        self.assertEqual(str(caught.exception),
                         "no free key within 0.1 s; last seen: {'free': 0}")


class WaitForProgramTest(unittest.TestCase):
    def start(self, *command):
        process = subprocess.Popen(command)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_returns_once_the_program_serves(self):
        wait_for_program(self.start("sleep", "60"), lambda: True, LONG_S, str)

    def test_fails_with_the_log_of_a_program_that_ends(self):
        with self.assertRaisesRegex(NeverCameError, "ended with 3 .*\nbad flag"):
            wait_for_program(self.start("sh", "-c", "exit 3"), lambda: False, LONG_S,
                             lambda: "bad flag")

    def test_fails_with_the_log_of_a_program_that_never_serves(self):
        with self.assertRaisesRegex(NeverCameError, "within 0.1 s.*\nstarting"):
            wait_for_program(self.start("sleep", "60"), lambda: False, 0.1, lambda: "starting")


if __name__ == "__main__":
    unittest.main()
