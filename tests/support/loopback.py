"""Ports of this machine's loopback."""

import contextlib
import pathlib
import random
import socket

_CHOSEN_BY_THE_KERNEL = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST_UNPRIVILEGED = 1024
_CHOICE = 10_000


def free_port():
    """A TCP port of 127.0.0.1 that was free a moment ago, and that no connection gets by chance: it
    is below those that the kernel gives to callers (ip(7), ip_local_port_range)."""
    end = int(_CHOSEN_BY_THE_KERNEL.read_text(encoding="ascii").split()[0])
    begin = max(_FIRST_UNPRIVILEGED, end - _CHOICE)
    # Where the kernel gives out nearly all there are, one of its own must do.
    ports = random.sample(range(begin, end), _CHOICE // 100) if end - begin >= _CHOICE else []
    for port in [*ports, 0]:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise OSError("no port of 127.0.0.1 is free")
