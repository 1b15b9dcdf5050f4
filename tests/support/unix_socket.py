#!/usr/bin/python3
"""Unix sockets, as a caller meets them.

usage: unix_socket.py PATH     exit code 0: somebody takes connections there
"""

import socket
import sys


def connect(path):
    """A connection to a unix socket that says nothing."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    return client


if __name__ == "__main__":
    # The file alone says nothing of that: from bind(2) to listen(2) a socket refuses them.
    try:
        connect(sys.argv[1]).close()
    except OSError as error:
        sys.exit(str(error))
