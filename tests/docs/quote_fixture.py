"""A stand-in for a TD quote, for the guide's attestation example to take apart.

Laid out field by field as the Intel TDX DCAP Quoting Library API (TD Quote Format, version 4) lists
them: a header of 48 bytes, then the TD report's body. Signed by nobody.
"""

import struct

HEADER = (("version", "<H", 4), ("attestation_key_type", "<H", 2), ("tee_type", "<I", 0x81),
          ("reserved", "4s", b""), ("qe_vendor_id", "16s", b""), ("user_data", "20s", b""))
BODY = (("tee_tcb_svn", "16s", b""), ("mrseam", "48s", b""), ("mrsignerseam", "48s", b""),
        ("seamattributes", "8s", b""), ("tdattributes", "<Q", 0x10000000), ("xfam", "8s", b""),
        ("mrtd", "48s", b"\xaa" * 48), ("mrconfigid", "48s", bytes(range(48))),
        ("mrowner", "48s", b""), ("mrownerconfig", "48s", b""), ("rtmr0", "48s", b"\xbb" * 48),
        ("rtmr1_to_rtmr3", "144s", b""))
REPORT_DATA_BYTES = 64


def quote(nonce):
    """The quote over `nonce`, which is 64 bytes."""
    if len(nonce) != REPORT_DATA_BYTES:
        raise ValueError(f"a nonce has {REPORT_DATA_BYTES} bytes, not {len(nonce)}")
    return b"".join(struct.pack(form, value) for _, form, value in HEADER + BODY) + nonce
