"""Runs commands inside a server root: read-only, with one writable folder mounted at /srv."""

import subprocess

STATE_INSIDE = "/srv"

# Runs as the first process of its own mount namespace, so each mount is gone with the command.
_ENTER = """
root=$1 state=$2
shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount --bind "$state" "$root/srv"
exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/tmp LANG=C.UTF-8 "$@"
"""


class InsideError(Exception):
    """A command inside a root that failed, with the end of what it said."""


def command(root, state, argv):
    """The command that, in a mount namespace of its own, runs `argv` in `root`.

    state: the folder `argv` finds at /srv. argv: may begin with NAME=VALUE for its environment.
    """
    return ["/bin/sh", "-euc", _ENTER, "enter", root, state, *argv]


def run(root, state, argv):
    """Runs `argv` in `root` to its end."""
    wrapper = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--"]
    result = subprocess.run(wrapper + command(root, state, argv), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    if result.returncode != 0:
        raise InsideError(f"{' '.join(argv[:3])} failed in {root}:\n{result.stdout[-4000:]}")
