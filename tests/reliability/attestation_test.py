"""The built ccplaced with --require_attestation while the Quote Generation Service comes and goes.

usage: CCPLACED=PROGRAM attestation_test.py
"""

import pathlib
import socket
import sys
import tempfile
import threading
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "support")]

from harness.contract import v1  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from waiting import wait_for  # noqa: E402

KEYS = 63
PATIENCE_S = 60


class QuoteService:
    """Listens where the service does, and hangs up on whoever connects; a context manager."""

    def __init__(self, path):
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._path.chmod(0o666)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self):
        while True:
            try:
                self._listener.accept()[0].close()
            except OSError:
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self._path.unlink()


class RequireAttestation(unittest.TestCase):
    """A host of 63 keys, of real files and libvirt's own test driver."""

    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ccplace-host-")))
        for name, text in (("sys/fs/cgroup/misc.capacity", f"tdx {KEYS}\n"),
                           ("sys/fs/cgroup/misc.current", "tdx 0\n")):
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.socket = self.root / "run/qgs.socket"
        self.socket.parent.mkdir()

    def daemon(self, *flags):
        return self.enterContext(Daemon([
            f"--host_root={self.root}", "--libvirt_uri=test:///default", "--node_name=node",
            "--quote_service_path=/run/qgs.socket", "--refresh_interval=200ms", *flags]))

    @staticmethod
    def keys(daemon):
        """(reserved, usable, whether a reason is told), None for what is unknown."""
        keys = daemon.call("TdxInventory").keys
        figures = [figure.value if figure.HasField("value") else None
                   for figure in (keys.reserved, keys.usable)]
        return (*figures, bool(keys.withheld))

    def wait_for_keys(self, daemon, reserved, usable, withheld):
        wait_for(f"reserved {reserved}, usable {usable}", lambda: self.keys(daemon), PATIENCE_S,
                 lambda keys: keys == (reserved, usable, withheld))

    def test_withholds_keys_until_the_service_is_there_and_while_it_is_gone(self):
        daemon = self.daemon("--require_attestation")
        self.wait_for_keys(daemon, KEYS, 0, True)
        self.assertIn("no guest can be attested", daemon.call("TdxInventory").keys.withheld)
        with QuoteService(self.socket):
            self.wait_for_keys(daemon, 0, KEYS, False)
        self.wait_for_keys(daemon, KEYS, 0, True)
        log = daemon.log()
        self.assertEqual(log.count("intel-tdx keys are withheld from schedulers: "), 2, log)
        self.assertEqual(log.count("intel-tdx keys are given back to schedulers"), 1, log)

    def test_offers_them_at_once_where_the_service_is_there(self):
        with QuoteService(self.socket):
            daemon = self.daemon("--require_attestation")
            self.assertEqual(self.keys(daemon), (0, KEYS, False))

    def test_tells_a_watcher_of_both_changes(self):
        with QuoteService(self.socket):
            daemon = self.daemon("--require_attestation")
            watch = self.enterContext(daemon.watching())
            self.assertEqual(next(watch).tdx_keys.withheld, "")
        next(state for state in watch if state.tdx_keys.withheld)
        with QuoteService(self.socket):
            next(state for state in watch if not state.tdx_keys.withheld)

    def test_offers_them_whatever_becomes_of_the_service_where_nothing_is_asked(self):
        daemon = self.daemon()
        self.assertEqual(self.keys(daemon), (0, KEYS, False))
        policy = daemon.call("HostCapabilities", v1.HostCapabilitiesRequest()).capabilities.policy
        self.assertFalse(policy.require_attestation)


if __name__ == "__main__":
    unittest.main()
