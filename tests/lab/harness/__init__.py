"""Starts labs for tests written in Python, and ends them whatever happens."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

from harness.guests import Guest

HERE = pathlib.Path(__file__).resolve().parents[1]
COMMAND = HERE / "lab"
SKIPPED = 77
# Longer than any wait inside the command, whose own bounds give better messages.
COMMAND_SECONDS = 300


class Lab:
    """A running host of one variant; a context manager. Not thread-safe.

    uri: libvirt's address from outside. host_root: the folder for ccplaced's
    host-root prefix. root: the host's whole root, as seen from outside.
    """

    def __init__(self, variant="full"):
        self.variant = variant
        self.uri = None
        self.host_root = None
        self.root = None
        self._folder = None
        self._state = None

    def __enter__(self):
        require_root()
        self._folder = tempfile.TemporaryDirectory(prefix="ccplace-lab-")
        self._state = os.path.join(self._folder.name, "lab")
        started = self._lab("start", "--variant", self.variant,
                            "--owner", str(os.getpid()))
        env = parse_env(started.stdout)
        self.uri = env["LIBVIRT_URI"]
        self.host_root = pathlib.Path(env["HOST_ROOT"])
        self.root = pathlib.Path(env["LAB_ROOT"])
        return self

    def __exit__(self, *_):
        self._lab("stop")
        self._folder.cleanup()

    def _lab(self, command, *arguments, **options):
        return run_lab(command, "--state", self._state, *arguments, **options)

    def run(self, *command, stdin=None, check=True):
        """Runs a command inside the host's root; text in, text out."""
        return self._lab("exec", *command, input=stdin, check=check)

    def virsh(self, *arguments, stdin=None, check=True):
        """Runs virsh inside, on the host's own libvirtd."""
        return self.run("virsh", "-q", "-c", "qemu:///system", *arguments,
                        stdin=stdin, check=check)

    @contextlib.contextmanager
    def events(self, uuid):
        """A list that grows by a line of `virsh event` for all that happens to a domain. What
        happens before its first line may be missing."""
        lines = []
        with subprocess.Popen(
                [str(COMMAND), "exec", "--state", self._state, "stdbuf", "-oL", "virsh", "-q", "-c",
                 "qemu:///system", "event", uuid, "--all", "--loop"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                start_new_session=True) as virsh:
            reader = threading.Thread(target=lambda: lines.extend(virsh.stdout))
            reader.start()
            try:
                yield lines
            finally:
                os.killpg(virsh.pid, signal.SIGKILL)  # All that the command started.
                reader.join()

    def set_capacity(self, keys):
        """The kernel offers this many TDX keys."""
        self._lab("set-capacity", str(keys))

    def set_current(self, keys):
        """This many TDX keys are in use; starts and ends of guests count on from there."""
        self._lab("set-current", str(keys))

    def guest(self, uuid):
        """The guest of that UUID, which was started here."""
        return Guest(pathlib.Path(self._state) / "kvm/guests" / uuid)

    @contextlib.contextmanager
    def refusing_trust_domains(self):
        """Every start fails in KVM_CREATE_VM meanwhile, as where the TDX module refuses."""
        switch = pathlib.Path(self._state) / "kvm/switches/refuse-guests"
        switch.touch()
        try:
            yield
        finally:
            switch.unlink()

    def make_modular(self, idle_seconds):
        """From here on a daemon as virtqemud in libvirtd's place: started by its socket virtqemud-sock,
        with the QEMU driver alone, and ending after so long without a caller or a guest."""
        self._lab("modular", str(idle_seconds))

    def libvirtd(self):
        """The process numbers, inside of the lab, of libvirt's daemon: one or none."""
        numbers = []
        for path in (self.root / "proc").glob("[0-9]*/comm"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if path.read_text().strip() == "libvirtd":
                    numbers.append(int(path.parent.name))
        return numbers

    def kill_libvirtd(self):
        """SIGKILL, and its end."""
        self._lab("kill")

    @contextlib.contextmanager
    def paused(self):
        """libvirtd is stopped (SIGSTOP) meanwhile: the stalled hypervisor."""
        self._lab("pause")
        try:
            yield
        finally:
            self._lab("resume")

    @contextlib.contextmanager
    def killed(self):
        """libvirtd is gone (SIGKILL) meanwhile: the lost hypervisor."""
        self._lab("kill")
        try:
            yield
        finally:
            self._lab("revive")


def run_lab(*arguments, check=True, **options):
    """Runs tests/lab/lab; raises CommandFailed with its messages."""
    done = subprocess.run([str(COMMAND), *arguments], capture_output=True,
                          text=True, timeout=COMMAND_SECONDS, check=False,
                          **options)
    if done.returncode == SKIPPED:
        raise unittest.SkipTest(done.stdout.strip())
    if check and done.returncode != 0:
        raise CommandFailed(arguments, done)
    return done


class CommandFailed(AssertionError):
    """A command inside or around the lab ended badly."""

    def __init__(self, arguments, done):
        super().__init__(f"{' '.join(arguments)}: exit code {done.returncode}\n"
                         f"{done.stdout}{done.stderr}")


def require_root():
    """Makes the Debian root before the first lab, aloud: it takes a while."""
    done = subprocess.run([str(COMMAND), "make"], check=False)
    if done.returncode == SKIPPED:
        raise unittest.SkipTest("the lab cannot run on this machine")
    if done.returncode != 0:
        raise AssertionError("the lab's root could not be made")


def parse_env(text):
    """The variables of an env file, as `lab start` prints it."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name: value.strip("'") for name, value in pairs}


def main():
    """Runs the calling module's tests; SKIPPED (77) when one could not run."""
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    skipped = len(result.skipped)
    failed = len(result.failures) + len(result.errors)
    # A class that is skipped whole counts as skipped once, and ran no test.
    passed = max(result.testsRun - failed - skipped, 0)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    if failed:
        sys.exit(1)
    if skipped:
        print(f"SKIPPED: {result.skipped[0][1]}")
        sys.exit(SKIPPED)
