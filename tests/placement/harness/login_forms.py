"""Forms of clouds.yaml and OS_*, drawn from a seeded grammar.

A form is a dict: `files` (path below the case's folder -> text), `variables`, and `what`, a line on
how it came about. Keystone is at a made-up address on this machine.
"""

import json
import random

KEYSTONE = "http://127.0.0.1:KEYSTONE_PORT/v3"
REGIONS = ("RegionOne", "RegionTwo")
USER = {"username": "ccplace", "password": "pa:ss #1", "user_domain_name": "Default",
        "project_name": "service", "project_domain_name": "Default"}


class Plain(str):
    """A scalar that is written without quotes."""


def draw(seed):
    """The form of `seed`."""
    return _Form(random.Random(seed)).draw()


class _Form:
    def __init__(self, rng):
        self.rng = rng
        self.files = {"home/ca.pem": "", "home/client.pem": "", "home/client.key": ""}
        self.variables = {"HOME": "/srv/CASE/home"}
        self.what = []

    def draw(self):
        if self._one_in(5):
            self._environment_alone()
        else:
            self._files()
        return {"files": self.files, "variables": self.variables, "what": "; ".join(self.what)}

    def _one_in(self, count):
        return self.rng.randrange(count) == 0

    def _note(self, what):
        self.what.append(what)

    def _environment_alone(self):
        self._note("variables alone")
        settings = {**self._flat(self._auth()), **self._options()}
        for key, value in settings.items():
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                self.variables["OS_" + key.upper().replace("-", "_")] = str(value)
        if self._one_in(2):
            self.variables["OS_REGION_NAME"] = self.rng.choice((*REGIONS, "RegionTwo,RegionOne"))
        if self._one_in(3):
            self.variables["OS_CLOUD"] = "envvars"
        if self._one_in(4):
            self.variables["OS_CLOUD_NAME"] = "mine"

    @staticmethod
    def _flat(cloud):
        auth = cloud.pop("auth", {})
        return {**cloud, **auth}

    def _files(self):
        cloud = {**self._auth(), **self._options(), **self._region()}
        document = {"clouds": {"c": cloud}}
        if self._one_in(2):
            document["clouds"]["d"] = {"region_name": "Other", "auth": {"auth_url": "http://d/v3"}}
        if len(document["clouds"]) > 1 or self._one_in(2):
            self.variables["OS_CLOUD"] = "c"
        if self._one_in(5):
            self._profile(cloud)
        if self._one_in(5):
            self._secure(cloud)
        if self._one_in(8):
            self.variables[self.rng.choice(("OS_REGION_NAME", "OS_LOGFILE"))] = "RegionOne"
        if self._one_in(8) and "OS_CLOUD" in self.variables:
            self.variables["OS_PASSWORD"] = "of the environment"
            self._note("OS_PASSWORD beside OS_CLOUD")
        self._write(document)

    def _auth(self):
        """The login: one of its types, spelt in one of the ways there are."""
        kind = self.rng.choice(("password",) * 5 + ("credential", "token", "none", "system"))
        self._note(kind)
        maker = getattr(self, "_" + kind)
        return maker()

    def _password(self):
        auth = {"auth_url": self.rng.choice((KEYSTONE, KEYSTONE, KEYSTONE + "/", KEYSTONE[:-3])),
                **USER}
        for spell in self.rng.sample((self._tenant, self._domain, self._ids, self._dashes,
                                      self._user_name, self._odd_text, self._default_domain),
                                     self.rng.randrange(3)):
            spell(auth)
        cloud = {"auth": auth}
        if self._one_in(3):
            cloud["auth_type"] = self.rng.choice(("password", "v3password"))
        if self._one_in(6):
            self._beside(cloud)
        return cloud

    def _beside(self, cloud):
        """A setting of `auth` beside it, alone or too."""
        self._note("beside auth")
        key = self.rng.choice(sorted(cloud["auth"]))
        value = cloud["auth"][key]
        if self._one_in(2):
            del cloud["auth"][key]
        cloud[key] = value if self._one_in(2) else "other"

    @staticmethod
    def _tenant(auth):
        if "project_name" in auth:
            auth["tenant_name"] = auth.pop("project_name")

    @staticmethod
    def _domain(auth):
        auth.pop("user_domain_name", None)
        auth.pop("project_domain_name", None)
        auth["domain_id"] = "default"

    def _default_domain(self, auth):
        auth.pop(self.rng.choice(("user_domain_name", "project_domain_name")), None)
        auth["default_domain_id"] = "default"

    def _ids(self, auth):
        auth.pop("project_name", None)
        auth["project_id"] = self.rng.choice(("8f3e", Plain("123"), Plain("0123"), Plain("1e5")))

    def _dashes(self, auth):
        for key in self.rng.sample(sorted(auth), 2):
            auth[key.replace("_", "-")] = auth.pop(key)

    @staticmethod
    def _user_name(auth):
        if "username" in auth:
            auth["user_name"] = auth.pop("username")

    def _odd_text(self, auth):
        auth["password"] = self.rng.choice(
            (Plain("0123"), "0123", Plain("yes"), Plain("1.50"), Plain("12:30:45"), "",
             Plain("2026-11-29"), Plain("~"), Plain("abc"), "\u00e9\u4e2d", "{region_name}", Plain("007x")))

    def _credential(self):
        auth = {"auth_url": KEYSTONE, "application_credential_secret": "s3"}
        if self._one_in(2):
            auth["application_credential_id"] = "id1"
        else:
            auth.update(application_credential_name="name1", username="ccplace",
                        user_domain_name="Default")
        if self._one_in(4):
            auth["project_name"] = "service"
        return {"auth_type": "v3applicationcredential", "auth": auth}

    def _token(self):
        auth = {"auth_url": KEYSTONE, "project_name": "service", "project_domain_name": "Default",
                self.rng.choice(("token", "auth_token")): "gAAAA=="}
        return {"auth_type": self.rng.choice(("token", "v3token")), "auth": auth}

    def _none(self):
        cloud = {"auth_type": "none"}
        where = self.rng.choice(("endpoint", "auth", "placement_endpoint_override"))
        if where == "auth":
            cloud["auth"] = {"endpoint": "http://127.0.0.1:18778"}
        else:
            cloud[where] = "http://127.0.0.1:18778"
        return cloud

    def _system(self):
        auth = {key: value for key, value in USER.items() if not key.startswith("project")}
        scope = self.rng.choice(("all", "all", "some"))
        return {"auth": {"auth_url": KEYSTONE, **auth, "system_scope": scope}}

    def _options(self):
        """Up to three of everything that is not the login."""
        kinds = (self._interface, self._verify, self._certificates, self._endpoint, self._others)
        settings = self._unknown() if self._one_in(15) else {}
        for kind in self.rng.sample(kinds, self.rng.randrange(4)):
            settings.update(kind())
        return settings

    def _interface(self):
        value = self.rng.choice(("internal", "admin", "publicURL", "internalURL", "outside",
                                 ["internal", "public"], ["admin"]))
        key = self.rng.choice(("interface", "interface", "endpoint_type", "placement_interface",
                               "placement-interface"))
        self._note(f"{key}: {value}")
        return {key: value}

    def _verify(self):
        value = self.rng.choice((True, False, Plain("yes"), Plain("off"), "False", Plain("Ture"),
                                 "/srv/CASE/home/ca.pem", "/srv/CASE/home", "/not/there.pem",
                                 Plain("0"), Plain("1")))
        key = self.rng.choice(("verify", "verify", "insecure"))
        self._note(f"{key}: {value!r}")
        return {key: value}

    def _certificates(self):
        settings = {}
        for key, path in (("cacert", "~/ca.pem"), ("cert", "/srv/CASE/home/client.pem"),
                          ("key", "~/client.key")):
            if self._one_in(2):
                settings[key] = path
        return settings

    def _endpoint(self):
        key = self.rng.choice(("placement_endpoint_override", "placement_endpoint",
                               "placement-endpoint-override", "endpoint_override"))
        return {key: self.rng.choice(("http://127.0.0.1:8778", "https://p/{region_name}/x"))}

    def _others(self):
        return {"identity_api_version": 3, "image_format": "raw", "volume_api_version": "2"}

    def _unknown(self):
        self._note("unknown key")
        return {self.rng.choice(("verfiy", "region", "auth-type", "auth_plugin", "trust")): "x"}

    def _region(self):
        kind = self.rng.randrange(9)
        self._note(f"region kind {kind}")
        return ({}, {"region_name": "RegionTwo"}, {"region_name": "RegionTwo,RegionOne"},
                {"region_name": ["RegionTwo", "RegionOne"]}, {"regions": ["RegionTwo", "RegionOne"]},
                {"regions": [{"name": "RegionTwo", "values": {"interface": "internal"}}]},
                {"region_name": "RegionOne", "placement_region_name": "RegionTwo"},
                {"region-name": "RegionTwo"},
                {"region_name": "RegionOne", "regions": ["RegionTwo"]})[kind]

    def _profile(self, cloud):
        self._note("profile")
        cloud[self.rng.choice(("profile", "profile", "cloud"))] = self.rng.choice(
            ("vend", "vend", "vend", "ovh", "absent"))
        vend = self.rng.choice(({"region_name": "RegionTwo"}, {"regions": ["RegionTwo", "Three"]},
                                {"region_name": "RegionTwo", "interface": "internal"},
                                {"auth": {"auth_url": "http://127.0.0.1:15001/v3"}}))
        self._place("clouds-public", {"public-clouds": {"vend": vend}}, ".yaml")

    def _secure(self, cloud):
        self._note("secure.yaml")
        secret = {"auth": {"password": "of secure.yaml"}}
        if self._one_in(3):
            secret["region_name"] = "RegionTwo"
        if self._one_in(2) and "auth" in cloud:
            cloud["auth"].pop("password", None)
        self._place("secure", {"clouds": {"c": secret}}, ".yaml")

    def _write(self, document):
        merged = self._merged(document)
        end = self.rng.choice((".yaml", ".yaml", ".yaml", ".yml", ".json"))
        if merged is not None and end != ".json":
            self._place("clouds", None, end, merged)
        else:
            self._place("clouds", document, end)

    def _merged(self, document):
        """The cloud as text in which some settings are merged from an anchor, or None."""
        if not self._one_in(3):
            return None
        self._note("merge key")
        cloud = document["clouds"]["c"]
        keys = [key for key in sorted(cloud) if self._one_in(2)]
        common = {key: cloud.pop(key) for key in keys}
        if keys and self._one_in(3):
            cloud[keys[0]] = common[keys[0]]
        common.setdefault("region_name", "RegionOne" if "regions" in cloud else "RegionTwo")
        other = {"region_name": "Merged", "interface": "internal"}
        anchors = f"base: &base {yaml(common)}\nother: &other {yaml(other)}\n"
        merge = self.rng.choice(("*base", "*base", "[*base, *other]"))
        clouds = ", ".join(f"{name}: {yaml(each) if name != 'c' else '*cloud'}"
                           for name, each in document["clouds"].items())
        body = yaml(cloud)[1:-1]
        return (f"{anchors}cloud: &cloud {{<<: {merge}{', ' if body else ''}{body}}}\n"
                f"clouds: {{{clouds}}}\n")

    def _place(self, name, document, end, text=None):
        if text is None:
            text = json.dumps(document) if end == ".json" else yaml(document) + "\n"
        folder = self.rng.choice(("home/.config/openstack/", "home/.config/openstack/", ""))
        if name == "clouds" and self._one_in(6):
            self.variables["OS_CLIENT_CONFIG_FILE"] = f"/srv/CASE/elsewhere{end}"
            self.files[f"elsewhere{end}"] = text
            text = "clouds: {c: {region_name: NotThis}}\n"
        elif self._one_in(8):
            self.files[f"home/.config/openstack/{name}.json"] = '{"clouds": {"late": {}}}'
            folder = ""
        self.files[f"{folder}{name}{end}"] = text


def yaml(value):
    """`value` in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml, value)) + "]"
    return str(value) if isinstance(value, Plain) else json.dumps(value)
