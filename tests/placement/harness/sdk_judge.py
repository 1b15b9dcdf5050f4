"""Runs inside a root with python3-openstacksdk: what the SDK makes of each case's files and variables.

  sdk_judge.py FOLDER   reads FOLDER/cases.json, writes FOLDER/judged.json
Each case has a process of its own: the SDK takes the home folder and the working folder when it is
imported.
"""

import importlib
import json
import logging
import os
import sys
import warnings

import keystoneauth1.identity
import keystoneauth1.session  # pylint: disable=unused-import
from openstack.config import loader


class Sent(Exception):
    """The login that the SDK would send."""


class Capture:
    """A session that sends nothing."""

    def post(self, url, json=None, **_):  # pylint: disable=redefined-outer-name
        raise Sent(url, json)


def login_of(region):
    """[URL, body] of the token request."""
    plugin = region.get_auth()
    if not hasattr(plugin, "auth_url"):
        return None
    if hasattr(plugin, "create_plugin"):  # It would ask Keystone for its version.
        url = plugin.auth_url.rstrip("/")
        url += "" if url.endswith("/v3") else "/v3"
        plugin = plugin.create_plugin(None, (3, 0), url)
    try:
        plugin.get_auth_ref(Capture())
    except Sent as sent:
        return list(sent.args)
    return None


def judge(case):
    """What the SDK would use."""
    region = loader.OpenStackConfig().get_one()
    verify, cert = region.get_requests_verify_args()
    interface = region.get_interface("placement")
    certificate, key = cert if isinstance(cert, tuple) else (cert, None)
    return {"region": region.get_region_name("placement") or "",
            "interface": [interface] if isinstance(interface, str) else interface,
            "endpoint": region.get_endpoint("placement") or "",
            "verify": verify, "cert": certificate or "", "key": key or "",
            "login": login_of(region), "auth_type": region.config["auth_type"], "case": case}


def judge_apart(folder, number, variables):
    """judge, in a child whose files and variables are the case's."""
    answer = os.path.join(folder, str(number), "judged")
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        with open(answer, encoding="utf-8") as judged:
            return json.load(judged)
    try:
        os.environ.clear()
        os.environ.update(variables)
        os.chdir(os.path.join(folder, str(number)))
        importlib.reload(loader)
        verdict = judge(number)
    except BaseException as error:  # pylint: disable=broad-except
        verdict = {"error": f"{type(error).__name__}: {error}"[:400]}
    with open(answer, "w", encoding="utf-8") as judged:
        json.dump(verdict, judged, default=str)
    os._exit(0)


def main(folder):
    """Judges all cases."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with open(os.path.join(folder, "cases.json"), encoding="utf-8") as cases:
        variables = json.load(cases)
    judged = [judge_apart(folder, number, each) for number, each in enumerate(variables)]
    with open(os.path.join(folder, "judged.json"), "w", encoding="utf-8") as out:
        json.dump(judged, out)


if __name__ == "__main__":
    main(sys.argv[1])
