"""A socket before a lab's libvirtd, which meets definitions on their way and can lose them."""

import collections
import contextlib
import pathlib
import socket
import struct
import tempfile
import threading

# libvirt, src/remote/remote_protocol.x and src/rpc/virnetprotocol.x.
_REMOTE_PROGRAM = 0x20008086
DOMAIN_XML_TO_NATIVE = 136
_DOMAIN_DEFINE_XML_FLAGS = 350
_HEADER = struct.Struct(">IIIIIII")  # Length, program, version, procedure, type, serial, status.


class LibvirtProxy:
    """A context manager. The hooks are set by one thread and called by others.

    uri: libvirt's address through here. before_call: called with a definition in hand, before it is
    passed on. after_call: the same, once it is libvirtd's. lose_answer: a connection on which the
    answer to a definition comes back is cut in its stead. calls: how many there were, by the number
    of their procedure.
    """

    def __init__(self, uri):
        self._address, _, self._path = uri.partition("socket=")
        self._folder = tempfile.TemporaryDirectory(prefix="ccplace-proxy-")
        own = str(pathlib.Path(self._folder.name) / "libvirt-sock")
        self.uri = f"{self._address}socket={own}"
        self.before_call = self.after_call = lambda: None
        self.lose_answer = False
        self.calls = collections.Counter()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(own)
        self._listener.listen(16)

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self._path)
            answers = threading.Thread(target=self._pass, args=(self._pass_answers, client, server))
            answers.start()
            self._pass(self._pass_calls, client, server)
            answers.join()

    def _pass(self, pass_on, client, server):
        """Passes on in one direction until the connection ends; then it ends in both."""
        with contextlib.suppress(OSError):
            pass_on(client, server)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_calls(self, client, server):
        while packet := _packet(client):
            self.calls[_procedure(packet)] += 1
            is_definition = _is_definition(packet)
            if is_definition:
                self.before_call()
            server.sendall(packet)
            if is_definition:
                self.after_call()

    def _pass_answers(self, client, server):
        while packet := _packet(server):
            if self.lose_answer and _is_definition(packet):
                return
            client.sendall(packet)


def _packet(end):
    """The next packet, whole; b"" at the end."""
    size = end.recv(4, socket.MSG_WAITALL)
    if len(size) < 4:
        return b""
    return size + end.recv(int.from_bytes(size, "big") - 4, socket.MSG_WAITALL)


def _procedure(packet):
    """The number of the call, or of the call that is answered; 0 for another program's."""
    _, program, _, procedure, *_ = _HEADER.unpack_from(packet)
    return procedure if program == _REMOTE_PROGRAM else 0


def _is_definition(packet):
    """Whether it is the call of virDomainDefineXMLFlags, or its answer."""
    return _procedure(packet) == _DOMAIN_DEFINE_XML_FLAGS
