"""A Debian root that systemd runs as its first process, in namespaces of its own."""

import os
import subprocess
import sys
import tempfile
import time

import chroot

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import waiting  # pylint: disable=wrong-import-position

PATIENCE_S = 90

# Run in namespaces of its own as their first process; becomes systemd. What is the machine's own
# (/sys, kernel settings under /proc/sys) can be read there and not changed.
_BECOME_SYSTEMD = """
set -e
cd "$1"
umount dev run tmp proc
mount -t proc proc proc
mount -o bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
ip link set lo up
hostname booted
pivot_root . .
umount -l .
exec env -i container=ccplace-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=multi-user.target --show-status=false
"""


class Booted(chroot.Runner):
    """`box` (chroot.Chroot) with systemd running in it. Use as a context, after
    chroot.enter_namespaces; single-threaded."""

    TIMEOUT_S = PATIENCE_S

    def __init__(self, box, folder):
        """folder: an empty one of the caller's, for mounts and systemd's console."""
        self._box = box
        self._console = os.path.join(folder, "console")
        self._cgroups = os.path.join(folder, "cgroup")
        os.mkdir(self._cgroups)
        self._cgroup = None
        self._starter = None
        self._first = None

    def __enter__(self):
        subprocess.run(["mount", "-t", "cgroup2", "cgroup2", self._cgroups], check=True)
        # The machine's, so it outlives a killed test: never the name of an earlier one's.
        self._cgroup = tempfile.mkdtemp(prefix="ccplace-boot-", dir=self._cgroups)
        join = f"echo $$ > {self._cgroup}/cgroup.procs; exec \"$@\""
        with open(self._console, "w", encoding="utf-8") as console:
            self._starter = subprocess.Popen(
                ["sh", "-c", join, "sh", "setpriv", "--pdeathsig", "KILL", "unshare", "--mount",
                 "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child", "--",
                 "sh", "-c", _BECOME_SYSTEMD, "sh", self._box.path],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        self._first = self.wait_for("first process", self._child)
        self.wait_for("systemd", lambda: self.run("systemctl", "is-system-running")[1].strip()
                      in ("running", "degraded"))
        return self

    def __exit__(self, *_):
        self._starter.kill()
        self._starter.wait()
        for folder, _, _ in os.walk(self._cgroup, topdown=False):
            self._remove(folder)

    def command(self, *command):
        """Beside the services."""
        return ["nsenter", "--target", str(self._first), "--all", "--root", "--", "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", *command]

    def wait_for(self, what, look):
        """What `look` answers once that is something; stops the test when it never is."""
        try:
            return waiting.wait_for(what, look, PATIENCE_S)
        except waiting.NeverCameError as failure:
            with open(self._console, encoding="utf-8") as console:
                sys.exit(f"FAILED: {failure}; the console:\n{console.read()}")

    def is_inside(self, pid):
        """Whether a process, by its number here, is one of the booted namespaces."""
        try:
            own, theirs = (os.readlink(f"/proc/{number}/ns/pid") for number in (pid, self._first))
        except (FileNotFoundError, ProcessLookupError):
            return False
        return own == theirs

    def _child(self):
        """The first process of the new namespaces, once it is systemd."""
        path = f"/proc/{self._starter.pid}/task/{self._starter.pid}/children"
        try:
            with open(path, encoding="ascii") as children:
                for pid in children.read().split():
                    with open(f"/proc/{pid}/comm", encoding="ascii") as name:
                        if name.read().strip() == "systemd":
                            return int(pid)
        except FileNotFoundError:
            pass
        return None

    def _remove(self, folder):
        for _ in range(100):
            try:
                os.rmdir(folder)
                return
            except OSError:  # Its processes are still being taken down.
                time.sleep(0.05)
