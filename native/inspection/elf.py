"""A library for Linux: 64-bit little-endian ELF."""

import re
import struct

MACHINES = {62: "x86_64", 183: "aarch64"}
LIBRARIES = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "libgcc_s.so.1", "libstdc++.so.6"}
LIBRARIES |= {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
NEWEST = {"GLIBC": (2, 17), "GLIBCXX": (3, 4), "CXXABI": (1, 3), "GCC": (3, 3)}

PT_LOAD, PT_DYNAMIC, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 0x6474E551, 0x6474E552
DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_SONAME, DT_RPATH, DT_TEXTREL, DT_RUNPATH = 1, 4, 5, 6, 14, 15, 22, 29
DT_GNU_HASH, DT_VERNEED, DT_VERNEEDNUM = 0x6FFFFEF5, 0x6FFFFFFE, 0x6FFFFFFF


def is_one(content):
    return content[:4] == b"\x7fELF"


class Library:
    """The dynamic part of a 64-bit little-endian ELF file."""

    def __init__(self, content):
        self.content = content
        if content[:6] != b"\x7fELF\x02\x01":
            raise ValueError("is no 64-bit little-endian ELF file")
        (machine,) = struct.unpack_from("<H", content, 18)
        self.machine = MACHINES.get(machine, f"machine {machine}")
        (offset,) = struct.unpack_from("<Q", content, 32)
        size, count = struct.unpack_from("<HH", content, 54)
        # type, flags, offset, virtual address, physical address, bytes in the file, in memory, alignment
        self.segments = [struct.unpack_from("<IIQQQQQQ", content, offset + i * size) for i in range(count)]
        self.dynamic = []
        for kind, _, start, _, _, length, _, _ in self.segments:
            if kind == PT_DYNAMIC:
                pairs = struct.iter_unpack("<qQ", content[start : start + length - length % 16])
                self.dynamic = [pair for pair in pairs if pair[0] != 0]
        if not self.dynamic:
            raise ValueError("is no shared library")
        self.strings = self.at(self.value(DT_STRTAB))

    def value(self, tag):
        return next((value for found, value in self.dynamic if found == tag), None)

    def values(self, tag):
        return [value for found, value in self.dynamic if found == tag]

    def at(self, address):
        """Where an address of memory lies in the file."""
        for kind, _, start, begin, _, length, _, _ in self.segments:
            if kind == PT_LOAD and begin <= address < begin + length:
                return address - begin + start
        raise ValueError(f"has nothing at address {address:#x}")

    def string(self, index):
        start = self.strings + index
        return self.content[start : self.content.index(b"\0", start)].decode("ascii")

    def symbol_count(self):
        if self.value(DT_HASH) is not None:
            return struct.unpack_from("<I", self.content, self.at(self.value(DT_HASH)) + 4)[0]
        table = self.at(self.value(DT_GNU_HASH))
        buckets, first, bloom, _ = struct.unpack_from("<IIII", self.content, table)
        chains = table + 16 + bloom * 8 + buckets * 4
        last = max(struct.unpack_from(f"<{buckets}I", self.content, chains - buckets * 4))
        while last >= first and not struct.unpack_from("<I", self.content, chains + (last - first) * 4)[0] & 1:
            last += 1
        return max(last + 1, first)

    def exports(self):
        names, table = set(), self.at(self.value(DT_SYMTAB))
        for i in range(1, self.symbol_count()):
            name, info, _, section = struct.unpack_from("<IBBH", self.content, table + i * 24)
            if section != 0 and info >> 4 != 0:
                names.add(self.string(name))
        return names

    def needed(self):
        return [self.string(value) for value in self.values(DT_NEEDED)]

    def versions(self):
        """The versions that it needs of other libraries' functions."""
        found, position = set(), self.value(DT_VERNEED)
        if position is None:
            return found
        position = self.at(position)
        for _ in range(self.value(DT_VERNEEDNUM)):
            _, count, _, first, following = struct.unpack_from("<HHIII", self.content, position)
            version = position + first
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", self.content, version)
                found.add(self.string(name))
                version += step
            position += following
        return found

    def needs(self):
        return sorted(self.versions())

    def problems(self):
        yield from (f"needs {name}" for name in self.needed() if name not in LIBRARIES)
        for version in sorted(self.versions()):
            family, _, number = version.partition("_")
            parts = tuple(int(part) for part in number.split(".")) if re.fullmatch(r"[0-9.]+", number) else None
            if family not in NEWEST or parts is None or parts > NEWEST[family]:
                yield f"needs {version}"
        if self.machine not in MACHINES.values():
            yield f"is for {self.machine}"
        if [self.string(value) for value in self.values(DT_SONAME)] != ["libdemur.so"]:
            yield "has another name inside than libdemur.so"
        if self.values(DT_RPATH) or self.values(DT_RUNPATH):
            yield "looks for libraries in folders of its own"
        if self.values(DT_TEXTREL):
            yield "writes to its own code"
        stacks = [flags for kind, flags, *_ in self.segments if kind == PT_GNU_STACK]
        if stacks != [6]:
            yield "asks for an executable stack, or does not say"
        if any(kind == PT_LOAD and flags & 3 == 3 for kind, flags, *_ in self.segments):
            yield "has memory that is writable and executable"
        if not any(kind == PT_GNU_RELRO for kind, *_ in self.segments):
            yield "leaves its tables writable"
