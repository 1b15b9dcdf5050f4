"""Every test that docs/reliability.md and docs/security.md name is there."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = ("docs/reliability.md", "docs/security.md")
GTEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)
PYTHON = re.compile(r"^ *(?:class|def) (\w+)", re.MULTILINE)


def sources(*patterns):
    for pattern in patterns:
        for path in (TOP / "tests").glob(pattern):
            yield path.read_text(encoding="utf-8")


class ShownByTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pairs = [pair for text in sources("unit/*/*.cc") for pair in GTEST.findall(text)]
        cls.gtests = {f"{suite}.{name}" for suite, name in pairs}
        cls.alone = {name for pair in pairs for name in pair}
        cls.scripts = {folder: {name for text in sources(f"{folder}/*.py")
                                for name in PYTHON.findall(text)}
                       for folder in ("lab", "reliability")}

    def test_every_test_that_is_named_exists(self):
        checked = 0
        for page in PAGES:
            text = (TOP / page).read_text(encoding="utf-8")
            for folder, name in re.findall(r"`(lab|reliability): (\w+)`", text):
                self.assertIn(name, self.scripts[folder], page)
                checked += 1
            for name in re.findall(r"`([A-Z]\w+Test\.\w+)`", text):
                self.assertIn(name, self.gtests, page)
                checked += 1
            # A suite, or a further test of the suite before it.
            for name in re.findall(r"[;,|] `([A-Z]\w+[a-z]\w*)`", text):
                if name in ("TdxInventory", "WatchHost", "ValidateRequest", "UndefineTdxDomain"):
                    continue
                self.assertIn(name, self.alone | self.scripts["reliability"], page)
                checked += 1
        self.assertGreater(checked, 50)


if __name__ == "__main__":
    unittest.main()
