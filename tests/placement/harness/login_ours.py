"""What ccplace-sync makes of each case's files and variables, seen at the paths the SDK sees.

  login_ours.py FOLDER CCPLACE_SYNC HOST_SOCKET   FOLDER is mounted at /srv; writes ours.json there
"""

import json
import os
import subprocess
import sys


def run(number, variables, *flags):
    """(exit code, standard output, standard error)"""
    done = subprocess.run(flags, cwd=f"/srv/{number}", env=variables, capture_output=True,
                          text=True, errors="replace", timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def judge(number, variables, sync, socket):
    """What it says, and for a login whether it was sent (the server answers 401 to all)."""
    code, told, log = run(number, variables, sync, "--explain_login")
    if code != 0:
        return {"code": code, "error": log}
    lines = dict(line.split(": ", 1) for line in told.splitlines())
    if "auth_url" in lines:
        run(number, variables, sync, "--once", f"--ccplaced=unix:{socket}",
            f"--log_level=off", f"--root_name=case-{number}")
    return {"code": 0, "lines": lines}


def main(folder, sync, socket):
    """Judges all cases."""
    with open(os.path.join(folder, "cases.json"), encoding="utf-8") as cases:
        variables = json.load(cases)
    judged = [judge(number, each, sync, socket) for number, each in enumerate(variables)]
    with open(os.path.join(folder, "ours.json"), "w", encoding="utf-8") as out:
        json.dump(judged, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
