#!/usr/bin/python3
"""The TDX keys of a lab's host, counted as the kernel counts them.

Usage: key_pool.py SOCKET FOLDER

SOCKET: where the lab's KVM connects, once for each trust domain; the connection is the domain's
file, so that it ends with the last process that holds it. One byte on it asks for a key; the answer
is one byte, 0 or an error number. FOLDER: that of misc.capacity and misc.current (Linux,
Documentation/admin-guide/cgroup-v2.rst, "Misc Interface Files"). misc.current is counted up and
down from what it says, so that a test can add keys that others use.
"""

import contextlib
import errno
import os
import pathlib
import select
import socket
import sys

GIVEN = b"\0"
NONE_FREE = bytes([errno.ENOSPC])  # arch/x86/virt/vmx/tdx/tdx.c, tdx_guest_keyid_alloc.


class MiscFile:
    """The number behind `tdx` in a file of the misc controller; None without one."""

    def __init__(self, path):
        self._path = path

    def read(self):
        try:
            words = self._path.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return None
        return int(words[1]) if words else None

    def write(self, number):
        """Replaced whole: nobody reads half a number."""
        new = self._path.with_name(f".{self._path.name}.new")
        new.write_text(f"tdx {number}\n", encoding="ascii")
        os.replace(new, self._path)


class KeyPool:
    """Gives keys to connections, and takes them back when those end."""

    def __init__(self, listener, folder):
        self._listener = listener
        self._capacity = MiscFile(folder / "misc.capacity")
        self._current = MiscFile(folder / "misc.current")
        self._holds_key = {}  # By connection.

    def serve(self):
        while True:
            ready = select.select([self._listener, *self._holds_key], [], [])[0]
            asking = [each for each in ready if each in self._holds_key and self._asks(each)]
            for connection in asking:  # After those that ended: their keys are free by then.
                with contextlib.suppress(OSError):  # It ended meanwhile, and is read so next.
                    connection.send(self._give(connection))
            if self._listener in ready:
                self._holds_key[self._listener.accept()[0]] = False

    def _asks(self, connection):
        """Whether it asks for a key; what has ended is forgotten."""
        with contextlib.suppress(OSError):  # A reset is an end too.
            if connection.recv(1):
                return True
        if self._holds_key.pop(connection):
            self._add(-1)
        connection.close()
        return False

    def _give(self, connection):
        current, capacity = self._current.read(), self._capacity.read()
        if None not in (current, capacity) and current >= capacity:
            return NONE_FREE
        self._holds_key[connection] = True
        self._add(1)
        return GIVEN

    def _add(self, keys):
        """A kernel without the controller, or without its line for TDX, counts nothing."""
        current = self._current.read()
        if current is not None:
            self._current.write(max(current + keys, 0))


def main():
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        KeyPool(listener, pathlib.Path(sys.argv[2])).serve()


if __name__ == "__main__":
    main()
