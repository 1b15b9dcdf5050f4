"""Many ccplace-syncs against one Placement with four workers on MariaDB and on PostgreSQL, while
others allocate and release keys and write beside them; and a SQLite that somebody holds locked."""

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
import threading
import unittest
import uuid

import placement_client
import server_case
import sync_case

HOSTS = 80
KEYS = 63
KEY_CLASS = placement_client.MEM_ENCRYPTION_CONTEXT
ALLOCATORS = 4
TURNS = 60  # Of each allocator.
SEED = 20261129


class Node:
    """A compute node: its host, its ccplace-sync, and what Placement should hold for it."""

    def __init__(self, folder, number, placement):
        self.folder = os.path.join(folder, str(number))
        os.mkdir(self.folder)
        self.name = f"node-{number}"
        self.root = placement.create_provider(self.name)
        self.host = sync_case.FakeHost(self.folder, self.name)
        self.in_use = 0
        self.sync = None

    def say(self, in_use):
        self.in_use = in_use
        self.host.say(total=KEYS, in_use=in_use, running=in_use)

    def start(self, url):
        self.sync = sync_case.Sync(self.host, os.path.join(self.folder, "log"),
                                   {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": url}, "--interval=4s")

    def close(self):
        if self.sync is not None:
            self.sync.close()
        self.host.close()


class Allocator(threading.Thread):
    """Allocates and releases keys of children by turns, as nova does: tries again after a 409."""

    def __init__(self, placement, children, seed):
        super().__init__()
        self._placement = placement
        self._children = children
        self._random = random.Random(seed)
        self.held = {}  # Child by consumer.
        self.released = []
        self.failure = None

    def run(self):
        try:
            for _ in range(TURNS):
                self._turn()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def _turn(self):
        if self.held and self._random.random() < 0.4:
            consumer = self._random.choice(sorted(self.held))
            self._until_done(lambda: self._placement.release(consumer))
            self.released.append(consumer)
            return self.held.pop(consumer)
        consumer, child = str(uuid.UUID(int=self._random.getrandbits(128))), self._random.choice(
            self._children)
        self._until_done(lambda: self._placement.allocate(consumer, {child: {KEY_CLASS: 1}}))
        self.held[consumer] = child
        return child

    @staticmethod
    def _until_done(act):
        while True:
            try:
                return act()
            except placement_client.Refused as refused:
                if refused.status != 409:
                    raise


class Databases(server_case.ServerCase):
    """80 nodes. Becomes a unittest.TestCase, and sets `database`, for each kind."""

    suite = "sid"
    database = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = cls.start("placement", "--database", cls.database, "--workers", "4")
        cls.placement = placement_client.PlacementClient(cls.url)

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="ccplace-sync-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.nodes = []
        for number in range(HOSTS):
            self.nodes.append(Node(folder, number, self.placement))
            self.addCleanup(self.nodes[-1].close)

    def test_lose_nothing_of_80_syncs_nor_of_those_who_write_beside_them(self):
        self.start_all_at_once()
        children = [self.child_of(node) for node in self.nodes]
        allocators = [Allocator(self.placement, children, SEED + number)
                      for number in range(ALLOCATORS)]
        labeller = threading.Thread(target=self.label, args=(children,))
        for thread in (*allocators, labeller):
            thread.start()
        self.change_all(SEED)
        for thread in (*allocators, labeller):
            thread.join()
        self.assertEqual([allocator.failure for allocator in allocators], [None] * ALLOCATORS)
        self.check_allocations(allocators)
        self.check_children(children)
        self.assertEqual([node.name for node in self.nodes if node.sync.process.poll() is not None],
                         [])

    def start_all_at_once(self):
        for node in self.nodes:
            node.say(in_use=0)
            node.start(self.url)
        for node in self.nodes:
            sync_case.wait_for(f"child of {node.name}", lambda n=node: self.figures(n),
                               lambda figures: figures == (KEYS, 0))

    def change_all(self, seed):
        """Three times, in an order of its own."""
        shuffled = random.Random(seed)
        for _ in range(3):
            for node in shuffled.sample(self.nodes, HOSTS):
                node.say(in_use=shuffled.randrange(12))

    def label(self, children):
        """Somebody adds a trait to each child."""
        self.placement.create_trait("CUSTOM_BESIDE")
        for child in children:
            while not self.add_label(child):
                pass

    def add_label(self, child):
        generation = self.placement.generation(child)
        traits = self.placement.traits(child) | {"CUSTOM_BESIDE"}
        try:
            self.placement.set_traits(child, traits, generation)
        except placement_client.Refused as refused:
            # MariaDB and PostgreSQL give one of two transactions up that meet, and Placement tries
            # only some of them again.
            self.assertIn(refused.status, (409, 500), refused)
            return False
        return True

    def child_of(self, node):
        return self.placement.provider(f"{node.name}_intel_tdx")["uuid"]

    def figures(self, node):
        """(total, reserved) of the child, None before there is one."""
        child = self.placement.provider(f"{node.name}_intel_tdx")
        inventory = child and self.placement.inventories(child["uuid"]).get(KEY_CLASS)
        return (inventory["total"], inventory["reserved"]) if inventory else None

    def check_allocations(self, allocators):
        for allocator in allocators:
            self.assertTrue(allocator.held)
            for consumer, child in allocator.held.items():
                self.assertEqual(self.allocations(consumer), {child: {KEY_CLASS: 1}})
            for consumer in allocator.released:
                self.assertEqual(self.allocations(consumer), {})

    def allocations(self, consumer):
        answer = self.placement.get(f"/allocations/{consumer}")["allocations"]
        return {child: part["resources"] for child, part in answer.items()}

    def check_children(self, children):
        """One below each root; with the latest figures, and what was added beside."""
        for node, child in zip(self.nodes, children):
            allocated = self.placement.usages(child)[KEY_CLASS]
            wanted = (KEYS, max(0, node.in_use - allocated))
            sync_case.wait_for(f"{wanted} at {node.name}", lambda n=node: self.figures(n),
                               lambda figures, w=wanted: figures == w)
            self.assertEqual(self.placement.traits(child), {sync_case.TDX_TRAIT, "CUSTOM_BESIDE"})
            self.assertEqual(set(self.placement.tree(node.root)),
                             {node.name, f"{node.name}_intel_tdx"})


class MariaDbTest(Databases, unittest.TestCase):
    database = "mariadb"


class PostgreSqlTest(Databases, unittest.TestCase):
    database = "postgresql"


class LockedSqliteTest(sync_case.SyncCase, unittest.TestCase):
    """A SQLite that gives a waiting writer up after a tenth of a second."""

    suite = "sid"

    @classmethod
    def setUpClass(cls):
        server_case.ServerCase.setUpClass.__func__(cls)
        cls.url = cls.start("placement", "--sqlite-wait-s", "0.1")
        cls.placement = placement_client.PlacementClient(cls.url)

    @contextlib.contextmanager
    def locked(self):
        """Nobody else can write meanwhile. Yields what ends it early."""
        path = os.path.join(self.directory, "lab", "placement", "placement.sqlite")
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield lambda: connection.execute("ROLLBACK")
        finally:
            connection.close()

    def refused_writes(self):
        return [line for line in self.writes() if line["status"] == 500]

    def test_is_waited_out_by_one_round(self):
        self.make_root()
        self.host.say(total=KEYS)
        ended = []
        with self.locked() as unlock:
            run = threading.Thread(target=lambda: ended.append(self.run_once("--once")))
            run.start()
            sync_case.wait_for("a write that was refused", self.refused_writes)
            unlock()
            run.join()
        self.assertEqual(ended[0][0], 0, ended)
        self.assertEqual(self.keys(), (KEYS, 0))

    def test_that_stays_locked_ends_one_round_with_its_own_words(self):
        self.make_root()
        self.host.say(total=KEYS)
        with self.locked():
            code, _, log = self.run_once("--once")
        self.assertEqual((code, "database is locked" in log), (1, True), log)
        self.assertGreater(len(self.refused_writes()), 1)
        self.assertIsNone(self.child())


if __name__ == "__main__":
    unittest.main()
