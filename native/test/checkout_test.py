"""The build's own scripts in a checkout that was moved or copied, with what CMake left behind."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROJECT = """cmake_minimum_required(VERSION 3.20)
project(sample LANGUAGES C)
add_library(sample STATIC sample.c)
"""


class Checkout(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name).resolve()
        self.first = self.folder / "first"
        (self.first / "native").mkdir(parents=True)
        (self.first / "native" / "CMakeLists.txt").write_text(PROJECT)
        (self.first / "native" / "sample.c").write_text("int sample(void);\nint sample(void) { return 1; }\n")
        self.assertEqual(self.configure(self.first).returncode, 0)

    def configure(self, checkout):
        return subprocess.run(
            ["cmake", "-S", "native", "-B", "target/native/release"], cwd=checkout, capture_output=True, text=True
        )

    def fresh_cache(self, checkout):
        result = subprocess.run(
            [str(ROOT / "src/build/fresh-cache"), "target/native/release", "native"],
            cwd=checkout,
            capture_output=True,
            text=True,
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def cache(self, checkout):
        return checkout / "target/native/release/CMakeCache.txt"

    def assert_builds(self, checkout):
        result = self.configure(checkout)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_build_that_is_where_it_was_made_is_kept(self):
        self.assertEqual(self.fresh_cache(self.first), "")
        self.assertTrue(self.cache(self.first).exists())
        link = self.folder / "link"
        link.symlink_to(self.first)
        self.assertEqual(self.fresh_cache(link), "")
        self.assertTrue(self.cache(self.first).exists())

    def test_a_checkout_that_was_moved_builds_anew(self):
        moved = self.folder / "moved here"
        self.first.rename(moved)
        self.assertNotEqual(self.configure(moved).returncode, 0, "CMake takes it: this script has nothing to do")
        self.assertIn("another place", self.fresh_cache(moved))
        self.assert_builds(moved)

    def test_a_checkout_that_was_copied_builds_anew_and_leaves_the_first_alone(self):
        copy = self.folder / "copy"
        shutil.copytree(self.first, copy)
        self.assertNotEqual(self.configure(copy).returncode, 0, "CMake takes it: this script has nothing to do")
        self.assertIn("another place", self.fresh_cache(copy))
        self.assert_builds(copy)
        self.assertTrue(self.cache(self.first).exists())

    def test_a_compiler_that_has_gone_is_looked_for_anew(self):
        cache = self.cache(self.first)
        lines = cache.read_text().splitlines()
        lines = [
            "CMAKE_C_COMPILER:FILEPATH=/no/such/cc" if line.startswith("CMAKE_C_COMPILER:") else line for line in lines
        ]
        cache.write_text("\n".join(lines) + "\n")
        self.assertIn("/no/such/cc", self.fresh_cache(self.first))
        self.assert_builds(self.first)

    def test_where_nothing_was_built_there_is_nothing_to_do(self):
        shutil.rmtree(self.first / "target")
        self.assertEqual(self.fresh_cache(self.first), "")

    def test_the_builds_own_script_asks_for_it_before_it_calls_cmake(self):
        copy = self.folder / "copy"
        shutil.copytree(self.first, copy)
        shutil.copytree(ROOT / "src/build", copy / "src/build")
        cmake = self.folder / "bin" / "cmake"
        cmake.parent.mkdir()
        cmake.write_text('#!/bin/sh\n[ ! -e target/native/release/CMakeCache.txt ] || { echo "an old cache"; exit 9; }\n')
        cmake.chmod(0o755)
        environment = {**os.environ, "PATH": f"{cmake.parent}:{os.environ['PATH']}"}
        result = subprocess.run(
            ["src/build/native", "build"], cwd=copy, env=environment, capture_output=True, text=True
        )
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
