"""Forms of nova's configuration, drawn from a seeded grammar: what operators and tools write, and
what nobody should."""

import random

_SECTIONS = ("[libvirt]",) * 12 + ("[DEFAULT]",) * 5 + (
    "[LibVirt]", "[ libvirt ]", "[libvirt] ", "[default]", "[database]", "[compute]")
_BROKEN_SECTIONS = ("[libvirt", "[]", "[libvirt] # comment")
_SEPARATORS = ("=", " = ", ":", " : ", "= ", "\t=\t", "\u00a0=\u2003")
_VALUES = {
    "cpu_mode": ("host-passthrough", "host-model", "custom", "none"),
    "virt_type": ("kvm", "qemu", "lxc", "parallels"),
    "cpu_models": ("Haswell", "SandyBridge,Haswell", " A , B,", ",", "A,,B", "A:B"),
    "cpu_model": ("IvyBridge",),
    "hw_machine_type": ("x86_64=q35", "aarch64=virt,x86_64=pc-q35-9.2", "x86_64=,x86_64=q35",
                        "x86_64 =q35", "q35", "x86_64=a=b", " x86_64=q35 , "),
    "num_intel_tdx_guests": ("0", "31", " 7 ", "1_000", "+5", ""),
    "num_memory_encrypted_guests": ("15", "007"),
    "host": ("compute-1", "compute-1.example.org", "10.0.0.7"),
    "reserved_host_memory_mb": ("512", "4096"),
    "transport_url": ("rabbit://nova:secret@mq", "a = b"),
    "Cpu_Mode": ("custom",), "cpu-mode": ("custom",),
}
_WRONG_VALUES = {
    "cpu_mode": ("Host-Model", "", "maximum", "host-model # the default"),
    "virt_type": ("xen", "KVM"),
    "num_intel_tdx_guests": ("-1", "many", "1__0", "0x1f", "3.0", "1 2"),
}
_REFERENCES = ("$other", "${virt_type}", "a$$b", "\\$x")
_QUOTES = ("{}",) * 12 + ('"{}"', "'{}'", '"{}', "'{}\"")
_NOISE = ("", "", "# comment", "; comment", "#cpu_mode = none", "  ", "\t")
_BROKEN_LINES = ("no assignment", "= value", "  continues nothing", "\ufeffcpu_mode = none")
_ENDS = ("\n",) * 12 + ("\r\n", "\r")


def forms(count, seed):
    """`count` forms, each a list of files: (path below the folder, bytes)."""
    drawn = random.Random(seed)
    return [_form(drawn) for _ in range(count)]


def _form(drawn):
    """One to three files by themselves, and sometimes a folder of some."""
    paths = [f"nova-{number}.conf" for number in range(drawn.choice((1, 1, 1, 2, 3)))]
    if drawn.random() < 0.3:
        paths += drawn.sample(("conf.d/10.conf", "conf.d/9.conf", "conf.d/B.conf", "conf.d/a.conf",
                               "conf.d/.hidden.conf", "conf.d/x.conf~"), drawn.randrange(1, 4))
    # Most forms are sound: a fault anywhere is all that is seen of a form.
    faults = 0.03 if drawn.random() < 0.3 else 0
    return [(path, _file(drawn, faults)) for path in paths]


def _file(drawn, faults):
    lines = [drawn.choice(_NOISE) for _ in range(drawn.randrange(3))]
    lines = [line for line in lines if line.strip() or not line]
    for _ in range(drawn.randrange(1, 4)):
        lines.append(_one(drawn, _SECTIONS, _BROKEN_SECTIONS, faults))
        for _ in range(drawn.randrange(5)):
            lines += _lines(drawn, faults)
    end = drawn.choice(_ENDS)
    text = end.join(lines) + (end if drawn.random() < 0.8 else "")
    broken = b"\xff" if drawn.random() < faults else b""
    return text.encode() + broken


def _one(drawn, sound, broken, faults):
    return drawn.choice(broken if drawn.random() < faults else sound)


def _lines(drawn, faults):
    """An assignment with what stands around it."""
    if drawn.random() < faults:
        return [drawn.choice(_BROKEN_LINES)]
    wrong = drawn.random() < faults
    option = drawn.choice(list(_WRONG_VALUES if wrong else _VALUES))
    value = drawn.choice((_WRONG_VALUES if wrong else _VALUES)[option])
    if drawn.random() < faults:
        value = drawn.choice(_REFERENCES)
    lines = [option + drawn.choice(_SEPARATORS) + _quoted(drawn, option, value)]
    if option in ("cpu_models", "transport_url") and drawn.random() < 0.3:
        lines.append(drawn.choice(("  ,More", "\tmore", "    'more'")))
    if drawn.random() < 0.3:
        lines.append(drawn.choice(_NOISE[2:5] + ("",)))
    return lines


def _quoted(drawn, option, value):
    """Quotes that do not fit are part of the value, which is wrong then but in free text."""
    quotes = drawn.choice(_QUOTES)
    return quotes.format(value) if quotes[0] == quotes[-1] or option == "transport_url" else value
