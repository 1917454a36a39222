"""What check-library finds in libraries for macOS and Windows, on files made here; and package-llama."""

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile
import zlib

NATIVE = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("check_library", str(NATIVE / "check-library"))
check_library = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_library", loader))
loader.exec_module(check_library)
NAMES = sorted(check_library.promised())


def padded(content, size):
    return content + bytes(-len(content) % size)


class MachO:
    """A library for macOS that has nothing but what is looked at."""

    def __init__(self, cpu=0x0100000C, minimum=(11, 0), name="@rpath/libdemur.dylib", needed=("/usr/lib/libc++.1.dylib",),
                 exports=NAMES, signed=True, protection=5, extra=b"", extra_count=0):  # fmt: skip
        commands = [self.text(0xD, name)] + [self.text(0xC, library) for library in needed]
        commands.append(struct.pack("<IIIIII", 0x32, 24, 1, minimum[0] << 16 | minimum[1] << 8, 0, 0))
        segment = struct.pack("<II16sQQQQIIII", 0x19, 72, b"__TEXT", 0, 4096, 0, 4096, protection, protection, 0, 0)
        commands.append(segment)
        count = len(commands) + 1 + (1 if signed else 0) + extra_count
        size = sum(map(len, commands)) + 16 + (16 if signed else 0) + len(extra)
        trie = self.trie(exports)
        place = 32 + size
        body = padded(trie, 16)
        end = place + len(body)
        commands.append(struct.pack("<IIII", 0x80000033, 16, place, len(trie)))
        if signed:
            commands.append(struct.pack("<IIII", 0x1D, 16, end, 0))
        header = struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, 0, 6, count, size, 0, 0)
        self.content = header + b"".join(commands) + extra + body
        if signed:
            self.content += self.signature(self.content)

    @staticmethod
    def text(command, text):
        body = struct.pack("<IIII", 24, 0, 0, 0) + padded(text.encode() + b"\0", 8)
        return struct.pack("<II", command, 8 + len(body)) + body

    @staticmethod
    def trie(names):
        """One root with a child for each name, all at the same leaf."""

        def uleb(value):
            found = b""
            while value > 0x7F:
                found += bytes([value & 0x7F | 0x80])
                value >>= 7
            return found + bytes([value])

        # The number of children is a byte: names are spread over roots of roots.
        def node(group, start):
            size = 2 + sum(len(name) + 2 + 5 for name in group)
            children = b"".join(b"_" + name.encode() + b"\0" + fixed(start + size) for name in group)
            leaf = bytes([2, 0, 0, 0])
            return padded(bytes([0, len(group)]) + children, 1).ljust(size, b"\0") + leaf

        def fixed(value):  # five bytes whatever the value
            return bytes([value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14 & 0x7F | 0x80, value >> 21 & 0x7F | 0x80, 0])

        return node(list(names), 0)

    @staticmethod
    def signature(content, flags=2):
        pages = [hashlib.sha256(content[i : i + 4096]).digest() for i in range(0, len(content), 4096)]
        head = 44
        directory = struct.pack(">IIIIIIIII", 0xFADE0C02, head + 32 * len(pages), 0x20400, flags, head, 0, 0, len(pages),
                                len(content)) + struct.pack(">BBBBI", 32, 2, 0, 12, 0)  # fmt: skip
        directory += b"".join(pages)
        return struct.pack(">IIIII", 0xFADE0CC0, 20 + len(directory), 1, 0, 20) + directory


