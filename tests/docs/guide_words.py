"""Holds the words of the guides to the programs and the tree: options, links, folders."""

import re
import subprocess

OPTION = re.compile(r"(?<![\w-])--([a-zA-Z][\w-]+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"```.*?^```$", re.DOTALL | re.MULTILINE)
SUBCOMMANDS = ("doctor", "capabilities", "inventory", "watch", "validate", "audit", "define",
               "undefine", "list", "measure", "reference", "fleet", "completion", "placement render",
               "placement diff", "placement leave", "report")
# Options of others that the guides speak of, by program.
OTHERS = {
    "buf": {"against", "protocol", "http2-prior-knowledge", "unix-socket", "data"},
    "ctest": {"preset", "build", "parallel", "label-regex", "output-on-failure", "test-dir"},
    "openstack": {"activate", "property", "long", "resource", "required", "os-placement-api-version",
                  "allocations", "user", "project"},
    "nova-compute": {"config-file"},
    "nova-manage": {"delete", "resource_provider"},
    "podman": {"input"},
    "systemd-detect-virt": {"cvm"},
    "curl": {"silent", "retry", "retry-connrefused"},
    "journalctl": {"unit", "since", "output", "follow"},
    "systemctl": {"signal", "now"},
    "virsh": {"virttype", "machine", "uuid"},
    "rvps-tool": {"path"},
    "deploy/quickstart": {"serve"},
    "tests/docs/api_reference": {"check"},
    "tests/lint/format": {"check"},
    "tests/placement/fleet": {"hosts", "ramp", "steady", "interval", "rate", "before",
                              "before-interval", "database", "workers", "processes"},
}


def known_options(host, programs):
    """Every option that one of the programs, or an other, takes."""
    known = set().union(*OTHERS.values())
    calls = [f"{program} --helpfull" for program in programs if program != "ccplacectl"]
    calls += ["ccplacectl --help", *(f"ccplacectl {word} --help" for word in SUBCOMMANDS)]
    for call in calls:
        known |= set(OPTION.findall(host.run(call)[1]))
    return known


def check_options(name, page, known, report):
    """Every option named anywhere in the page must exist. Returns how many were looked at."""
    text = page.read_text(encoding="utf-8")
    options = set(OPTION.findall(text))
    for option in sorted(options):
        bare = option[2:] if option.startswith("no") and option[2:] in known else option
        if bare not in known:
            report.fail(name, f"--{option} is an option of no program known here")
    return len(options)


def check_reasons(root, report):
    """Each reason that errors carry stands in the troubleshooting guide, and no other does."""
    source = "".join((root / each).read_text(encoding="utf-8") for each in (
        "lib/lifecycle/reasons.h", "lib/hypervisor/hypervisor.h"))
    guide = (root / "docs/troubleshooting.md").read_text(encoding="utf-8")
    carried = set(re.findall(r'= "([A-Z_]+)";', source))
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", guide, re.MULTILINE))
    for reason in sorted(carried ^ told):
        report.fail("docs/troubleshooting.md", f"{reason} stands only in "
                    f"{'the code' if reason in carried else 'the guide'}")
    return len(carried)


def _anchors(text):
    headings = HEADING.findall(CODE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _tracked(root, *patterns):
    done = subprocess.run(["git", "ls-files", "--", *patterns], cwd=root, check=True, text=True,
                          stdout=subprocess.PIPE)
    return done.stdout.splitlines()


def check_all_links(root, report):
    """Checks every page of the tree. Returns how many links were looked at."""
    return sum(_check_links(name, root / name, report) for name in _tracked(root, "*.md"))


def _check_links(name, page, report):
    """Every relative link must lead to a file, and its fragment to a heading of it."""
    links = [link for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
             if "://" not in link]
    for link in links:
        path, _, fragment = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            report.fail(name, f"link to {link}: there is no such file")
        elif fragment and fragment not in _anchors(target.read_text(encoding="utf-8")):
            report.fail(name, f"link to {link}: there is no such heading")
    return len(links)


def _folders(root):
    """Every tracked folder down to the second level."""
    parts = {tuple(file.split("/")[:-1][:2]) for file in _tracked(root) if "/" in file}
    return {part[:depth] for part in parts for depth in (1, 2) if len(part) >= depth}


def check_folders(root, report):
    """Each folder has a README of its own, or its line in the README of the folder above. Returns
    how many were looked at."""
    folders = {folder for folder in _folders(root) if not folder[0].startswith(".")}
    for folder in sorted(folders):
        above = root.joinpath(*folder[:-1], "README.md")
        text = above.read_text(encoding="utf-8") if above.exists() else ""
        own = root.joinpath(*folder, "README.md")
        if not own.exists() and not re.search(rf"[\[`(]{re.escape(folder[-1])}/", text):
            report.fail("/".join(folder), f"has no README.md, and no line in "
                                          f"{above.relative_to(root)}")
    return len(folders)
