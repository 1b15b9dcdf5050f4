#!/bin/bash
# nova 34.0.0 with Placement 16.0.0 (Debian sid, python3-nova 2:34.0.0-4), on Debian as root with mmdebstrap.
#
# Guessed: "nova-manage placement audit", which looks for allocations of servers that nova has no more, looks at the
# compute nodes that nova has, and at consumers of the type that nova gives its own, INSTANCE and MIGRATION.
# Seen: it looks at every provider of Placement, and takes each consumer that is no server of nova's for a deleted
# one, whatever its type, where it holds any of eight classes; MEM_ENCRYPTION_CONTEXT is among them. --delete gives
# their keys back while the guests run:
#   a guest of another control plane, on a host that nova has never seen   released
#   the same with a class of its own (CUSTOM_...)                          left alone
# So in a Placement that others use too, --delete is to be given --resource_provider, or their keys a class that is
# not nova's.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=debian_root.bash
. "$(dirname "$0")/debian_root.bash"

install_debian sid python3-nova=2:34.0.0-4 python3-placement=16.0.0-4 \
  python3-oslotest python3-wsgi-intercept python3-testresources python3-testscenarios

{ cat "$(dirname "$0")/nova_here.py" - <<'PYTHON'; } | inside python3 - 2>/dev/null | tee "$work/seen"
import uuid  # noqa: E402

from nova.cmd import manage  # noqa: E402


def audit(**options):
    with captured() as output:
        ended = manage.PlacementCommands().audit(verbose=True, **options)
    return f"{ended}: " + " ".join(output.getvalue().split())


def guest_of_others(cloud, host, resource_class):
    """A running guest of another control plane, on a child of this host of its own."""
    child = cloud._post_resource_provider(f"{host}-{resource_class}".lower())["uuid"]
    cloud.placement.put(f"/resource_classes/{resource_class}", None, version="1.39") \
        if resource_class.startswith("CUSTOM_") else None
    cloud._update_inventory(child, {"resource_provider_generation": 0, "inventories": {
        resource_class: {"total": 8, "max_unit": 1}}})
    consumer = str(uuid.uuid4())
    answer = cloud.placement.put(f"/allocations/{consumer}", {
        "allocations": {child: {"resources": {resource_class: 1}}}, "consumer_generation": None,
        "consumer_type": "GUEST_OF_OTHERS", "project_id": "p", "user_id": "u"}, version="1.39")
    assert answer.status == 204, answer.body
    return consumer


def held(cloud, consumer):
    return sum(sum(part["resources"].values()) for part in cloud._get_allocations_by_server_uuid(consumer).values())


def story(cloud):
    server = cloud.create(ENCRYPTED, {})
    others = {name: guest_of_others(cloud, "elsewhere", name) for name in (
        "MEM_ENCRYPTION_CONTEXT", "CUSTOM_KEY_OF_OTHERS")}
    for doing, options in (("looks", {}), ("deletes", {"delete": True})):
        said = audit(**options)
        say(f"{doing}: ended with {said.split(':')[0]}, names", ", ".join(
            name for name, consumer in {"the server": server["id"], **others}.items() if consumer in said))
        say(f"{doing}: then the server has {cloud.keys(server)} keys, others",
            ", ".join(f"{name} {held(cloud, consumer)}" for name, consumer in others.items()))


tell(story)
PYTHON

seen "^looks: ended with 3, names MEM_ENCRYPTION_CONTEXT$" \
  "^looks: then the server has 1 keys, others MEM_ENCRYPTION_CONTEXT 1, CUSTOM_KEY_OF_OTHERS 1$" \
  "^deletes: ended with 4, names MEM_ENCRYPTION_CONTEXT$" \
  "^deletes: then the server has 1 keys, others MEM_ENCRYPTION_CONTEXT 0, CUSTOM_KEY_OF_OTHERS 1$"
echo "as it was"
