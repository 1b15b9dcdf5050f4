"""A socket before a lab's libvirtd, which meets what changes domains on its way and can lose it."""

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
_DOMAIN_SET_METADATA = 264
_DOMAIN_EVENT_CALLBACK_LIFECYCLE = 318
_HEADER = struct.Struct(">IIIIIII")  # Length, program, version, procedure, type, serial, status.
_CALL, _REPLY = 0, 1
_LAST_ARGUMENT = struct.Struct(">I")

# Calls that change a domain, by what they are for. Some have two forms.
DEFINE, START, STOP, UNDEFINE = "define", "start", "stop", "undefine"
NOTE_ON_DEFINITION, NOTE_ON_GUEST = "note on the definition", "note on the guest"
_STEPS = {9: START, 196: START, 12: STOP, 234: STOP, 35: UNDEFINE, 231: UNDEFINE,
          _DOMAIN_DEFINE_XML_FLAGS: DEFINE}
# By the flags of virDomainSetMetadata (virDomainModificationImpact).
_NOTES = {1: NOTE_ON_GUEST, 2: NOTE_ON_DEFINITION}


class LibvirtProxy:
    """A context manager. The hooks are set by one thread and called by others.

    procedure: the number of the calls that are met: definitions, if it says nothing else.
    uri: libvirt's address through here. before_call: called with such a call in hand, before it is
    passed on. after_call: the same, once it is libvirtd's. lose_answer: a connection on which the
    answer to one comes back is cut in its stead. lose_events: what happens to domains is
    told to nobody, and counted in lost_events. calls: how many there were, by the number of their
    procedure.

    at_step: called with the name of each call that changes a domain (as DEFINE), and False,
    before libvirtd has it; and with True once its answer is here. Where it returns True, the
    connection is cut there.
    """

    def __init__(self, uri, procedure=_DOMAIN_DEFINE_XML_FLAGS):
        self._procedure = procedure
        self._address, _, self._path = uri.partition("socket=")
        self._folder = tempfile.TemporaryDirectory(prefix="ccplace-proxy-")
        own = str(pathlib.Path(self._folder.name) / "libvirt-sock")
        self.uri = f"{self._address}socket={own}"
        self.before_call = self.after_call = lambda: None
        self.at_step = lambda step, is_answer: False
        self.lose_answer = self.lose_events = False
        self.lost_events = 0
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
            steps = {}  # Under way on this connection: their names, by the serial of the call.
            ends = (client, server, steps)
            answers = threading.Thread(target=self._pass, args=(self._pass_answers, *ends))
            answers.start()
            self._pass(self._pass_calls, *ends)
            answers.join()

    def _pass(self, pass_on, client, server, steps):
        """Passes on in one direction until the connection ends; then it ends in both."""
        with contextlib.suppress(OSError):
            pass_on(client, server, steps)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_calls(self, client, server, steps):
        while packet := _packet(client):
            self.calls[_procedure(packet)] += 1
            step = _step_of(packet)
            if step:
                steps[_serial(packet)] = step
                if self.at_step(step, False):
                    return
            is_met = _procedure(packet) == self._procedure
            if is_met:
                self.before_call()
            server.sendall(packet)
            if is_met:
                self.after_call()

    def _pass_answers(self, client, server, steps):
        while packet := _packet(server):
            if self.lose_answer and _procedure(packet) == self._procedure:
                return
            if _kind(packet) == _REPLY and (step := steps.pop(_serial(packet), None)):
                if self.at_step(step, True):
                    return
            if self.lose_events and _procedure(packet) == _DOMAIN_EVENT_CALLBACK_LIFECYCLE:
                self.lost_events += 1
                continue
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


def _kind(packet):
    return _HEADER.unpack_from(packet)[4]


def _serial(packet):
    """The number that a call and its answer share."""
    return _HEADER.unpack_from(packet)[5]


def _step_of(packet):
    """The name of a call that changes a domain; None for any other."""
    if _kind(packet) != _CALL:
        return None
    if _procedure(packet) == _DOMAIN_SET_METADATA:
        flags, = _LAST_ARGUMENT.unpack_from(packet, len(packet) - _LAST_ARGUMENT.size)
        return _NOTES[flags]
    return _STEPS.get(_procedure(packet))
