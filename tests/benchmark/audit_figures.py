"""A whole catalog, judged by `ccplacectl audit`."""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "nova" / "harness"))
import verdict_requests  # noqa: E402

SEED = 16
FLAVORS = 500
IMAGES = 5000
ROUNDS = 5


def write_catalog(folder):
    """Options that name the files. Random faults in nearly all: hardly two judge alike."""
    maker = verdict_requests.Requests(SEED)
    flavors = [{"id": f"f{number}", "name": f"f{number}", "vcpus": 1, "ram": 512, "disk": 1,
                "properties": maker.make()["flavor"]["extra_specs"]} for number in range(FLAVORS)]
    images = [{"id": f"i{number}", "name": f"i{number}", **maker.make()["image"]}
              for number in range(IMAGES)]
    options = []
    for option, entries in (("--flavors", flavors), ("--images", images)):
        path = os.path.join(folder, f"catalog{option}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(entries, file)
        options += [option, path]
    return options


def processor_s(argv):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = subprocess.run(argv, check=False, stdout=subprocess.DEVNULL).returncode
    if code != 1:
        raise RuntimeError(f"audit: exit code {code}, and some pairings cannot run")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def add(table, folder, ccplacectl):
    argv = [str(ccplacectl), "audit", *write_catalog(folder), "--summary"]
    took = statistics.median(processor_s(argv) for _ in range(ROUNDS))
    table.add(f"audit of {FLAVORS} flavors and {IMAGES} images, processor time", took, "s")