class PE:
    """A library for Windows that has nothing but what is looked at, in one section."""

    def __init__(self, name="demur.dll", needed=("KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll"), exports=NAMES,
                 characteristics=0x160, version=(6, 0), flags=0x60000020, delayed=False):  # fmt: skip
        base, text = 0x1000, b""

        def put(content):
            nonlocal text
            place = base + len(text)
            text += padded(content, 8)
            return place

        addresses = [put(export.encode() + b"\0") for export in exports]
        names = put(struct.pack(f"<{len(addresses)}I", *addresses))
        own = put(name.encode() + b"\0")
        table = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, own, 1, len(exports), len(exports), 0, names, 0)
        exported = put(table)
        imports = b"".join(struct.pack("<IIIII", 0, 0, 0, put(library.encode() + b"\0"), 0) for library in needed)
        imported = put(imports + bytes(20))
        directories = [(exported, 40), (imported, len(imports) + 20)] + [(0, 0)] * 14
        if delayed:
            directories[13] = (imported, 32)
        optional = struct.pack("<H46x", 0x20B) + struct.pack("<HH", *version) + bytes(70 - 52) + struct.pack("<H", characteristics)
        optional = optional.ljust(112, b"\0") + b"".join(struct.pack("<II", *pair) for pair in directories)
        head = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0"
        head += struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0x2000)
        section = struct.pack("<8sIIIIIIHHI", b".text", len(text), base, len(text), 1024, 0, 0, 0, 0, flags)
        self.content = (head + optional + section).ljust(1024, b"\0") + text


def problems(content):
    system, library = check_library.library_of(content)
    exports = library.exports()
    found = [f"exports {name}" for name in sorted(exports - set(NAMES))]
    found += [f"does not export {name}" for name in sorted(set(NAMES) - exports)]
    return system, library.machine, found + list(library.problems())


class MacOS(unittest.TestCase):
    def test_a_library_as_it_should_be_passes(self):
        self.assertEqual(problems(MachO().content), ("macos", "aarch64", []))
        intel = MachO(cpu=0x01000007, minimum=(10, 15), signed=False)
        self.assertEqual(problems(intel.content), ("macos", "x86_64", []))

    def test_each_thing_that_is_wrong_is_named(self):
        for expected, content in (
            ("exports stray", MachO(exports=[*NAMES, "stray"]).content),
            (f"does not export {NAMES[0]}", MachO(exports=NAMES[1:]).content),
            ("needs /usr/lib/libz.1.dylib", MachO(needed=("/usr/lib/libz.1.dylib",)).content),
            ("needs macOS 11.1", MachO(minimum=(11, 1)).content),
            ("needs macOS 11.0", MachO(cpu=0x01000007).content),
            ("has another name inside than @rpath/libdemur.dylib", MachO(name="/tmp/libdemur.dylib").content),
            ("is not signed, which macOS on arm64 asks for", MachO(signed=False).content),
            ("has memory that is writable and executable", MachO(protection=7).content),
            (
                "looks for libraries in folders of its own",
                MachO(extra=MachO.text(0x8000001C, "/opt"), extra_count=1).content,
            ),
        ):
            with self.subTest(expected):
                self.assertEqual(problems(content)[2], [expected])

    def test_a_signature_that_does_not_fit_is_named(self):
        good = MachO().content
        damaged = good[:28] + b"\1" + good[29:]  # what the header reserves, and nothing else looks at
        self.assertEqual(problems(damaged)[2], ["has a signature that page 0 does not fit"])


class Windows(unittest.TestCase):
    def test_a_library_as_it_should_be_passes(self):
        self.assertEqual(problems(PE().content), ("windows", "x86_64", []))

    def test_each_thing_that_is_wrong_is_named(self):
        for expected, content in (
            ("exports stray", PE(exports=[*NAMES, "stray"]).content),
            (f"does not export {NAMES[0]}", PE(exports=NAMES[1:]).content),
            ("needs libwinpthread-1.dll", PE(needed=("libwinpthread-1.dll",)).content),
            ("needs msvcrt.dll", PE(needed=("KERNEL32.dll", "msvcrt.dll")).content),
            ("needs Windows 10.1", PE(version=(10, 1)).content),
            ("has another name inside than demur.dll", PE(name="libdemur.dll").content),
            ("cannot be moved in memory, or runs what is data", PE(characteristics=0x120).content),
            ("has memory that is writable and executable", PE(flags=0xE0000020).content),
            ("needs libraries later", PE(delayed=True).content),
        ):
            with self.subTest(expected):
                self.assertEqual(problems(content)[2], [expected])


