"""Where a guide's commands run: a host of their own, with ccplaced --simulate on its sockets.

Enters a mount and a network namespace of its own, so that /run and loopback's ports are private, and
works in a fresh folder that holds the repository's examples/, a small firmware image, and a quote to
take apart. All of it ends with the process.
"""

import ctypes
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import quote_fixture

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import waiting  # pylint: disable=wrong-import-position

START_TIMEOUT_S = 60
COMMAND_TIMEOUT_S = 60
PR_SET_PDEATHSIG, SIGKILL = 1, 9


class Sandbox:
    """One simulated host. Use as a context; single-threaded."""

    def __init__(self, programs):
        """programs: paths of what the guides call; each is found by its own name."""
        self._programs = [pathlib.Path(program).resolve() for program in programs]
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="ccplace-docs."))
        self._daemon = None
        self._started = []

    def __enter__(self):
        try:
            self._furnish()
            self._start_daemon()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop_started()
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(timeout=START_TIMEOUT_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def has(self, program):
        """Whether commands find `program`."""
        return shutil.which(program, path=self._environment()["PATH"]) is not None

    def run(self, text):
        """Runs one command of a shell: its exit code and what it printed, on both streams."""
        done = subprocess.run(["bash", "-c", text], cwd=self._folder / "home", text=True,
                              env=self._environment(), stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=COMMAND_TIMEOUT_S)
        return done.returncode, done.stdout

    def start(self, text):
        """Starts a command that ends with "&", a daemon, and returns once it serves. What it said
        when it does not."""
        log = self._folder / f"log{len(self._started)}"
        with open(log, "wb") as stream:
            self._started.append(subprocess.Popen(
                ["bash", "-c", f"exec {text.rstrip('& ')}"], cwd=self._folder / "home",
                env=self._environment(), stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
                preexec_fn=_die_with_parent))
        try:
            waiting.wait_for_program(self._started[-1], lambda: "serving on" in log.read_text(),
                                     START_TIMEOUT_S, log.read_text)
        except waiting.NeverCameError as failure:
            return str(failure)
        return None

    def stop_started(self):
        """Stops what `start` started."""
        while self._started:
            process = self._started.pop()
            process.terminate()
            process.wait(timeout=START_TIMEOUT_S)

    def file(self, name, content):
        """Writes a file beside the home folder and returns its path."""
        path = self._folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def _environment(self):
        path = f"{self._folder}/bin:{ROOT}/tests/node_modules/.bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": str(self._folder / "home"), "LC_ALL": "C.UTF-8",
                "TMPDIR": str(self._folder)}

    def _furnish(self):
        for name in ("home", "bin"):
            (self._folder / name).mkdir()
        shutil.copytree(ROOT / "examples", self._folder / "home" / "examples")
        (self._folder / "home" / "proto").symlink_to(ROOT / "proto")
        shutil.copy(ROOT / "tests" / "data" / "tdvf" / "ovmf.fd",
                    self._folder / "home" / "firmware.fd")
        nonce = bytes(range(64))
        (self._folder / "home" / "nonce.bin").write_bytes(nonce)
        (self._folder / "home" / "quote.bin").write_bytes(quote_fixture.quote(nonce))
        for program in self._programs:
            (self._folder / "bin" / program.name).symlink_to(program)

    def _start_daemon(self):
        log = self._folder / "log"
        with open(log, "wb") as stream:
            self._daemon = subprocess.Popen(
                [self._folder / "bin" / "ccplaced", "--simulate"],
                stderr=stream, preexec_fn=_die_with_parent)
        waiting.wait_for_program(
            self._daemon, lambda: self.run("ccplacectl capabilities")[0] == 0, START_TIMEOUT_S,
            log.read_text)


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)


def enter_namespace():
    """Runs this program again in namespaces with a private /run and loopback, unless it already is."""
    if os.environ.get("CCPLACE_DOCS_SANDBOX"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["CCPLACE_DOCS_SANDBOX"] = "1"
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.execvp("unshare", ["unshare", *user, "--mount", "--net", "--", sys.executable, *sys.argv])
