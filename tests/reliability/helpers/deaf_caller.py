"""Callers that ask and take no answer in."""

import fcntl
import struct
import termios

import half_sent
from half_sent import frame
from unix_socket import connect


class DeafCaller:
    """A connection to a unix socket with 100 calls of HostCapabilities, that says it has room for
    every answer, but takes in none: what the daemon writes to it comes to a halt."""

    END_STREAM = 0x1

    def __init__(self, path):
        self._socket = connect(path)
        most = 2**31 - 1
        first_window = struct.pack(">HI", 4, most)  # SETTINGS_INITIAL_WINDOW_SIZE
        asked = half_sent.PREFACE + frame(half_sent.SETTINGS, 0, 0, first_window)
        asked += frame(half_sent.WINDOW_UPDATE, 0, 0,
                       struct.pack(">I", most - half_sent.FIRST_WINDOW))
        head = half_sent.headers_of("HostCapabilities")
        for stream in range(1, 201, 2):
            asked += frame(half_sent.HEADERS, half_sent.END_HEADERS, stream, head)
            asked += frame(half_sent.DATA, self.END_STREAM, stream, bytes(5))
        self._socket.sendall(asked)

    def waiting_bytes(self):
        """How much of the answers waits to be taken in."""
        return struct.unpack("i", fcntl.ioctl(self._socket, termios.FIONREAD, bytes(4)))[0]

    def is_cut(self):
        """Whether there is an end behind the answers that wait. Takes them in."""
        self._socket.settimeout(10)
        try:
            while self._socket.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def close(self):
        self._socket.close()
