#!/usr/bin/python3
"""Tests what the guides' test stands on: nothing may pass that does not fit."""

import pathlib
import tempfile
import unittest

import guide_blocks


def blocks_in(text):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.md"
        page.write_text(text, encoding="utf-8")
        return guide_blocks.blocks_of(page, "page.md")


def commands_in(text):
    return guide_blocks.commands_of(blocks_in(text)[0])


class OutputFits(unittest.TestCase):
    def test_takes_what_is_shown(self):
        self.assertTrue(guide_blocks.output_fits(["a", "b"], "a\nb\n"))

    def test_takes_anything_for_an_ellipsis_in_a_line_and_any_lines_for_one_alone(self):
        self.assertTrue(guide_blocks.output_fits(["a … c", "…", "z"], "a b c\nx\ny\nz\n"))
        self.assertTrue(guide_blocks.output_fits(["a", "…"], "a\n"))

    def test_refuses_another_word(self):
        self.assertFalse(guide_blocks.output_fits(["FAIL …"], "PASS gate\n"))

    def test_refuses_a_line_too_many_or_too_few(self):
        self.assertFalse(guide_blocks.output_fits(["a"], "a\nb\n"))
        self.assertFalse(guide_blocks.output_fits(["a", "b"], "a\n"))

    def test_lets_no_ellipsis_reach_over_the_line_s_end(self):
        self.assertFalse(guide_blocks.output_fits(["a …", "c"], "a b\nx\nc\n"))

    def test_takes_special_characters_for_themselves(self):
        self.assertFalse(guide_blocks.output_fits(["a.c (x)"], "abc (x)\n"))


class Commands(unittest.TestCase):
    def test_reads_command_exit_code_continuation_and_output(self):
        first, second = commands_in("```console\n$ one \\\n> two # exit code 3\nout\n$ next\n```\n")
        self.assertEqual((first.text, first.exit_code, first.output), ("one \\\ntwo", 3, ["out"]))
        self.assertEqual((second.text, second.exit_code, second.output), ("next", 0, []))

    def test_refuses_a_block_without_a_command(self):
        with self.assertRaises(guide_blocks.GuideError):
            commands_in("```console\njust words\n```\n")


class Blocks(unittest.TestCase):
    def refused(self, text):
        with self.assertRaises(guide_blocks.GuideError):
            blocks_in(text)

    def test_refuses_a_reason_that_is_none_of_the_known(self):
        self.refused('```console no-test="no time"\n$ x\n```\n')

    def test_refuses_an_unknown_language_such_as_sh(self):
        self.refused("```sh\nrm -r x\n```\n")

    def test_refuses_an_unknown_attribute(self):
        self.refused("```console untested=yes\n$ x\n```\n")

    def test_refuses_an_indented_or_open_fence(self):
        self.refused("  ```console\n  $ x\n  ```\n")
        self.refused("```console\n$ x\n")


if __name__ == "__main__":
    unittest.main()
