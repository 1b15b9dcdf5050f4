"""MariaDB and PostgreSQL behind a test's Placement: in its root, reached by a socket in its folder.

A database's files are `<service folder>/database`, which server and database both see as
/srv/database. Nothing of it has to outlive the machine: no write waits for the disk.
"""

import os
import sys
import time

import server_inside

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
import contained  # pylint: disable=wrong-import-position

READY_TIMEOUT_S = 60
PACKAGES = ("mariadb-server", "postgresql", "python3-pymysql", "python3-psycopg2")

# The data folder's owner is another user than root, by its name in the root.
_MAKE_MARIADB = ("chown mysql: /srv/database && mariadb-install-db --no-defaults --user=mysql "
                 "--datadir=/srv/database/data --auth-root-authentication-method=normal "
                 "--skip-test-db")
_SERVE_MARIADB = ("exec mariadbd --no-defaults --user=mysql --datadir=/srv/database/data "
                  "--socket=/srv/database/socket --skip-networking --max-connections=300 "
                  "--innodb-flush-log-at-trx-commit=0 --pid-file=/srv/database/pid")
_ASK_MARIADB = ("mariadb --no-defaults --user=root --socket=/srv/database/socket "
                "--execute='CREATE DATABASE IF NOT EXISTS placement'")

_AS_POSTGRES = "setpriv --reuid=postgres --regid=postgres --clear-groups"
_MAKE_POSTGRESQL = ("chown postgres: /srv/database && "
                    f"{_AS_POSTGRES} /usr/lib/postgresql/*/bin/initdb --pgdata=/srv/database/data "
                    "--auth=trust --encoding=UTF8 --no-sync")
_SERVE_POSTGRESQL = (f"exec {_AS_POSTGRES} /usr/lib/postgresql/*/bin/postgres "
                     "-D /srv/database/data -k /srv/database -c listen_addresses= -c fsync=off "
                     "-c max_connections=300")
_ASK_POSTGRESQL = "psql --host=/srv/database --username=postgres --command='SELECT 1'"

_SCRIPTS = {"mariadb": (_MAKE_MARIADB, _SERVE_MARIADB, _ASK_MARIADB),
            "postgresql": (_MAKE_POSTGRESQL, _SERVE_POSTGRESQL, _ASK_POSTGRESQL)}
CONNECTIONS = {
    "mariadb": "mysql+pymysql://root@localhost/placement?unix_socket=/srv/database/socket",
    "postgresql": "postgresql+psycopg2://postgres@/postgres?host=/srv/database"}


def start(kind, root, folder, owner_pid):
    """Serves the database of `folder` until stopped or until `owner_pid` ends; made unless it is
    there. Whether it was made."""
    make, serve, ask = _SCRIPTS[kind]
    database = os.path.join(folder, "database")
    is_new = not os.path.exists(database)
    if is_new:
        os.chmod(folder, 0o711)  # The database's user goes through it.
        os.mkdir(database, 0o700)
        server_inside.run(root, folder, ["sh", "-c", make])
    command = server_inside.command(root, folder, ["sh", "-c", serve])
    contained.start(_process(folder), command, owner_pid)
    _await_answer(root, folder, ask)
    return is_new


def stop(folder):
    """Ends the database of `folder`, if there is one."""
    contained.stop(_process(folder))


def _process(folder):
    return folder + "-database"


def _await_answer(root, folder, ask):
    deadline = time.monotonic() + READY_TIMEOUT_S
    while True:
        try:
            return server_inside.run(root, folder, ["sh", "-c", ask])
        except server_inside.InsideError as error:
            if time.monotonic() > deadline or not contained.is_running(_process(folder)):
                with open(os.path.join(_process(folder), "log"), encoding="utf-8") as log:
                    raise server_inside.InsideError(f"{error}\n{log.read()[-3000:]}") from error
        time.sleep(0.1)
