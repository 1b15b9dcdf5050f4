"""What ccplaced says of a host's guests, through everything that says it."""

import re
import sys
import threading
import time
import urllib.request

from harness import HERE
from harness.contract import v1

sys.path.insert(0, str(HERE.parent / "support"))
from waiting import wait_for  # noqa: E402

SETTLE_SECONDS = 30  # For machines under load; what it took is printed.
FIGURES = ("defined", "running", "in_use")
_SAMPLE = re.compile(r'^ccplace_(keys|domains){(.*)} (\S+)$', re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class HostViews:
    """WatchHost, TdxInventory, ListTdxDomains and the metrics of a daemon; a context manager.

    daemon: a running Daemon, with metrics on this port of 127.0.0.1. Not thread-safe.
    """

    def __init__(self, daemon, metrics_port):
        self._daemon = daemon
        self._metrics = f"http://127.0.0.1:{metrics_port}/metrics"
        self._told = None
        self._call = None
        self._reader = None
        self.slowest_ms = 0

    def __enter__(self):
        self._call = self._daemon.host.WatchHost(v1.WatchHostRequest())
        self._told = next(self._call)
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self._call.cancel()
        self._reader.join()

    def _follow(self):
        try:
            for told in self._call:
                self._told = told
        except Exception:  # pylint: disable=broad-except
            pass  # Cancelled, or the daemon ended: the last that was told stays.

    def seen(self):
        """Figures by who says them, and the states of domains by name and by number."""
        listed = self._daemon.call("ListTdxDomains").domains
        keys, states = self._of_metrics()
        return {"watch": _figures(self._told.tdx_keys),
                "inventory": _figures(self._daemon.call("TdxInventory").keys),
                "metrics": keys,
                "listed": {each.name: _word(each.state) for each in listed},
                "counted": states}

    def _of_metrics(self):
        text = urllib.request.urlopen(self._metrics, timeout=10).read().decode()
        keys, states = {}, {}
        for family, labels, value in _SAMPLE.findall(text):
            labels = dict(_LABEL.findall(labels))
            if family == "domains" and float(value) > 0:
                states[labels["state"]] = int(value)
            elif labels.get("model") == "intel-tdx" and labels["figure"] in FIGURES:
                keys[labels["figure"]] = int(value)
        return keys, states

    def await_only(self, name, state, held):
        """Waits until all of them say so: one domain, in that state; `held`: with its key."""
        self.await_all({name: state}, held=int(held))

    def await_all(self, states, held, defined=None):
        """The same for several. held: how many keys; defined: with those of others."""
        figures = {"defined": len(states) if defined is None else defined, "running": held,
                   "in_use": held}
        # The exposition has no samples for `defined`.
        counted = {state: list(states.values()).count(state) for state in set(states.values())}
        wanted = {"watch": figures, "inventory": figures,
                  "metrics": {name: figures[name] for name in ("running", "in_use")},
                  "listed": states, "counted": counted}
        began = time.monotonic()
        wait_for(f"{wanted}", self.seen, SETTLE_SECONDS, lambda seen: seen == wanted)
        self.slowest_ms = max(self.slowest_ms, round((time.monotonic() - began) * 1000))


def _figures(keys):
    return {name: getattr(keys, name).value if getattr(keys, name).HasField("value") else None
            for name in FIGURES}


def _word(state):
    return v1.DomainState.Name(state).removeprefix("DOMAIN_STATE_").lower()
