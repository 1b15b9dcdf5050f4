"""Waiting, for tests: until something came about, never for a time to pass.

Limits are for machines under load: far longer than what is waited for takes.
"""

import time

_PAUSE_S = 0.02
_LONGEST_SEEN = 4000


class NeverCameError(AssertionError):
    """What was waited for did not come about within its limit."""


def wait_for(what, look, limit_s, wanted=bool):
    """What `look()` returns, the first time that `wanted` holds of it.

    what: a noun, as "a second login", for the failure. limit_s: in seconds.
    Raises NeverCameError, which tells what `look()` returned last.
    """
    deadline = time.monotonic() + limit_s
    while True:
        seen = look()
        if wanted(seen):
            return seen
        if time.monotonic() > deadline:
            raise NeverCameError(f"no {what} within {limit_s} s; last seen: {_end_of(seen)}")
        time.sleep(_PAUSE_S)


def wait_for_program(process, serves, limit_s, log):
    """Returns once `serves()`, a look at what `process` (subprocess.Popen) does for others.

    limit_s: in seconds. log: returns what the program wrote so far.
    Raises NeverCameError with the log when the limit passes or the process ends.
    """
    try:
        wait_for("service", lambda: process.poll() is not None or serves(), limit_s)
    except NeverCameError as failure:
        raise NeverCameError(f"{failure}; the program's log:\n{log()}") from None
    if process.poll() is not None:
        raise NeverCameError(f"ended with {process.returncode} before it served:\n{log()}")


def _end_of(seen):
    text = seen if isinstance(seen, str) else repr(seen)
    return text[-_LONGEST_SEEN:]
