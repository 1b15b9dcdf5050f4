"""A libvirtd that does not answer."""

import socket


class SilentLibvirtd:
    """A socket that takes connections and never answers: libvirtd, stopped."""

    def __init__(self, folder):
        path = f"{folder}/libvirt-sock"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen(64)
        self.uri = f"qemu+unix:///system?socket={path}"

    def close(self):
        self._socket.close()
