"""ccplacectl reference in the verifiers' formats, read by readers that know no ccplace: JSON schemas
(tests/data/verifiers), protobuf's own text parser, and the comparisons that verifiers publish.

usage: reference_formats_test.py CCPLACED CCPLACECTL
"""
import base64
import json
import os
import pathlib
import sys
import unittest

import jsonschema
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "integration"), str(ROOT / "tests" / "support")]
import ccplacectl_test  # noqa: E402
import tdvf_image  # noqa: E402
from ccplacectl_test import EXAMPLES, UUID, SimulatedDaemon  # noqa: E402

SCHEMAS = ROOT / "tests" / "data" / "verifiers"
OVMF = ROOT / "tests" / "data" / "tdvf" / "ovmf.fd"
OVMF_MRTD = tdvf_image.mrtd(*tdvf_image.IMAGES["ovmf.fd"])
CONFIG_ID = bytes(range(48))  # In examples/domain-tdx.json.
POLICY = 0x10000000  # As docs/user-guide.md states it.
DEBUG, PROTECTION_KEYS = 1, 1 << 30

# go-tdx-guest, proto/checkconfig.proto: each message's fields by their numbers. A type that is no
# name of protobuf's is a message.
CHECK_CONFIG = {
    "HeaderPolicy": {1: "uint32 minimum_qe_svn", 2: "uint32 minimum_pce_svn",
                     3: "bytes qe_vendor_id"},
    "TDQuoteBodyPolicy": {1: "bytes minimum_tee_tcb_svn", 2: "bytes mr_seam",
                          3: "bytes td_attributes", 4: "bytes xfam", 5: "bytes mr_td",
                          6: "bytes mr_config_id", 7: "bytes mr_owner", 8: "bytes mr_owner_config",
                          9: "repeated bytes rtmrs", 10: "bytes report_data",
                          11: "repeated bytes any_mr_td", 12: "bool tdattributes_debug"},
    "Policy": {1: "HeaderPolicy header_policy", 2: "TDQuoteBodyPolicy td_quote_body_policy"},
    "RootOfTrust": {1: "repeated string cabundle_paths", 2: "repeated string cabundles",
                    3: "bool check_crl", 4: "bool get_collateral"},
    "Config": {1: "Policy policy", 2: "RootOfTrust root_of_trust"},
}
FIELD = descriptor_pb2.FieldDescriptorProto


def add_field(message, number, words):
    """words: as a line of a .proto file has them, without the number."""
    *label, kind, name = words.split()
    field = message.field.add(name=name, number=number)
    field.label = FIELD.LABEL_REPEATED if label else FIELD.LABEL_OPTIONAL
    if kind in CHECK_CONFIG:
        field.type, field.type_name = FIELD.TYPE_MESSAGE, f".checkconfig.{kind}"
    else:
        field.type = getattr(FIELD, f"TYPE_{kind.upper()}")


def check_config(text):
    """The text as go-tdx-guest's check reads its -config FILE.textproto."""
    file = descriptor_pb2.FileDescriptorProto(name="checkconfig.proto", package="checkconfig",
                                              syntax="proto3")
    for name, fields in CHECK_CONFIG.items():
        message = file.message_type.add(name=name)
        for number, words in fields.items():
            add_field(message, number, words)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    config = pool.FindMessageTypeByName("checkconfig.Config")
    return text_format.Parse(text, message_factory.MessageFactory(pool).GetPrototype(config)())


