"""How the tests of what operators install say what holds."""

import sys


def step(text):
    """Says what was done."""
    print(f"  {text}", flush=True)


def expect(condition, text):
    """Says what holds, or stops the test with it."""
    if not condition:
        sys.exit(f"FAILED: {text}")
    step(text)
