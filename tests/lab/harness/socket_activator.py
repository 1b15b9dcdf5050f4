#!/usr/bin/python3
"""virtqemud.socket, as systemd keeps it: listens, starts the daemon when somebody connects, and listens on
after the daemon's end. Runs inside of a lab's namespaces, to their end.

Usage: socket_activator.py STATE SECONDS     (host/libvirtd.sh has both)
"""

import os
import pathlib
import select
import socket
import subprocess
import sys

DAEMON = pathlib.Path(__file__).resolve().parents[1] / "host/libvirtd.sh"
FIRST_FD = 3  # The number of the first socket that is handed over, sd_listen_fds(3).


def main(state, seconds):
    listener = socket.socket(socket.AF_UNIX)
    path = f"{state}/run/virtqemud-sock"
    listener.bind(f"{path}.new")
    listener.listen()
    os.rename(f"{path}.new", path)  # Who finds it can connect.
    if listener.fileno() != FIRST_FD:
        os.dup2(listener.fileno(), FIRST_FD)
    while True:
        select.select([FIRST_FD], [], [])
        subprocess.run([DAEMON, state, "--activated", seconds], pass_fds=[FIRST_FD], check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
