"""The configuration and WSGI entry files of Placement and Keystone, per Debian suite."""

# The service application of each release. Both parse the process's arguments when they load, and
# would take gunicorn's for their own.
_APPLICATIONS = {
    ("placement", "bookworm"): "from placement.wsgi import init_application\n"
                               "application = init_application()",
    ("placement", "sid"): "from placement.wsgi.api import application",
    ("keystone", "bookworm"): "from keystone.server.wsgi import initialize_public_application\n"
                              "application = initialize_public_application()",
    ("keystone", "sid"): "from keystone.wsgi.api import application",
}

# Waiting writers: SQLite lets one in at a time, and gives the others up after this long.
SQLITE_WAIT_S = 30

# Hashing a password is made slow on purpose, and each login does it: at the default of 12, bcrypt
# takes a quarter of a second of a core. 4 is the least that Keystone takes.
_LEAST_HASH_ROUNDS = 4


# Placement's own Keystone client takes tokens that live 120 s or less for stale: three logins
# for each request. The tests' tokens are short.
_USE_SHORT_TOKENS = ("from keystoneauth1.identity.base import BaseIdentityPlugin\n"
                     "BaseIdentityPlugin.MIN_TOKEN_LIFE_SECONDS = 1\n")


def application(service, suite):
    """The Python file gunicorn and uwsgi load; its callable is `application`."""
    load = _APPLICATIONS[(service, suite)]
    return f"import sys\nsys.argv = sys.argv[:1]\n{_USE_SHORT_TOKENS}{load}\n"


def sqlite_connection(wait_s):
    """Placement's own file. A writer that waited for another one for that long gives up."""
    return f"sqlite:////srv/placement.sqlite?timeout={wait_s}"


def placement(auth, keystone=None, connection=None):
    """placement.conf. auth: noauth2 or keystone; keystone: its url, password and ca (or None);
    connection: the database's URL, a patient SQLite's when left out."""
    text = (f"[api]\nauth_strategy = {auth}\n"
            f"[placement_database]\nconnection = {connection or sqlite_connection(SQLITE_WAIT_S)}\n"
            "sqlite_synchronous = false\n")
    return text + _keystone_authtoken(keystone) if auth == "keystone" else text


def _keystone_authtoken(keystone):
    """Token answers are never cached, so that an expired or revoked token is refused at once."""
    return ("[keystone_authtoken]\n"
            f"www_authenticate_uri = {keystone['url']}\nauth_url = {keystone['url']}\n"
            "auth_type = password\nusername = placement\nproject_name = service\n"
            "user_domain_name = Default\nproject_domain_name = Default\n"
            f"password = {keystone['password']}\n"
            f"cafile = {keystone['ca'] or ''}\n"
            "token_cache_time = -1\nservice_token_roles_required = true\n")


def keystone(token_seconds):
    """keystone.conf with fernet tokens that live for `token_seconds`."""
    return (f"[database]\nconnection = sqlite:////srv/keystone.sqlite?timeout={SQLITE_WAIT_S}\n"
            "sqlite_synchronous = false\n"
            f"[token]\nprovider = fernet\nexpiration = {token_seconds}\n"
            "[fernet_tokens]\nkey_repository = /srv/fernet\n"
            "[fernet_receipts]\nkey_repository = /srv/fernet\n"
            "[credential]\nkey_repository = /srv/credential\n"
            f"[identity]\npassword_hash_rounds = {_LEAST_HASH_ROUNDS}\n")
