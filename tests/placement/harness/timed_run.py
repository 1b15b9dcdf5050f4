"""Runs unittest's tests, each with its time, and ends with a line that counts them."""

import sys
import time
import unittest

import server_case


class TimedResult(unittest.TextTestResult):
    """Prints each test with its time."""

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()

    def stopTest(self, test):
        print(f"  {time.monotonic() - self._started:6.2f} s  {test.id()}", flush=True)
        super().stopTest(test)


def run(names):
    """Makes the servers' roots, runs the tests named. The exit code."""
    print(server_case.servers("make"), end="")
    runner = unittest.TextTestRunner(sys.stdout, verbosity=0, resultclass=TimedResult)
    result = runner.run(unittest.defaultTestLoader.loadTestsFromNames(names))
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 0 if result.wasSuccessful() and result.testsRun else 1
