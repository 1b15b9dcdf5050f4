"""What nova's API takes: values of image properties, and extra specs. Run inside a root with nova.

Prints JSON: {"version": ..., "properties": {NAME: {"type": ..., "words": [...], "any_case": bool}},
"extra_specs": {NAME: {"type": ..., "words": [...], "pattern": ..., "min": ..., "max": ...}},
"resource_classes": [...]}. A name that ends with a dot has a number behind it. Everything is asked
of nova's own objects, nothing is read off its text but the words to try.
"""

import ast
import inspect
import json
import sys

sys.argv = sys.argv[:1]
import nova.monkey_patch  # pylint: disable=wrong-import-position,unused-import
import os_resource_classes  # pylint: disable=wrong-import-position
from nova import version  # pylint: disable=wrong-import-position
from nova.api.validation.extra_specs import validators  # pylint: disable=wrong-import-position
from nova.objects import fields, image_meta  # pylint: disable=wrong-import-position

# Keys by which older images say the same (ImageMetaProps._legacy_property_map), and what nova makes
# of VMware's (_set_attr_from_legacy_names): "ide" is a bus, "" nothing, anything else a SCSI model.
VMWARE_ADAPTER = "vmware_adaptertype"
# Of extra specs. Those of "resources", "trait", "capabilities" and aggregates are made of many names.
NAMESPACES = ("accel", "hw", "hw_rng", "hw_video", "os", "pci_passthrough", "quota", "vmware")
# Fields that no property has the name of: each is made of several ("hw_numa_mem.0", "trait:NAME").
MADE_OF_SEVERAL = ("hw_numa_cpus", "hw_numa_mem", "traits_required")


def words_to_try():
    """Every text that nova's field types mention: names, aliases, what they are made from."""
    tree = ast.parse(inspect.getsource(fields))
    texts = {node.value for node in ast.walk(tree)
             if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for _, kind in inspect.getmembers(fields, inspect.isclass):
        texts.update(word for word in getattr(kind, "ALL", ()) if isinstance(word, str))
    return sorted(text for text in texts if text and text.isprintable() and " " not in text)


def is_taken(field, name, word):
    try:
        field.coerce(image_meta.ImageMetaProps(), name, word)
    except ValueError:
        return False
    return True


def taken_by(name, field, candidates):
    """What a field takes: of an enumeration its words."""
    if not isinstance(field, fields.BaseEnumField):
        kind = "int" if isinstance(field, fields.IntegerField) else "other"
        return {"type": kind, "words": [], "any_case": False}
    words = [word for word in candidates if is_taken(field, name, word)]
    any_case = all(is_taken(field, name, word.upper()) and is_taken(field, name, word.lower())
                   for word in words)
    if any_case:
        words = sorted({word.lower() for word in words})
    return {"type": "other", "words": words, "any_case": any_case}


def properties():
    candidates = words_to_try()
    found = {name: taken_by(name, field, candidates)
             for name, field in image_meta.ImageMetaProps.fields.items()
             if name not in MADE_OF_SEVERAL}
    for legacy, name in image_meta.ImageMetaProps._legacy_property_map.items():
        found[legacy] = found[name]
    found[VMWARE_ADAPTER] = found["hw_scsi_model"]
    return found


def name_of(validator):
    """Its name, up to the number behind it."""
    if not validator.parameters:
        return validator.name
    assert [parameter["pattern"] for parameter in validator.parameters] == [r"\d+"], validator
    return validator.name[:validator.name.index("{")]


def extra_specs():
    found = {}
    for validator in validators.VALIDATORS.values():
        if validator.name.split(":")[0] not in NAMESPACES:
            continue
        value = validator.value
        found[name_of(validator)] = {
            "type": value["type"].__name__, "words": sorted(value.get("enum", ())),
            "pattern": value.get("pattern"), "min": value.get("min"), "max": value.get("max")}
    return found


if __name__ == "__main__":
    print(json.dumps({"version": version.version_string(), "properties": properties(),
                      "extra_specs": extra_specs(),
                      "resource_classes": sorted(os_resource_classes.STANDARDS)}))
