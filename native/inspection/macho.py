"""A library for macOS: 64-bit Mach-O."""

import hashlib
import struct

LIBRARIES = {"/usr/lib/libSystem.B.dylib", "/usr/lib/libc++.1.dylib"}
MACHINES = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
# The oldest that has everything: macOS 11 is the first for arm64.
NEWEST = {"x86_64": (10, 15), "aarch64": (11, 0)}

MH_DYLIB = 6
LC_SYMTAB, LC_LOAD_DYLIB, LC_ID_DYLIB, LC_SEGMENT_64, LC_CODE_SIGNATURE = 0x2, 0xC, 0xD, 0x19, 0x1D
LC_DYLD_INFO_ONLY, LC_DYLD_EXPORTS_TRIE = 0x80000022, 0x80000033
LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB, LC_RPATH = 0x80000018, 0x8000001F, 0x8000001C
LC_VERSION_MIN_MACOSX, LC_BUILD_VERSION, PLATFORM_MACOS = 0x24, 0x32, 1
WRITE, EXECUTE = 2, 4
# What zig's linker makes itself; programs look for functions by library and name, so that nobody meets them.
OF_THE_LINKER = {"__dso_handle", "_mh_dylib_header"}
SIGNATURE, DIRECTORY, ADHOC, SHA256 = 0xFADE0CC0, 0xFADE0C02, 0x2, 2


def is_one(content):
    return content[:4] == b"\xcf\xfa\xed\xfe"


def uleb(content, position):
    value = shift = 0
    while True:
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position


class Library:
    def __init__(self, content):
        self.content = content
        cpu, _, kind, count, _ = struct.unpack_from("<IIIII", content, 4)
        if kind != MH_DYLIB:
            raise ValueError("is no shared library")
        self.machine = MACHINES.get(cpu, f"machine {cpu:#x}")
        self.commands, position = [], 32
        for _ in range(count):
            command, size = struct.unpack_from("<II", content, position)
            if size < 8 or position + size > len(content):
                raise ValueError("ends within its load commands")
            self.commands.append((command, content[position : position + size]))
            position += size

    def having(self, *wanted):
        return [body for command, body in self.commands if command in wanted]

    def text(self, body):
        start = struct.unpack_from("<I", body, 8)[0]
        return body[start:].split(b"\0", 1)[0].decode()

    def needed(self):
        return [self.text(body) for body in self.having(LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB)]

    def version(self):
        """The oldest macOS that it is for, as (major, minor); None where it does not say."""
        for body in self.having(LC_BUILD_VERSION):
            platform, minimum = struct.unpack_from("<II", body, 8)
            return (minimum >> 16, minimum >> 8 & 0xFF) if platform == PLATFORM_MACOS else None
        for body in self.having(LC_VERSION_MIN_MACOSX):
            minimum = struct.unpack_from("<I", body, 8)[0]
            return minimum >> 16, minimum >> 8 & 0xFF
        return None

    def needs(self):
        return ["macOS " + ".".join(map(str, self.version() or ("?",)))]

    def exports(self):
        """The names in the tree that the loader looks into, without C's leading underscore."""
        start, size = 0, 0
        for body in self.having(LC_DYLD_INFO_ONLY):
            start, size = struct.unpack_from("<II", body, 40)
        for body in self.having(LC_DYLD_EXPORTS_TRIE):
            start, size = struct.unpack_from("<II", body, 8)
        if size == 0:
            raise ValueError("exports nothing")
        tree, names, waiting = self.content[start : start + size], set(), [(0, b"")]
        while waiting:
            position, name = waiting.pop()
            terminal, position = uleb(tree, position)
            if terminal > 0:
                names.add(name.decode().removeprefix("_"))
            position += terminal
            children = tree[position]
            position += 1
            for _ in range(children):
                end = tree.index(b"\0", position)
                child, following = uleb(tree, end + 1)
                waiting.append((child, name + tree[position:end]))
                position = following
        return names - OF_THE_LINKER

    def signature_problems(self):
        bodies = self.having(LC_CODE_SIGNATURE)
        if not bodies:
            if self.machine == "aarch64":
                yield "is not signed, which macOS on arm64 asks for"
            return
        start, _ = struct.unpack_from("<II", bodies[0], 8)
        magic, _, count = struct.unpack_from(">III", self.content, start)
        if magic != SIGNATURE:
            yield "has a damaged signature"
            return
        found = False
        for i in range(count):
            _, offset = struct.unpack_from(">II", self.content, start + 12 + 8 * i)
            if struct.unpack_from(">I", self.content, start + offset)[0] == DIRECTORY:
                found = True
                yield from self.directory_problems(start + offset)
        if not found:
            yield "has a signature without hashes"

    def directory_problems(self, start):
        """Each page's hash must be that of the page, or the system ends who loads it."""
        _, _, _, flags, hashes, _, _, pages, limit = struct.unpack_from(">IIIIIIIII", self.content, start)
        size, kind, _, shift = struct.unpack_from(">BBBB", self.content, start + 36)
        if not flags & ADHOC:
            yield "is signed by somebody"
        if kind != SHA256 or size != 32:
            yield "is signed by another hash than SHA-256"
            return
        page = 1 << shift
        for i in range(pages):
            expected = self.content[start + hashes + 32 * i : start + hashes + 32 * i + 32]
            if hashlib.sha256(self.content[i * page : min((i + 1) * page, limit)]).digest() != expected:
                yield f"has a signature that page {i} does not fit"

    def problems(self):
        if self.machine not in NEWEST:
            yield f"is for {self.machine}"
        yield from (f"needs {name}" for name in self.needed() if name not in LIBRARIES)
        version = self.version()
        if version is None or version > NEWEST.get(self.machine, (0, 0)):
            yield f"needs {self.needs()[0]}"
        if [self.text(body) for body in self.having(LC_ID_DYLIB)] != ["@rpath/libdemur.dylib"]:
            yield "has another name inside than @rpath/libdemur.dylib"
        if self.having(LC_RPATH):
            yield "looks for libraries in folders of its own"
        for body in self.having(LC_SEGMENT_64):
            if struct.unpack_from("<I", body, 60)[0] & (WRITE | EXECUTE) == WRITE | EXECUTE:
                yield "has memory that is writable and executable"
        yield from self.signature_problems()
