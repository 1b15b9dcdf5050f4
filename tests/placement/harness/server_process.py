"""One Placement or Keystone server process: listening, contained, awaited, stopped.

A server's folder is `<state>/<service>`; the server sees it as /srv. It keeps the port it was first
given, so that a restarted server is found where it was.
"""

import http.client
import os
import shutil
import socket
import ssl
import sys
import time

import server_inside

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
import contained  # pylint: disable=wrong-import-position
import loopback  # pylint: disable=wrong-import-position

READY_TIMEOUT_S = 90
_BACKLOG = 1024


class ServerError(Exception):
    """A server that could not be started, and why."""


def listen(folder):
    """A socket on the folder's own loopback port, or on a free one the first time."""
    path = os.path.join(folder, "port")
    port = int(read(path)) if os.path.exists(path) else loopback.free_port()
    listener = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    write(path, str(listener.getsockname()[1]))
    return listener


def launch(root, folder, listener, options, owner_pid):
    """Serves `<folder>/app.py` on `listener` until stopped or until `owner_pid` ends.

    options: front (gunicorn or uwsgi), workers, threads (of each), tls (None, "server" or
    "mutual").
    """
    descriptor = listener.fileno()
    argv = [*_CONFIG_FOLDERS, *_FRONTS[options["front"]](descriptor, options)]
    contained.start(folder, server_inside.command(root, folder, argv), owner_pid, (descriptor,))
    listener.close()


def _gunicorn(descriptor, options):
    return ["gunicorn", "--chdir", "/srv", "--bind", f"fd://{descriptor}", "--workers",
            str(options["workers"]), "--worker-class", "gthread", "--threads", str(options["threads"]),
            "--access-logfile", "/srv/access.log", *_tls_arguments(options["tls"]), "app:application"]


def _tls_arguments(tls):
    if tls is None:
        return []
    arguments = ["--certfile", "/srv/tls/server.crt", "--keyfile", "/srv/tls/server.key"]
    mutual = ["--ca-certs", "/srv/tls/ca.crt", "--cert-reqs", str(int(ssl.CERT_REQUIRED))]
    return arguments + mutual if tls == "mutual" else arguments


def _uwsgi(descriptor, options):
    """Answers HTTP/1.1 and closes each connection unannounced, as Debian's placement-api does."""
    return ["uwsgi", "--plugin", "python3", "--http-socket", f"fd://{descriptor}", "--chdir",
            "/srv", "--wsgi-file", "app.py", "--master", "--need-app", "--enable-threads",
            "--threads", str(options["threads"]), "--logto", "/srv/access.log"]


_CONFIG_FOLDERS = ("OS_PLACEMENT_CONFIG_DIR=/srv", "OS_KEYSTONE_CONFIG_DIR=/srv")
_FRONTS = {"gunicorn": _gunicorn, "uwsgi": _uwsgi}


def await_answer(folder, port, tls):
    """Returns once the server answers HTTP; ServerError when it ends or takes too long."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not _answers(folder, port, tls):
        if not contained.is_running(folder):
            raise ServerError(f"{folder}: ended before it answered:\n{_log_end(folder)}")
        if time.monotonic() > deadline:
            contained.stop(folder)
            raise ServerError(f"{folder}: no answer in {READY_TIMEOUT_S} s:\n{_log_end(folder)}")
        time.sleep(0.05)


def _answers(folder, port, tls):
    connection = _connect(folder, port, tls)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connect(folder, port, tls):
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    certificates = os.path.join(folder, "tls")
    context = ssl.create_default_context(cafile=os.path.join(certificates, "ca.crt"))
    context.load_cert_chain(os.path.join(certificates, "client.crt"),
                            os.path.join(certificates, "client.key"))
    return http.client.HTTPSConnection("localhost", port, timeout=5, context=context)


def _log_end(folder):
    return read(os.path.join(folder, "log"))[-3000:]


def stop(folder):
    """Ends the server; its folder, with database and port, stays for a restart."""
    contained.stop(folder)


def is_running(folder):
    return contained.is_running(folder)


def copy_certificates(source, folder):
    """Puts the certificates of `source` where the server sees them."""
    shutil.copytree(source, os.path.join(folder, "tls"), dirs_exist_ok=True)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    """Writes a file that only its owner can read: some hold passwords."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="utf-8") as file:
        file.write(text)
