"""nova's own verdict on flavors and images, run inside a root that holds real nova code.

Reads a line of JSON for each request, {"flavor": {"extra_specs", "vcpus", "memory_mb", "root_gb"},
"image": {"status", "properties"}}, and answers each with {"error": NAME or null, "says": TEXT,
"query": QUERY or null}: what the Compute API's checks of create raise first, in their order, else what
the scheduler asks Placement for.
"""

import json
import sys

sys.argv = sys.argv[:1]
import nova.monkey_patch  # pylint: disable=wrong-import-position,unused-import
import nova.conf  # pylint: disable=wrong-import-position
from nova import context, objects  # pylint: disable=wrong-import-position
from nova.compute import api  # pylint: disable=wrong-import-position
from nova.scheduler import utils  # pylint: disable=wrong-import-position
from nova.virt import hardware  # pylint: disable=wrong-import-position

CONTEXT = None
IMAGE_ID = "8e38e6f3-5241-4f94-b697-54d824b75974"


def flavor_of(request):
    flavor = request["flavor"]
    return objects.Flavor(
        id=1, name="f", flavorid="f", vcpus=flavor.get("vcpus", 1), swap=0, ephemeral_gb=0,
        memory_mb=flavor.get("memory_mb", 512), root_gb=flavor.get("root_gb", 1), disabled=False,
        rxtx_factor=1.0, vcpu_weight=0, is_public=True, extra_specs=dict(flavor["extra_specs"]))


def image_of(request):
    image = request["image"]
    return {"id": IMAGE_ID, "name": "i", "status": image.get("status") or "active", "min_ram": 0,
            "min_disk": 0, "size": 0, "properties": dict(image["properties"])}


def check(flavor, image):
    """What API.create checks of flavor and image before it builds anything."""
    api.API._validate_flavor_image(api.API, CONTEXT, IMAGE_ID, image, flavor, None)
    image_meta = objects.ImageMeta.from_dict(image)
    hardware.get_sound_model(flavor, image_meta)
    return hardware.numa_get_constraints(flavor, image_meta)


def query_of(flavor, image, topology):
    spec = objects.RequestSpec.from_components(
        CONTEXT, IMAGE_ID, image, flavor, topology,
        objects.InstancePCIRequests(requests=[]), {}, None, None)
    return utils.ResourceRequest.from_request_spec(spec).to_querystring()


def judge(request):
    flavor = flavor_of(request)
    try:
        topology = check(flavor, image_of(request))
    except Exception as error:  # pylint: disable=broad-except
        return {"error": type(error).__name__, "says": str(error)[:300], "query": None}
    try:
        return {"error": None, "says": "", "query": query_of(flavor, image_of(request), topology)}
    except Exception as error:  # pylint: disable=broad-except
        return {"error": "scheduler:" + type(error).__name__, "says": str(error)[:300],
                "query": None}


def main():
    global CONTEXT  # pylint: disable=global-statement
    nova.conf.CONF([], project="nova", default_config_files=[])
    objects.register_all()
    CONTEXT = context.get_admin_context()
    CONTEXT.project_id = CONTEXT.user_id = "p"
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=False)


if __name__ == "__main__":
    main()
