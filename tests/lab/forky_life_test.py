#!/usr/bin/python3
"""The same life through ccplaced and ccplacectl built and run in Debian testing, whose libvirt's
client library is that of the lab's libvirtd."""

import harness
import life_test
from harness.forky_daemon import ForkyDaemon, build_programs


class WholeLifeInDebianTesting(life_test.WholeLife):
    """Every test of the other."""

    @classmethod
    def new_daemon(cls):
        build_programs()
        return ForkyDaemon(cls.lab)


if __name__ == "__main__":
    harness.main()
