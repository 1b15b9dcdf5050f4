"""The contract in Python: messages and stubs generated from proto/ on import.

`v1` holds every message and enum value of package ccplace.v1 under its own name.
"""

import atexit
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

import google
import grpc

PROTO = pathlib.Path(__file__).resolve().parents[3] / "proto"


def _generate():
    folder = tempfile.mkdtemp(prefix="ccplace-stubs-")
    atexit.register(shutil.rmtree, folder)
    own = sorted(str(path.relative_to(PROTO)) for path in PROTO.glob("ccplace/v1/*.proto"))
    plugin = shutil.which("grpc_python_plugin")
    subprocess.run(
        ["protoc", f"-I{PROTO}", f"--python_out={folder}", f"--grpc_out={folder}",
         f"--plugin=protoc-gen-grpc={plugin}", *own,
         "google/rpc/status.proto", "google/rpc/error_details.proto"], check=True)
    return folder, own


def _load(folder, own):
    sys.path.insert(0, folder)
    # Debian's `google` is an ordinary package, which looks nowhere else by itself.
    google.__path__.append(f"{folder}/google")
    names = types.SimpleNamespace()
    for proto in own:
        module = importlib.import_module(proto.replace(".proto", "_pb2").replace("/", "."))
        for name, value in vars(module).items():
            if name[0].isupper():
                setattr(names, name, value)
    return names


v1 = _load(*_generate())
HostServiceStub = importlib.import_module(
    "ccplace.v1.host_service_pb2_grpc").HostServiceStub
_status = importlib.import_module("google.rpc.status_pb2")
_details = importlib.import_module("google.rpc.error_details_pb2")

SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse with status SERVING.


def is_serving(channel):
    """Whether the health service answers SERVING within half a second."""
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    try:
        return check(b"", timeout=0.5, wait_for_ready=True) == SERVING
    except grpc.RpcError:
        return False


def details_of(error):
    """The google.rpc details of an error, by message name; {} when it has none."""
    found = {}
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for packed in _status.Status.FromString(value).details:
            name = packed.TypeName().rsplit(".", 1)[1]
            detail = getattr(_details, name)()
            packed.Unpack(detail)
            found[name] = detail
    return found
