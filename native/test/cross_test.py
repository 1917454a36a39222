"""fetch-zig, with a pip of its own that copies a wheel made here; and check-library, on libraries made here."""

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

NATIVE = pathlib.Path(__file__).resolve().parent.parent
PIP = """import os, shutil, sys
with open(os.environ["FAKE_LOG"], "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if os.environ.get("FAKE_FAILURE"):
    sys.exit("ERROR: no matching distribution")
shutil.copy(os.environ["FAKE_WHEEL"], sys.argv[sys.argv.index("--dest") + 1])
"""


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name).resolve()


class FetchZig(Folder):
    def setUp(self):
        super().setUp()
        self.script = self.folder / "fetch-zig"
        shutil.copy(NATIVE / "fetch-zig", self.script)
        pip = self.folder / "modules" / "pip"
        pip.mkdir(parents=True)
        (pip / "__init__.py").write_text("")
        (pip / "__main__.py").write_text(PIP)
        self.out = self.folder / "out"
        self.log = self.folder / "log"
        self.wheel = self.folder / "ziglang-1.2.3-py3-none-any.whl"
        self.pack({"ziglang/zig": "program", "ziglang/lib/std.zig": "std", "ziglang-1.2.3.dist-info/METADATA": "x"})

    def pack(self, files):
        with zipfile.ZipFile(self.wheel, "w") as wheel:
            for name, content in files.items():
                wheel.writestr(name, content)
        self.lock(hashlib.sha256(self.wheel.read_bytes()).hexdigest())

    def lock(self, digest, machine=None):
        machine = machine or f"{platform.system().lower()}-{platform.machine().lower()}"
        lock = {"version": "1.2.3", "wheels": {machine: {"platform": "any", "sha256": digest}}}
        (self.folder / "zig.lock").write_text(json.dumps(lock))

    def fetch(self, **variables):
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder / "modules"),
            "FAKE_WHEEL": str(self.wheel),
            "FAKE_LOG": str(self.log),
            **variables,
        }
        command = [sys.executable, str(self.script), str(self.out)]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def assert_one_line(self, result, part):
        self.assertEqual((result.returncode, result.stdout), (1, ""), result)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(part, result.stderr)

    def test_the_program_is_unpacked_and_its_path_is_printed(self):
        result = self.fetch()
        self.assertEqual(result.returncode, 0, result.stderr)
        program = pathlib.Path(result.stdout.strip())
        self.assertEqual(program, self.out / "zig-1.2.3" / "ziglang" / "zig")
        self.assertTrue(os.access(program, os.X_OK))
        self.assertEqual((program.parent / "lib" / "std.zig").read_text(), "std")
        self.assertEqual([file.name for file in self.out.iterdir()], ["zig-1.2.3"])
        self.assertIn("ziglang==1.2.3", self.log.read_text())

    def test_a_second_call_fetches_nothing_and_another_hash_does(self):
        first = self.fetch()
        second = self.fetch(FAKE_FAILURE="1")
        self.assertEqual((second.returncode, second.stdout), (0, first.stdout))
        self.pack({"ziglang/zig": "newer"})
        self.assertEqual(pathlib.Path(self.fetch().stdout.strip()).read_text(), "newer")

    def test_a_wheel_that_differs_from_the_lock_is_refused(self):
        self.lock("0" * 64)
        self.assert_one_line(self.fetch(), "is not what zig.lock says")
        self.assertEqual(list(self.out.iterdir()), [])

    def test_failures_are_told_in_one_line(self):
        self.assert_one_line(self.fetch(FAKE_FAILURE="1"), "no matching distribution")
        self.pack({"ziglang/README.md": ""})
        self.assert_one_line(self.fetch(), "holds no ziglang/zig")
        self.lock("0" * 64, "plan9-mips")
        self.assert_one_line(self.fetch(), "but for plan9-mips")
        self.lock("short")
        self.assert_one_line(self.fetch(), "lacks a version, a platform or a SHA-256")
        (self.folder / "zig.lock").write_text("{")
        self.assert_one_line(self.fetch(), "cannot be read")

    def test_the_committed_lock_names_a_version_and_a_hash_for_every_wheel(self):
        lock = json.loads((NATIVE / "zig.lock").read_text())
        self.assertRegex(lock["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn("linux-x86_64", lock["wheels"])
        for wheel in lock["wheels"].values():
            self.assertEqual(sorted(wheel), ["platform", "sha256"])
            self.assertRegex(wheel["sha256"], "^[0-9a-f]{64}$")


CMAKE = """#!/bin/sh
[ -z "$FAKE_FAILURE" ] || exit 3
[ "$1" != --build ] || echo "no library" >"$2/libdemur.so"
"""


class Cross(Folder):
    def cross(self, *arguments, **variables):
        return subprocess.run(
            [NATIVE / "cross", *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**os.environ, **variables},
        )

    def test_what_fails_to_build_or_to_pass_the_check_is_not_put_in_its_place(self):
        cmake = self.folder / "bin" / "cmake"
        cmake.parent.mkdir()
        cmake.write_text(CMAKE)
        cmake.chmod(0o755)
        path = f"{cmake.parent}:{os.environ['PATH']}"
        for lines, variables in ((2, {}), (1, {"FAKE_FAILURE": "1"})):
            result = self.cross(shutil.which("true"), "out", "linux/aarch64", PATH=path, **variables)
            self.assertNotEqual(result.returncode, 0)
            self.assertEqual((result.stdout, len(result.stderr.splitlines())), ("", lines), result)
            self.assertIn(f"building linux/aarch64 failed; the log is {self.folder}/out/work", result.stderr)
            self.assertFalse((self.folder / "out" / "linux").exists())

    def test_wrong_usage_is_told_in_one_line_and_builds_nothing(self):
        for status, part, arguments in (
            (2, "usage: cross [--tests] ZIG OUT", []),
            (1, "native/fetch-zig", ["no/such/zig", "out"]),
            (2, "plan9/mips is unknown; known are linux/x86_64", [shutil.which("true"), "out", "plan9/mips"]),
        ):
            result = self.cross(*arguments)
            self.assertEqual((result.returncode, result.stdout), (status, ""), result)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(part, result.stderr)
        self.assertFalse((self.folder / "out" / "work").exists())


def functions():
    """What check-library itself holds to be promised."""
    loader = importlib.machinery.SourceFileLoader("check_library", str(NATIVE / "check-library"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_library", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return sorted(module.promised())


@unittest.skipUnless(platform.machine().lower() in ("x86_64", "aarch64"), "the check knows two kinds of Linux")
class CheckLibrary(Folder):
    def check(self, names, *options, source=""):
        code = "".join(f"void {name}(void);\nvoid {name}(void) {{}}\n" for name in names) + source
        (self.folder / "library.c").write_text(code)
        library = self.folder / "libdemur.so"
        command = ["cc", "-shared", "-fPIC", "-o", library, self.folder / "library.c", "-nostdlib", "-Wl,-z,relro"]
        subprocess.run([*command, "-Wl,-soname,libdemur.so", *options], check=True)
        return subprocess.run([NATIVE / "check-library", library], capture_output=True, text=True)

    def assert_problem(self, result, *parts):
        self.assertEqual((result.returncode, result.stdout), (1, ""), result)
        said = [line.split(": ", 2)[2] for line in result.stderr.splitlines()]
        self.assertEqual(said, list(parts))

    def test_a_library_with_exactly_the_promised_functions_passes(self):
        names = functions()
        self.assertIn("demur_runtime_open", names)
        self.assertIn("Java_dev_demur_bindings_JniBindings_modelLoad", names)
        result = self.check(names)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(f"{len(names)} exports", result.stdout)

    def test_a_function_too_many_or_too_few_is_named(self):
        names = functions()
        self.assert_problem(self.check([*names, "stray"]), "exports stray")
        self.assert_problem(self.check(names[1:]), f"does not export {names[0]}")

    def test_what_only_newer_systems_have_is_named(self):
        stub = self.folder / "libstub.so"
        (self.folder / "stub.c").write_text("void newer(void) {}\n")
        (self.folder / "stub.map").write_text("GLIBC_2.99 { global: newer; };\n")
        command = ["cc", "-shared", "-fPIC", "-nostdlib", "-o", stub, self.folder / "stub.c"]
        subprocess.run([*command, f"-Wl,--version-script={self.folder}/stub.map"], check=True)
        source = "void newer(void);\n__attribute__((visibility(\"hidden\"))) void call(void);\nvoid call(void) { newer(); }\n"
        result = self.check(functions(), str(stub), source=source)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, re.compile("needs .*libstub.so"))
        self.assertIn("needs GLIBC_2.99", result.stderr)

    def test_how_it_is_loaded_is_looked_at(self):
        names = functions()
        self.assert_problem(
            self.check(names, "-Wl,-soname,other.so"), "has another name inside than libdemur.so"
        )
        self.assert_problem(self.check(names, "-Wl,-rpath,/tmp"), "looks for libraries in folders of its own")
        self.assert_problem(
            self.check(names, "-Wl,-z,execstack"), "asks for an executable stack, or does not say"
        )

    def test_what_is_no_library_is_told_in_one_line(self):
        for content in (b"", b"\x7fELF\x02\x01", b"text" * 100, b"\x7fELF\x02\x01" + bytes(200)):
            file = self.folder / "file"
            file.write_bytes(content)
            result = subprocess.run([NATIVE / "check-library", file], capture_output=True, text=True)
            self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result)


if __name__ == "__main__":
    unittest.main()
