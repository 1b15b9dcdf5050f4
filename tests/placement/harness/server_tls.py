"""A test certificate authority with one server and one client certificate, made by openssl."""

import os
import subprocess

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
_AUTHORITY = ("-addext", "basicConstraints=critical,CA:TRUE",
              "-addext", "keyUsage=critical,keyCertSign")


def make(directory):
    """Writes ca, server and client (.crt and .key) into `directory`, unless they are there."""
    if os.path.exists(os.path.join(directory, "client.crt")):
        return
    os.makedirs(directory, mode=0o700, exist_ok=True)
    _openssl(directory, "ca", "-subj", "/CN=ccplace test authority", *_AUTHORITY)
    issuer = ("-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "keyUsage=digitalSignature")
    _openssl(directory, "server", "-subj", "/CN=localhost", *issuer, "-addext", _NAMES)
    _openssl(directory, "client", "-subj", "/CN=ccplace-sync", *issuer)


def _openssl(directory, name, *options):
    command = ["openssl", "req", "-config", os.devnull, "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", f"{name}.key", "-out", f"{name}.crt", *options]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
