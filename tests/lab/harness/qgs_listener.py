#!/usr/bin/python3
"""Stands where the Quote Generation Service listens: accepts and hangs up.

Usage: qgs_listener.py SOCKET
"""

import os
import socket
import sys


def main():
    path = sys.argv[1]
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen()
    while True:
        listener.accept()[0].close()


if __name__ == "__main__":
    main()
