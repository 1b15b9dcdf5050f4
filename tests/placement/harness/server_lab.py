"""A lab of one Placement and one Keystone under a state folder, and the files its clients read.

State folder: `placement/` and `keystone/` (the servers'), `tls/` (certificates), `state.json` (what
was set up), and for clients `env`, `clouds.yaml`, `openrc.password` and
`openrc.application_credential`. All of it is readable by its owner only.
"""

import base64
import json
import os
import secrets
import shutil
import sqlite3
import ssl

import keystone_catalog
import server_config
import server_databases
import server_inside
import server_process
import server_roots
import server_tls

SERVICES = ("placement", "keystone")
DATABASES = ("sqlite", *server_databases.CONNECTIONS)


class Lab:
    """The state folder `path`. Not for more than one process at a time."""

    def __init__(self, path, owner_pid):
        os.makedirs(path, mode=0o700, exist_ok=True)
        self.path = os.path.abspath(path)
        self._owner_pid = owner_pid
        self._state_path = os.path.join(self.path, "state.json")
        exists = os.path.exists(self._state_path)
        self.state = json.loads(server_process.read(self._state_path)) if exists else {}

    def folder(self, service):
        return os.path.join(self.path, service)

    def start_placement(self, options):
        """options: suite, auth (noauth2 or keystone), database (sqlite, mariadb, postgresql),
        sqlite_wait_s, front, workers, threads, tls. Returns the URL."""
        folder = self._new_folder("placement", options)
        connection = (server_databases.CONNECTIONS.get(options["database"])
                      or server_config.sqlite_connection(options["sqlite_wait_s"]))
        text = server_config.placement(options["auth"], self._authority(options["auth"]),
                                       connection)
        server_process.write(os.path.join(folder, "placement.conf"), text)
        root = self._start_placement_database(options["suite"], options["database"], folder)
        url = self._serve(root, "placement", options)
        self._record("placement", url=url, **options)
        if options["auth"] == "keystone":
            keystone_catalog.set_endpoint(self._administrator(), "placement", "placement", url)
        return url

    def _start_placement_database(self, suite, kind, folder):
        """With its tables. Returns the root in which Placement and it run."""
        make = ["placement-manage", "--config-file", "/srv/placement.conf", "db", "sync"]
        root = server_roots.existing_root(suite)
        if kind != "sqlite":
            if server_databases.start(kind, root, folder, self._owner_pid):
                server_inside.run(root, folder, make)
            return root
        if not os.path.exists(os.path.join(folder, "placement.sqlite")):
            _new_database(root, folder, "placement", make)
        return root

    def start_keystone(self, options):
        """options: suite, token_seconds, front, workers, threads, tls. Returns the URL, which ends in
        /v3."""
        folder = self._new_folder("keystone", options)
        text = server_config.keystone(options["token_seconds"])
        server_process.write(os.path.join(folder, "keystone.conf"), text)
        root = server_roots.existing_root(options["suite"])
        is_new = not os.path.exists(os.path.join(folder, "keystone.sqlite"))
        if is_new:
            self._set_up_keystone(root, folder)
        url = self._serve(root, "keystone", options) + "/v3"
        self._record("keystone", url=url, **options)
        if is_new:
            self._fill_keystone()
        return url

    def stop(self, service):
        server_process.stop(self.folder(service))
        server_databases.stop(self.folder(service))

    def running(self):
        """The services that run."""
        return [name for name in SERVICES if server_process.is_running(self.folder(name))]

    def _new_folder(self, service, options):
        folder = self.folder(service)
        if server_process.is_running(folder):
            raise server_process.ServerError(f"{service} of {self.path} already runs")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        text = server_config.application(service, options["suite"])
        server_process.write(os.path.join(folder, "app.py"), text)
        if options["tls"]:
            server_tls.make(os.path.join(self.path, "tls"))
            server_process.copy_certificates(os.path.join(self.path, "tls"), folder)
        return folder

    def _serve(self, root, service, options):
        folder = self.folder(service)
        with server_process.listen(folder) as listener:
            port = listener.getsockname()[1]
            server_process.launch(root, folder, listener, options, self._owner_pid)
        server_process.await_answer(folder, port, options["tls"])
        return f"https://localhost:{port}" if options["tls"] else f"http://127.0.0.1:{port}"

    def _set_up_keystone(self, root, folder):
        for name in ("fernet", "credential"):
            _write_fernet_keys(os.path.join(folder, name))
        password = secrets.token_urlsafe(24)
        manage = ["keystone-manage", "--config-file", "/srv/keystone.conf"]
        _new_database(root, folder, "keystone", manage + ["db_sync"])
        server_inside.run(root, folder, [f"OS_BOOTSTRAP_PASSWORD={password}", *manage, "bootstrap",
                                         "--bootstrap-region-id", keystone_catalog.REGION])
        self._record("keystone", admin_password=password)

    def _fill_keystone(self):
        administrator = self._administrator()
        url = self.state["keystone"]["url"]
        keystone_catalog.set_endpoint(administrator, "keystone", "identity", url)
        passwords = keystone_catalog.add_service_users(administrator)
        session = self._session("ccplace", passwords["ccplace"], "service")
        credential = keystone_catalog.add_application_credential(session)
        self._record("keystone", passwords=passwords, application_credential=credential)

    def _administrator(self):
        return self._session("admin", self.state["keystone"]["admin_password"], "admin")

    def _session(self, user, password, project):
        url = self.state["keystone"]["url"]
        return keystone_catalog.Keystone(url, user, password, project, self._tls_context(url))

    def _tls_context(self, url):
        if not url.startswith("https:"):
            return None
        context = ssl.create_default_context(cafile=os.path.join(self.path, "tls", "ca.crt"))
        context.load_cert_chain(os.path.join(self.path, "tls", "client.crt"),
                                os.path.join(self.path, "tls", "client.key"))
        return context

    def _authority(self, auth):
        """What Placement must know of Keystone, None without it."""
        if auth != "keystone":
            return None
        if "keystone" not in self.state:
            raise server_process.ServerError("start keystone first: placement was told to use it")
        keystone = self.state["keystone"]
        return {"url": keystone["url"], "password": keystone["passwords"]["placement"],
                "ca": "/srv/tls/ca.crt" if keystone["tls"] else None}

    def _record(self, service, **facts):
        self.state.setdefault(service, {}).update(facts)
        server_process.write(self._state_path, json.dumps(self.state, indent=2))


def _write_fernet_keys(folder):
    """A key repository as keystone-manage makes it: 0 is staged, 1 is the primary key."""
    os.makedirs(folder, mode=0o700)
    for name in ("0", "1"):
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        server_process.write(os.path.join(folder, name), key)


def _new_database(root, folder, service, make):
    """`folder`/SERVICE.sqlite with its tables and nothing in them. `make`, run in `root`, takes a
    while and always makes the same: what it made is kept in the root, and goes with it."""
    path = os.path.join(folder, f"{service}.sqlite")
    kept = os.path.join(root, f"empty-{service}.sqlite")
    if not os.path.exists(kept):
        server_inside.run(root, folder, make)
        _let_readers_be(path)
        part = f"{kept}.{os.getpid()}.part"
        shutil.copyfile(path, part)
        os.rename(part, kept)
    shutil.copyfile(kept, path)


def _let_readers_be(path):
    """Write-ahead logging, which stays with the file: a reader no longer locks a writer out.

    Keystone of Debian 12 reads and writes on two connections in one request, and would wait for
    itself until it times out.
    """
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