def conform(document, schema):
    """The JSON document, which keeps to the schema."""
    rules = json.loads((SCHEMAS / f"{schema}.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(rules)
    value = json.loads(document)
    jsonschema.Draft7Validator(rules).validate(value)
    return value


def trustee(document):
    """The reference values that Trustee takes from a message, by name."""
    payload = conform(document, "trustee-message")["payload"]
    return conform(base64.b64decode(payload, validate=True), "trustee-sample")


def intel(document):
    """The identity that Intel's appraisal holds a guest against."""
    [entry] = conform(document, "intel-appraisal-policy")["policy_array"]
    return entry["reference"]


def appraised(report, reference):
    """Whether the rules of Intel's section "TD appraisal" pass a report: digit by digit where a mask
    is, whole values without regard to case elsewhere."""
    for name in [name for name in reference if not name.endswith("_mask")]:
        mask = reference.get(f"{name}_mask")
        if mask is None:
            if report[name].lower() != reference[name].lower():
                return False
        elif any((int(a, 16) ^ int(b, 16)) & int(m, 16)
                 for a, b, m in zip(report[name], reference[name], mask, strict=True)):
            return False
    return True


class ReferenceFormatsTest(unittest.TestCase):
    """Of a guest, which has every value that a host can state, and of a file, which has one."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.enterClassContext(SimulatedDaemon())
        cls.run_ctl("define", EXAMPLES / "domain-tdx.json")
        cls.mrtd = json.loads(cls.run_ctl("reference", UUID, "-o", "json"))["mr_td"]

    @classmethod
    def run_ctl(cls, *args):
        run = cls.daemon.ctl(*args)
        if run.returncode != 0:
            raise AssertionError(run.stdout + run.stderr)
        return run.stdout

    def of_guest(self, name):
        return self.run_ctl("reference", UUID, "-o", name)

    def of_file(self, name):
        return self.run_ctl("reference", "--firmware", OVMF, "-o", name)

    def test_trustee_takes_each_value_by_its_name(self):
        self.assertEqual({"mr_td": [self.mrtd], "td_attributes": [POLICY.to_bytes(8, "little").hex()],
                          "mr_config_id": [CONFIG_ID.hex()], "mr_owner": ["0" * 96],
                          "mr_owner_config": ["0" * 96]}, trustee(self.of_guest("trustee")))
        self.assertEqual({"mr_td": [OVMF_MRTD]}, trustee(self.of_file("trustee")))

    def test_intels_policy_has_each_value_by_its_name(self):
        reference = intel(self.of_guest("intel"))
        self.assertEqual(POLICY, int(reference["tdx_attributes"], 16))
        self.assertEqual((self.mrtd, CONFIG_ID.hex(), "0" * 96, "0" * 96), tuple(
            reference[f"tdx_{name}"].lower()
            for name in ("mrtd", "mrconfigid", "mrowner", "mrownerconfig")))
        self.assertEqual({"tdx_mrtd": OVMF_MRTD.upper()}, intel(self.of_file("intel")))

    def test_intels_rules_pass_this_guest_and_no_other(self):
        reference = intel(self.of_guest("intel"))

        def report(attributes=POLICY, **other):
            values = {"mrtd": self.mrtd, "mrconfigid": CONFIG_ID.hex(), "mrowner": "0" * 96,
                      "mrownerconfig": "0" * 96, **other}
            return {"tdx_attributes": f"{attributes:016X}",
                    **{f"tdx_{name}": value.upper() for name, value in values.items()}}

        self.assertTrue(appraised(report(), reference))
        self.assertTrue(appraised(report(POLICY | PROTECTION_KEYS), reference))
        self.assertFalse(appraised(report(POLICY | DEBUG), reference))
        self.assertFalse(appraised(report(mrtd=OVMF_MRTD), reference))
        self.assertFalse(appraised(report(mrconfigid="0" * 96), reference))

    def test_go_tdx_guest_reads_its_policy(self):
        config = check_config(self.of_guest("go-tdx-guest"))
        self.assertTrue(config.policy.HasField("header_policy"))  # Without it the tool fails.
        body = config.policy.td_quote_body_policy
        self.assertEqual(
            {"td_attributes": POLICY.to_bytes(8, "little"), "mr_td": bytes.fromhex(self.mrtd),
             "mr_config_id": CONFIG_ID, "mr_owner": bytes(48), "mr_owner_config": bytes(48)},
            {field.name: value for field, value in body.ListFields()})
        of_file = check_config(self.of_file("go-tdx-guest")).policy.td_quote_body_policy
        self.assertEqual({"mr_td": bytes.fromhex(OVMF_MRTD)},
                         {field.name: value for field, value in of_file.ListFields()})

    def test_schemas_refuse_what_a_verifier_would_not_read(self):
        good = json.loads(self.of_guest("intel"))
        for spoil in (lambda entry: entry["reference"].pop("tdx_attributes_mask"),
                      lambda entry: entry["reference"].update(mr_td="00" * 48),
                      lambda entry: entry["reference"].update(tdx_mrtd="00" * 32),
                      lambda entry: entry["environment"].update(class_id="tdx")):
            policy = json.loads(json.dumps(good))
            spoil(policy["policy_array"][0])
            with self.assertRaises(jsonschema.ValidationError):
                intel(json.dumps(policy))
        message = json.loads(self.of_guest("trustee"))
        with self.assertRaises(jsonschema.ValidationError):
            trustee(json.dumps({**message, "version": "0.2.0"}))


if __name__ == "__main__":
    os.environ["CCPLACED"], ccplacectl_test.CCPLACECTL = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
