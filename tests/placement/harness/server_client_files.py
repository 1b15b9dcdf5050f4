"""The files through which clients find a lab's servers, as every OpenStack tool reads them."""

import os

import keystone_catalog
import server_process


def write(lab):
    """Writes env, and with a Keystone clouds.yaml and an openrc for each way to log in."""
    _write(lab, "env", _environment(lab))
    if "application_credential" not in lab.state.get("keystone", {}):
        return
    logins = {"password": _password(lab), "application_credential": _credential(lab)}
    _write(lab, "clouds.yaml", _clouds(logins))
    for name, settings in logins.items():
        _write(lab, f"openrc.{name}", _openrc(settings))


def _write(lab, name, text):
    server_process.write(os.path.join(lab.path, name), text)


def _environment(lab):
    """NAME=value lines for a shell to source; placement's token only where any token will do."""
    placement, keystone = lab.state.get("placement"), lab.state.get("keystone")
    lines = [f"LAB_DIR={lab.path}"]
    if placement:
        lines += [f"PLACEMENT_URL={placement['url']}", f"PLACEMENT_SUITE={placement['suite']}"]
        lines += ["PLACEMENT_TOKEN=admin"] if placement["auth"] == "noauth2" else []
    lines += [f"KEYSTONE_URL={keystone['url']}"] if keystone else []
    return "\n".join(lines) + "\n"


def _common(lab):
    settings = {"auth_url": lab.state["keystone"]["url"]}
    options = {"region_name": keystone_catalog.REGION, "interface": "public",
               "identity_api_version": "3"}
    if lab.state["keystone"]["tls"]:
        certificates = os.path.join(lab.path, "tls")
        options["cacert"] = os.path.join(certificates, "ca.crt")
        options["cert"] = os.path.join(certificates, "client.crt")
        options["key"] = os.path.join(certificates, "client.key")
    return settings, options


def _password(lab):
    auth, options = _common(lab)
    auth.update(username="ccplace", password=lab.state["keystone"]["passwords"]["ccplace"],
                project_name="service", user_domain_name="Default", project_domain_name="Default")
    return {"auth_type": "password", "auth": auth, **options}


def _credential(lab):
    auth, options = _common(lab)
    credential = lab.state["keystone"]["application_credential"]
    auth.update(application_credential_id=credential["id"],
                application_credential_secret=credential["secret"])
    return {"auth_type": "v3applicationcredential", "auth": auth, **options}


def _clouds(logins):
    """Clouds ccplace-password and ccplace-application-credential."""
    lines = ["clouds:"]
    for name, settings in logins.items():
        lines.append(f"  ccplace-{name.replace('_', '-')}:")
        lines += _yaml({k: v for k, v in settings.items() if k != "auth"}, "    ")
        lines += ["    auth:", *_yaml(settings["auth"], "      ")]
    return "\n".join(lines) + "\n"


def _yaml(settings, indent):
    return [f'{indent}{key}: "{value}"' for key, value in settings.items()]


def _openrc(settings):
    flat = {**settings["auth"], **{k: v for k, v in settings.items() if k != "auth"}}
    return "".join(f"export OS_{key.upper()}='{value}'\n" for key, value in flat.items())
