"""A throw-away copy of a Debian root to run commands in, gone with the process that made it."""

import os
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
_MARK = "CCPLACE_DEPLOY_CONTAINED"


def enter_namespaces():
    """Runs this program again in mount and process namespaces of its own, unless it is there.

    Every mount and every process of the test ends with it. Without root it exits with 77, and with
    CI=true, where nothing may be skipped and look green, with 1.
    """
    if os.environ.pop(_MARK, None):
        return
    if os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            sys.exit("FAILED: needs root, for chroot and mounts; run this stage as root")
        print("SKIPPED: needs root, for chroot and mounts")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory(prefix="ccplace-deploy.") as folder:
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
                   "--kill-child", "--mount-proc", sys.executable, *sys.argv]
        environment = {**os.environ, _MARK: "1", "CCPLACE_DEPLOY_FOLDER": folder}
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


class Runner:
    """Runs commands in another root; `command` says how."""

    TIMEOUT_S = 300

    def command(self, *command):
        """The arguments that run `command` there, in a clean environment."""
        raise NotImplementedError

    def run(self, *command):
        """Runs it there; returns (exit code, everything it printed)."""
        result = subprocess.run(self.command(*command), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                check=False, timeout=self.TIMEOUT_S)
        return result.returncode, result.stdout

    def must(self, *command):
        """What the command prints; stops the test when it fails."""
        code, said = self.run(*command)
        if code != 0:
            sys.exit(f"FAILED with {code}: {' '.join(command)}\n{said}")
        return said


class Chroot(Runner):
    """A writable view of `root`, which itself stays as it is. Only after enter_namespaces."""

    def __init__(self, root):
        folder = os.environ["CCPLACE_DEPLOY_FOLDER"]
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(folder, name))
        self.path = os.path.join(folder, "root")
        layers = f"lowerdir={root},upperdir={folder}/upper,workdir={folder}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.path], check=True)
        for kind, place in (("proc", "proc"), ("tmpfs", "run"), ("tmpfs", "tmp")):
            subprocess.run(["mount", "-t", kind, kind, self.inside(place)], check=True)
        subprocess.run(["mount", "--bind", "/dev", self.inside("dev")], check=True)

    def inside(self, path):
        """Where a path of the chroot stands for this process."""
        return os.path.join(self.path, path.lstrip("/"))

    def own_name(self, path):
        """The chroot's own name of what stands at `path` for this process."""
        return path.removeprefix(self.path)

    def copy_in(self, source, path="tmp"):
        return shutil.copy(source, self.inside(path))

    def command(self, *command):
        return ["chroot", self.path, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *command]
