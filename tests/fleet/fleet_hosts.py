"""Many made-up hosts, and ccplacectl fleet on them."""

import collections
import os
import pathlib
import subprocess
import tempfile
import time

# mib: most that was resident.
Run = collections.namedtuple("Run", "code out err seconds mib")


class FleetHosts:
    """Serves as many hosts as asked for while it is entered. fleet_server says how they differ."""

    def __init__(self, server, count):
        self._server, self._count = server, count

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="fleet-")
        self.folder = pathlib.Path(self._folder.name)
        self.addresses = [f"unix:{self.folder}/host-{i}.sock" for i in range(self._count)]
        self.list = self.folder / "hosts.txt"
        self.list.write_text("\n".join(self.addresses) + "\n")
        self._process = subprocess.Popen([self._server, self.folder, str(self._count)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("fleet_server does not serve")
        return self

    def __exit__(self, *_):
        self._process.communicate(timeout=60)
        self._folder.cleanup()

    def ask(self, ccplacectl, *arguments):
        """What `ccplacectl fleet` made of them, as a Run."""
        out, err = self.folder / "out", self.folder / "err"
        begun = time.monotonic()
        with out.open("w") as out_file, err.open("w") as err_file:
            process = subprocess.Popen([ccplacectl, "fleet", "--hosts", self.list, *arguments],
                                       stdin=subprocess.DEVNULL, stdout=out_file, stderr=err_file)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Run(process.returncode, out.read_text(), err.read_text(),
                   time.monotonic() - begun, usage.ru_maxrss / 1024)
