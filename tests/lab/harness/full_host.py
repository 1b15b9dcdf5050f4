"""What the tests of definitions share: one full host, and what libvirt made there."""

import json
import shlex
import unittest
import xml.etree.ElementTree as ElementTree

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import domain_request, make_disk


class OnFullHost(unittest.TestCase):
    """One lab and one daemon for all tests of a class."""

    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.daemon = cls.enterClassContext(Daemon.on(cls.lab, *cls.FLAGS))
        cls.disk = make_disk(cls.lab)

    def request(self, **fields):
        return domain_request(self.disk, **fields)

    def define(self, request):
        """Defines, and removes it after the test; the answer."""
        self.addCleanup(self.undefine, request.domain.uuid)
        return self.daemon.call("DefineTdxDomain", request)

    def undefine(self, uuid):
        return self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid=uuid))

    def refusal(self, request):
        """Refused, and nothing is there that was not there before."""
        before = self.names()
        refusal = self.daemon.refusal("DefineTdxDomain", request)
        self.assertEqual(before, self.names())
        return refusal

    def names(self):
        return sorted(self.lab.virsh("list", "--all", "--name").stdout.split())

    def held(self, request):
        """The domain as libvirt holds it."""
        return ElementTree.fromstring(
            self.lab.virsh("dumpxml", "--inactive", request.domain.name).stdout)

    def command_line(self, request):
        """The arguments that libvirt would start QEMU with."""
        return shlex.split(self.lab.virsh("domxml-to-native", "qemu-argv", "--domain",
                                          request.domain.name).stdout)


def objects(arguments):
    """The JSON arguments of a command line."""
    return [json.loads(argument) for argument in arguments if argument.startswith("{")]


def guest_object(arguments):
    return next(each for each in objects(arguments) if each.get("qom-type") == "tdx-guest")


def block_device(arguments, filename):
    return next(each for each in objects(arguments) if each.get("filename") == filename)
