"""Enough of HTTP/2 (RFC 9113) to begin requests of gRPC and never end them."""

import select
import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK, END_HEADERS = 0x1, 0x4
ENHANCE_YOUR_CALM = 11
FIRST_WINDOW = 65535
LONGEST_FRAME = 16384


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def field(name, value):
    """A header field as HPACK writes it without its tables (RFC 7541, 6.2.2)."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def headers_of(method):
    return b"".join(field(*pair) for pair in (
        (":method", "POST"), (":scheme", "http"), (":path", f"/ccplace.v1.HostService/{method}"),
        (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers")))


class HalfSender:
    """A connection to a unix socket with requests of `size` bytes, of which the last byte is never
    sent; one that the server refuses is begun anew. Not thread-safe.

    streams: how many at one time. frame_bytes: how much of a request each frame has.
    """

    def __init__(self, path, streams, size, frame_bytes=LONGEST_FRAME):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._socket.setblocking(False)
        self._streams, self._size, self._frame_bytes = streams, size, frame_bytes
        self._head = headers_of("ValidateRequest")
        self._out = bytearray(PREFACE + frame(SETTINGS, 0, 0))
        self._in = bytearray()
        self._next_stream = 1
        self._room = self._first_room = FIRST_WINDOW  # What the server takes, in bytes.
        self._rooms = {}  # The same, by stream.
        self._left = {}  # What is still to be sent, by stream.
        self.refused = 0  # Requests that the server ended for want of memory.
        self.closed = False

    def close(self):
        self._socket.close()

    def step(self):
        """Sends and takes in what can be without waiting."""
        if self.closed:
            return
        if len(self._out) < LONGEST_FRAME:
            self._fill()
        try:
            self._exchange()
        except OSError:
            self.closed = True
        self._read_frames()

    def _exchange(self):
        readable, writable, _ = select.select([self._socket], [self._socket], [], 0)
        if writable and self._out:
            del self._out[:self._socket.send(self._out)]
        if readable:
            got = self._socket.recv(1 << 16)
            self.closed = not got
            self._in += got

    def _fill(self):
        """Begins and continues requests as far as the server has room."""
        while len(self._left) < self._streams:
            stream, self._next_stream = self._next_stream, self._next_stream + 2
            self._rooms[stream], self._left[stream] = self._first_room, self._size + 4
            self._out += frame(HEADERS, END_HEADERS, stream, self._head)
            self._send(stream, b"\0" + struct.pack(">I", self._size))
        for stream in list(self._left):
            room = min(self._room, self._rooms[stream], self._left[stream], LONGEST_FRAME)
            if room > 0:
                self._send(stream, b"\x0a" * room)

    def _send(self, stream, data):
        step = self._frame_bytes
        for begin in range(0, len(data), step):
            self._out += frame(DATA, 0, stream, data[begin:begin + step])
        self._room -= len(data)
        self._rooms[stream] -= len(data)
        self._left[stream] -= len(data)

    def _read_frames(self):
        while len(self._in) >= 9:
            size = int.from_bytes(self._in[:3], "big")
            if len(self._in) < 9 + size:
                return
            kind, flags, stream = struct.unpack(">BBI", self._in[3:9])
            payload = bytes(self._in[9:9 + size])
            del self._in[:9 + size]
            self._take(kind, flags, stream, payload)

    def _take(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & ACK:
            self._take_settings(payload)
            self._out += frame(SETTINGS, ACK, 0)
        elif kind == PING and not flags & ACK:
            self._out += frame(PING, ACK, 0, payload)
        elif kind == WINDOW_UPDATE:
            if stream == 0:
                self._room += int.from_bytes(payload, "big")
            elif stream in self._rooms:
                self._rooms[stream] += int.from_bytes(payload, "big")
        elif kind == RST_STREAM and self._left.pop(stream, None) is not None:
            del self._rooms[stream]
            self.refused += int.from_bytes(payload, "big") == ENHANCE_YOUR_CALM
        elif kind == GOAWAY:
            self.closed = True

    def _take_settings(self, payload):
        for key, value in struct.iter_unpack(">HI", payload):
            if key == 4:  # SETTINGS_INITIAL_WINDOW_SIZE
                grown, self._first_room = value - self._first_room, value
                self._rooms = {stream: room + grown for stream, room in self._rooms.items()}