class Jar(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.jar = pathlib.Path(temporary.name) / "demur.jar"

    def check(self, files, *places, notices=check_library.NOTICES):
        with zipfile.ZipFile(self.jar, "w") as jar:
            for name, content in notices.items():
                jar.writestr(name, content)
            for name, content in files.items():
                jar.writestr(f"dev/demur/native/{name}", content)
        command = [NATIVE / "check-library", "--jar", self.jar, *places]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_jar_holds_exactly_the_libraries_that_are_named_each_in_its_place(self):
        mac, windows = MachO().content, PE().content
        files = {"macos/aarch64/libdemur.dylib": mac, "windows/x86_64/demur.dll": windows}
        self.assertEqual(self.check(files, "macos/aarch64", "windows/x86_64").returncode, 0)
        self.assertIn("holds dev/demur/native/windows/x86_64/demur.dll", self.check(files, "macos/aarch64").stderr)
        missing = self.check(files, "macos/aarch64", "windows/x86_64", "linux/x86_64")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("lacks dev/demur/native/linux/x86_64/libdemur.so", missing.stderr)
        swapped = self.check({"macos/x86_64/libdemur.dylib": mac}, "macos/x86_64")
        self.assertEqual((swapped.returncode, swapped.stdout), (1, ""))
        self.assertIn("is for macos/aarch64", swapped.stderr)

    def test_the_licences_of_what_is_linked_in_must_be_there(self):
        files = {"macos/aarch64/libdemur.dylib": MachO().content}
        for name in check_library.NOTICES:
            result = self.check(files, "macos/aarch64", notices={**check_library.NOTICES, name: "nothing"})
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"{name} is missing or does not name", result.stderr)


class PackageLlama(unittest.TestCase):
    """On packages that lie in the cache already, so that nothing is fetched."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        lock = json.loads((NATIVE / "llama.lock").read_text())
        entry = lock["llama-cpp-py-sync"]
        package = self.folder / "cache/demur/llama" / f"llama-cpp-py-sync-{entry['version']}"
        package.mkdir(parents=True)
        (package / "integrity").write_text(entry["integrity"])
        for name in ("llama.dll", "ggml.dll", "LICENSE", "THIRD_PARTY_NOTICES.txt"):
            (package / name).write_text(f"stands for {name}")

    def package(self, *arguments):
        environment = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), "PATH": "/nowhere"}
        command = [sys.executable, NATIVE / "package-llama", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    def test_a_jar_has_the_libraries_an_index_of_them_and_the_licences(self):
        first = self.package("--version", "9", self.folder / "a", "windows-x64")
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        jar = pathlib.Path(first.stdout.strip())
        self.assertEqual(jar, self.folder / "a" / "demur-llama-windows-x64-9.jar")
        with zipfile.ZipFile(jar) as files:
            index = files.read("dev/demur/llama/windows/x86_64/index").decode().splitlines()
            self.assertIn("library llama.dll", index)
            self.assertIn("cpu avx2 fma f16c bmi2", index)
            content = files.read("dev/demur/llama/windows/x86_64/ggml.dll")
            self.assertIn(f"file {zlib.crc32(content):x} {len(content)} ggml.dll", index)
            self.assertIn("ggml authors", files.read("META-INF/LICENSE-llama.cpp").decode())
            self.assertIn("META-INF/LICENSE-llama-cpp-py-sync", files.namelist())
        self.assertIn("<artifactId>demur-llama-windows-x64</artifactId>", jar.with_suffix(".pom").read_text())
        self.package("--version", "9", self.folder / "b", "windows-x64")
        self.assertEqual(jar.read_bytes(), (self.folder / "b" / jar.name).read_bytes())

    def test_an_unknown_platform_is_told_with_the_known_ones(self):
        result = self.package(self.folder / "a", "plan9-mips")
        self.assertEqual(result.returncode, 2)
        self.assertIn("linux-arm64", result.stderr)


if __name__ == "__main__":
    unittest.main()
