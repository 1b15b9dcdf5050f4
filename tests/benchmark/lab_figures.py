"""Figures that need real libvirt: the lab's host, and the built ccplaced on it."""

import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build" / "release" / "tests" / "benchmark" / "rpc"
sys.path.insert(0, str(ROOT / "tests" / "lab"))

import harness  # noqa: E402
from daemon import Daemon  # noqa: E402
from trust_domains import make_disk  # noqa: E402

READS = ("HostCapabilities", "TdxInventory")
ROUNDS = 5


def add(table, calls):
    """Adds the lab's rows to `table`; `calls` of each load."""
    with harness.Lab("full") as lab, Daemon.on(lab, "--refresh_interval=10s") as daemon:
        _define(table, lab, daemon)
        _reads_while_stopped(table, lab, daemon, calls)


def _define(table, lab, daemon):
    out = _run("define_benchmark", f"unix:{daemon.socket}", lab.uri, make_disk(lab))
    table.add("libvirt alone: definition, validated", out["raw_ms"], "ms")
    table.add("libvirt alone: the same with look-ups and XML read back", out["careful_ms"], "ms")
    table.add("reading the host anew", out["refresh_ms"], "ms")
    table.add("DefineTdxDomain, to libvirt's definition", out["rpc_ms"] / out["raw_ms"], "",
              ("<=", 1.05))
    table.add("DefineTdxDomain, to definition with look-ups",
              out["rpc_ms"] / out["careful_ms"], "")


def _reads_while_stopped(table, lab, daemon, calls):
    for name in READS:
        throughput, slowest = [], []
        for turn in range(ROUNDS + 1):  # The first only warms up.
            running = _reads(daemon, name, calls)
            with lab.paused():
                stopped = _reads(daemon, name, calls)
            if turn > 0:
                throughput.append(stopped["calls_per_second"] / running["calls_per_second"])
                slowest.append(stopped["p99_us"] / running["p99_us"])
        table.add(f"{name} while libvirtd is stopped: throughput, to while it runs",
                  statistics.median(throughput), "", (">=", 0.95))
        table.add(f"{name} while libvirtd is stopped: p99, to while it runs",
                  statistics.median(slowest), "", ("<=", 1.2))


def _reads(daemon, name, calls):
    out = _run("rpc_load", f"unix:{daemon.socket}", f"/ccplace.v1.HostService/{name}", "64",
               str(calls))
    if out["failed"]:
        raise RuntimeError(f"{name}: {out['failed']} calls failed")
    return out


def _run(program, *arguments):
    done = subprocess.run([str(PROGRAMS / program), *arguments], check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
