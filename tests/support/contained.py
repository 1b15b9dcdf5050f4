#!/usr/bin/python3
"""Runs a test's server in namespaces of its own, for as long as its owner lives.

A contained command is the first process of its own pid namespace and sees a mount namespace of its
own. When it ends, the kernel ends everything it started and drops every mount it made, so nothing
can be left behind. It ends when

  * `stop` is called, or
  * its owner dies in whatever way, kill -9 included, or
  * its supervisor dies in whatever way.

Each contained command has a directory, which holds `log` (its output) and `supervisor.lock` (held
by the supervisor for as long as the command may still run, with the supervisor's pid in it).

As a program:
  contained.py start --dir DIR [--owner PID] [--sweep] -- COMMAND ARG...
      owner: the caller's parent if unset; sweep: DIR goes with the command
  contained.py stop --dir DIR
  contained.py status --dir DIR                                  exit code 0: runs, 3: does not
"""

import argparse
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time

STOP_TIMEOUT_S = 60
START_TIMEOUT_S = 60
NOT_RUNNING_EXIT_CODE = 3


class ContainedError(Exception):
    """What was attempted, on what, and why it failed."""


def start(directory, command, owner_pid, pass_fds=(), sweep=False):
    """Starts `command` (a list) in namespaces of its own and returns once its supervisor stands.

    pass_fds: open descriptors the command inherits under the same numbers.
    sweep: the directory is removed after the command was stopped or its owner died; it stays, for
    its log, when the command ended by itself.
    """
    owner_fd = _open_owner(owner_pid)
    os.makedirs(directory, mode=0o700, exist_ok=True)
    ready_fd, report_fd = os.pipe()
    child_pid = os.fork()
    if child_pid == 0:
        os.close(ready_fd)
        _become_supervisor(directory, command, owner_fd, report_fd, pass_fds, sweep)
    os.close(report_fd)
    os.close(owner_fd)
    os.waitpid(child_pid, 0)
    _await_report(directory, ready_fd)


def stop(directory):
    """Ends the command of `directory` and all it started. Nothing to do when it does not run."""
    pid = supervisor_pid(directory)
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_running(directory):
        if time.monotonic() > deadline:
            raise ContainedError(f"{directory}: supervisor {pid} runs after {STOP_TIMEOUT_S} s")
        time.sleep(0.02)


def is_running(directory):
    return supervisor_pid(directory) is not None


def supervisor_pid(directory):
    """The supervisor's pid, or None when none holds the lock of `directory`."""
    try:
        lock = open(_lock_path(directory), encoding="ascii")
    except FileNotFoundError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read())
    return None


def _lock_path(directory):
    return os.path.join(directory, "supervisor.lock")


def _open_owner(owner_pid):
    try:
        return os.pidfd_open(owner_pid)
    except OSError as error:
        raise ContainedError(f"owner {owner_pid}: {error.strerror}; name a live process") from error


def _await_report(directory, ready_fd):
    with os.fdopen(ready_fd, "rb") as ready:
        readable, _, _ = select.select([ready], [], [], START_TIMEOUT_S)
        report = ready.read() if readable else b"no supervisor in time"
    if report != b"ready":
        reason = report.decode() or f"supervisor died, see {directory}/log"
        raise ContainedError(f"{directory}: {reason}")


def _become_supervisor(directory, command, owner_fd, report_fd, pass_fds, sweep):
    """Never returns: leaves the caller's session and supervises `command` until it ends."""
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    exit_code = 1
    try:
        _leave_caller(directory, {owner_fd, report_fd, *pass_fds})
        exit_code = _supervise(directory, command, owner_fd, report_fd, pass_fds, sweep)
    except BaseException as error:  # pylint: disable=broad-except
        os.write(report_fd, f"supervisor failed: {error}".encode())
    os._exit(exit_code)


def _leave_caller(directory, kept_fds):
    """Lets go of the caller's terminal, pipes and locks: nobody may wait for the supervisor."""
    log_fd = os.open(os.path.join(directory, "log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null_fd = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null_fd, 0)
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept_fds:
            _close_if_open(int(name))


def _close_if_open(descriptor):
    try:
        os.close(descriptor)
    except OSError:
        pass


def _supervise(directory, command, owner_fd, report_fd, pass_fds, sweep):
    with open(_lock_path(directory), "a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.write(report_fd, b"already runs; stop it first")
            return 1
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        child = _spawn(command, pass_fds)
        asked = threading.Event()

        def end(*_):
            asked.set()
            _end(child)

        signal.signal(signal.SIGTERM, end)
        os.write(report_fd, b"ready")
        os.close(report_fd)
        _wait_for_end(child, owner_fd, end)
        if sweep and asked.is_set():
            shutil.rmtree(directory, ignore_errors=True)
    return 0


def _spawn(command, pass_fds):
    """unshare(1) reaps the namespaces' first process and dies, taking it along, with this one."""
    wrapper = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
               "--kill-child", "--"]
    child = subprocess.Popen(wrapper + command, stdin=subprocess.DEVNULL, pass_fds=pass_fds)
    for descriptor in pass_fds:
        os.close(descriptor)
    return child


def _wait_for_end(child, owner_fd, end):
    child_fd = os.pidfd_open(child.pid)
    poll = select.poll()
    poll.register(child_fd, select.POLLIN)
    poll.register(owner_fd, select.POLLIN)
    ended = {descriptor for descriptor, _ in poll.poll()}
    if child_fd not in ended:
        end()
    child.wait()


def _end(child):
    """Kills the namespaces' first process; unshare(1) then returns once all in them are gone."""
    path = f"/proc/{child.pid}/task/{child.pid}/children"
    try:
        with open(path, encoding="ascii") as children:
            first_processes = [int(pid) for pid in children.read().split()]
    except FileNotFoundError:
        return
    for pid in first_processes:
        os.kill(pid, signal.SIGKILL)
    if not first_processes:
        child.kill()


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("action", choices=("start", "stop", "status"))
    parser.add_argument("--dir", required=True)
    parser.add_argument("--owner", type=int, default=os.getppid())
    parser.add_argument("--sweep", action="store_true")
    return parser.parse_args(arguments)


def _split_command(arguments):
    """What stands before and after the first `--`."""
    if "--" not in arguments:
        return arguments, []
    cut = arguments.index("--")
    return arguments[:cut], arguments[cut + 1:]


def main(arguments):
    own_arguments, command = _split_command(arguments)
    options = _parse(own_arguments)
    if options.action == "status":
        return 0 if is_running(options.dir) else NOT_RUNNING_EXIT_CODE
    if options.action == "stop":
        stop(options.dir)
        return 0
    if not command:
        raise ContainedError("start: name a command after --")
    start(options.dir, command, options.owner, sweep=options.sweep)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ContainedError as failure:
        sys.exit(f"contained: {failure}")
