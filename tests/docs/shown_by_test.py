"""Every test that docs/reliability.md and docs/security.md name is there, and each row names one."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = ("docs/reliability.md", "docs/security.md")
SHOWN_IN = ("Shown by", "At the limit and one past")  # Headings of columns that name tests.
GTEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)
PYTHON = re.compile(r"^ *(?:class|def) (\w+)", re.MULTILINE)


def sources(*patterns):
    for pattern in patterns:
        for path in (TOP / "tests").glob(pattern):
            yield path.read_text(encoding="utf-8")


def text_of(page):
    return (TOP / page).read_text(encoding="utf-8")


def shown_cells(text):
    """The last cell of each row of the tables whose last column names tests."""
    shown = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            shown = False
        elif cells[-1] in SHOWN_IN:
            shown = True
        elif shown and set(cells[-1]) != {"-"}:
            yield cells[-1]


class ShownByTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pairs = [pair for text in sources("unit/**/*.cc") for pair in GTEST.findall(text)]
        cls.gtests = {f"{suite}.{name}" for suite, name in pairs}
        cls.alone = {name for pair in pairs for name in pair}
        cls.fuzzers = {path.stem for path in (TOP / "tests/fuzz").glob("*_fuzz.cc")}
        cls.scripts = {folder: {name for text in sources(f"{folder}/*.py")
                                for name in PYTHON.findall(text)}
                       for folder in ("lab", "placement", "reliability")}

    def is_there(self, name):
        """name: as the pages put it, "folder: name", "Suite.Test", a suite, a further test of the
        suite or folder before it, a fuzzer, or a folder of tests."""
        folder, _, script = name.partition(": ")
        if script:
            return script in self.scripts.get(folder, ())
        if re.fullmatch(r"\w+\.\w+", name):
            return name in self.gtests
        alone = self.alone.union(self.fuzzers, *self.scripts.values())
        return name in alone or (TOP / name).is_dir()

    def test_each_row_names_tests_and_all_of_them_exist(self):
        for page in PAGES:
            cells = list(shown_cells(text_of(page)))
            self.assertGreater(len(cells), 10, page)
            for cell in cells:
                names = re.findall(r"`([^`]+)`", cell)
                self.assertTrue(names or cell.startswith("none"), f"{page}: no test in {cell!r}")
                for name in names:
                    self.assertTrue(self.is_there(name), f"{page}: no test {name!r}")

    def test_every_test_that_is_named_elsewhere_exists(self):
        for page in PAGES:
            for name in re.findall(r"`((?:lab|reliability): \w+|[A-Z]\w+Test\.\w+)`",
                                   text_of(page)):
                self.assertTrue(self.is_there(name), f"{page}: no test {name!r}")


if __name__ == "__main__":
    unittest.main()
