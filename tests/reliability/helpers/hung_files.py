"""A file system that does not answer."""

import ctypes
import os

CLONE_NEWNS = 0x20000  # linux/sched.h
MS_REC, MS_PRIVATE = 0x4000, 0x40000  # linux/mount.h
LIBC = ctypes.CDLL(None, use_errno=True)


def _must(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def leave_the_machines_mounts():
    """What this thread and its children mount from here on is theirs alone. Needs root."""
    _must(LIBC.unshare(CLONE_NEWNS))
    _must(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))


class HungFiles:
    """A FUSE file system whose server says nothing, on a folder. Who looks into it waits; closed, it
    fails whoever waits, and goes with the mounts of those who made it."""

    def __init__(self, folder):
        self._server = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self._server},rootmode=40000,user_id=0,group_id=0"
        _must(LIBC.mount(b"hung", os.fsencode(folder), b"fuse", 0, options.encode()))

    def close(self):
        os.close(self._server)
