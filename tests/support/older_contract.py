"""Clients and daemons that know no more than the contract of an earlier day (tests/data/contract).

What they send and understand is made of that day's descriptors alone, beside today's messages in
one process.
"""

import concurrent.futures
import pathlib

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor

CONTRACT = (pathlib.Path(__file__).resolve().parents[1] / "data" / "contract"
            / "ccplace-v1-2026-11-23.binpb")
PACKAGE = "ccplace.v1"
SERVICE = f"{PACKAGE}.HostService"


class OlderContract:
    """Its messages by their names, as `contract.HostCapabilitiesRequest`, and its methods."""

    def __init__(self, path=CONTRACT):
        self._pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes()).file
        for file in files:
            self._pool.Add(file)
        self._streams = {f"{file.package}.{service.name}.{method.name}"
                         for file in files for service in file.service
                         for method in service.method if method.server_streaming}
        self._factory = message_factory.MessageFactory(self._pool)
        self.methods = dict(self._pool.FindServiceByName(SERVICE).methods_by_name)

    def __getattr__(self, name):
        try:
            return self.of(self._pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        except KeyError:
            raise AttributeError(f"that day's contract has no {name}") from None

    def of(self, descriptor):
        """The class of a message."""
        return self._factory.GetPrototype(descriptor)

    def is_stream(self, method):
        """Whether a method answers more than once."""
        return method.full_name in self._streams


class OlderClient:
    """Calls a daemon by the older contract. channel: an open grpc.Channel."""

    def __init__(self, contract, channel):
        self._contract, self._channel = contract, channel

    def call(self, name, request=None, seconds=30):
        """The answer; the first one of a stream. Raises grpc.RpcError."""
        method = self._contract.methods[name]
        answer_of = self._contract.of(method.output_type).FromString
        if request is None:
            request = self._contract.of(method.input_type)()
        is_stream = self._contract.is_stream(method)
        kind = self._channel.unary_stream if is_stream else self._channel.unary_unary
        answers = kind(f"/{SERVICE}/{name}", lambda message: message.SerializeToString(),
                       answer_of)(request, timeout=seconds)
        if not is_stream:
            return answers
        first = next(answers)
        answers.cancel()
        return first


class OlderDaemon:
    """A daemon of that day: today's stands behind it, and what that day did not know is dropped on
    both ways, in silence as it was then. A context manager.

    upstream: channel to today's. socket: where it listens, a path.
    """

    def __init__(self, contract, upstream, socket):
        self._contract, self._upstream = contract, upstream
        self.socket = socket
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
            SERVICE, {name: self._handler(method)
                      for name, method in contract.methods.items()}),))
        if self._server.add_insecure_port(f"unix:{socket}") == 0:
            raise OSError(f"{socket} cannot be listened on")

    def __enter__(self):
        self._server.start()
        return self

    def __exit__(self, *_):
        self._server.stop(None).wait()

    def _handler(self, method):
        request_of = self._contract.of(method.input_type).FromString
        answer_of = self._contract.of(method.output_type).FromString
        is_stream = self._contract.is_stream(method)
        make = (grpc.unary_stream_rpc_method_handler if is_stream
                else grpc.unary_unary_rpc_method_handler)
        pass_on = self._pass_stream if is_stream else self._pass_one
        return make(lambda request, context: pass_on(method.name, answer_of, request, context),
                    request_of, lambda message: message.SerializeToString())

    def _pass_one(self, name, answer_of, request, context):
        call = self._upstream.unary_unary(f"/{SERVICE}/{name}",
                                          lambda message: as_it_was(message).SerializeToString(),
                                          answer_of)
        try:
            return as_it_was(call(request, timeout=context.time_remaining()))
        except grpc.RpcError as error:
            context.set_trailing_metadata(error.trailing_metadata())
            context.abort(error.code(), error.details())

    def _pass_stream(self, name, answer_of, request, context):
        call = self._upstream.unary_stream(f"/{SERVICE}/{name}",
                                           lambda message: as_it_was(message).SerializeToString(),
                                           answer_of)
        answers = call(request)
        context.add_callback(answers.cancel)
        try:
            for answer in answers:
                yield as_it_was(answer)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())


def as_it_was(message):
    """The same, without what the message's own contract does not know: fields, and whatever has a
    value of an enum that was not there."""
    message.DiscardUnknownFields()
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.label != FieldDescriptor.LABEL_REPEATED:
            as_it_was(value)
        elif not is_map(field):
            known = [as_it_was(one) for one in value if not has_newer_word(one)]
            del value[:]
            value.extend(known)
    return message


def is_map(field):
    return field.message_type.GetOptions().map_entry


def has_newer_word(message):
    """Whether a field of the message itself has a value that its enum did not have."""
    return any(field.enum_type is not None and field.label != FieldDescriptor.LABEL_REPEATED
               and value not in field.enum_type.values_by_number
               for field, value in message.ListFields())
