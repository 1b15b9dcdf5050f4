#!/usr/bin/python3 -IS
"""The keys of a lab's host (tdx, sev, sev_es), counted as the kernel counts them.

Usage: key_pool.py SOCKET FOLDER

SOCKET: where the lab's KVM connects, once for each virtual machine; the connection is its file, so
that it ends with the last process that holds it. A key's name on it asks for one; the answer is one
byte, 0 or an error number. FOLDER: that of misc.capacity and misc.current (Linux,
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
LONGEST_NAME_BYTES = 16


class MiscFile:
    """A file of the misc controller: lines of a name and a number."""

    def __init__(self, path):
        self._path = path

    def _read_all(self):
        try:
            lines = self._path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return {}
        return {name: int(number) for name, number in map(str.split, lines)}

    def read(self, name):
        """None where the kernel has no such controller, or it has no such line."""
        return self._read_all().get(name)

    def write(self, name, number):
        """Replaced whole: nobody reads half a file."""
        new = self._path.with_name(f".{self._path.name}.pool")
        numbers = {**self._read_all(), name: number}
        new.write_text("".join(f"{each} {numbers[each]}\n" for each in numbers), encoding="ascii")
        os.replace(new, self._path)


class KeyPool:
    """Gives keys to connections, and takes them back when those end."""

    def __init__(self, listener, folder):
        self._listener = listener
        self._capacity = MiscFile(folder / "misc.capacity")
        self._current = MiscFile(folder / "misc.current")
        self._held = {}  # The name of each connection's key; None without one.

    def serve(self):
        while True:
            ready = select.select([self._listener, *self._held], [], [])[0]
            asked = {each: self._read(each) for each in ready if each in self._held}
            for connection, name in asked.items():
                if not name:
                    self._take_back(connection)
            for connection, name in asked.items():  # After those that ended: their keys are free.
                if name:
                    self._answer(connection, name)
            if self._listener in ready:
                self._held[self._listener.accept()[0]] = None

    @staticmethod
    def _read(connection):
        """The name of the key that it asks for; "" when it has ended."""
        try:
            return connection.recv(LONGEST_NAME_BYTES).decode("ascii")
        except ConnectionError:
            return ""

    def _take_back(self, connection):
        name = self._held.pop(connection)
        connection.close()
        if name:
            self._add(name, -1)

    def _answer(self, connection, name):
        current, capacity = self._current.read(name), self._capacity.read(name)
        is_free = None in (current, capacity) or current < capacity
        if is_free:
            self._held[connection] = name
            self._add(name, 1)
        with contextlib.suppress(OSError):  # It ended meanwhile, which is read next.
            connection.send(GIVEN if is_free else NONE_FREE)

    def _add(self, name, keys):
        """A kernel that does not count this key goes on not counting it."""
        current = self._current.read(name)
        if current is not None:
            self._current.write(name, max(current + keys, 0))


def main():
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"{sys.argv[1]}.new")
        listener.listen()
        os.rename(f"{sys.argv[1]}.new", sys.argv[1])  # Who finds it can connect.
        KeyPool(listener, pathlib.Path(sys.argv[2])).serve()


if __name__ == "__main__":
    main()
