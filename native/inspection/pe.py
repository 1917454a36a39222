"""A library for Windows on x86-64: PE32+."""

import re
import struct

# The C library is a part of Windows from 10 on; Java brings VCRUNTIME140.dll along.
LIBRARIES = re.compile(r"kernel32\.dll|vcruntime140\.dll|api-ms-win-crt-[a-z]+-l1-1-0\.dll", re.I)
NEWEST = (10, 0)
MACHINES = {0x8664: "x86_64"}
HIGH_ENTROPY, MOVABLE, NO_EXECUTE, DLL = 0x20, 0x40, 0x100, 0x2000
EXPORTS, IMPORTS, DELAYED = 0, 1, 13
EXECUTE, WRITE = 0x20000000, 0x80000000


def is_one(content):
    return content[:2] == b"MZ"


class Library:
    def __init__(self, content):
        self.content = content
        start = struct.unpack_from("<I", content, 60)[0]
        if content[start : start + 4] != b"PE\0\0":
            raise ValueError("is no library for Windows")
        machine, count, _, _, _, size, self.kind = struct.unpack_from("<HHIIIHH", content, start + 4)
        self.machine = MACHINES.get(machine, f"machine {machine:#x}")
        self.optional = start + 24
        if struct.unpack_from("<H", content, self.optional)[0] != 0x20B or not self.kind & DLL:
            raise ValueError("is no 64-bit library for Windows")
        # name, size in memory, address, size in the file, place in the file, …, flags
        self.sections = [
            struct.unpack_from("<8sIIIIIIHHI", content, self.optional + size + 40 * i) for i in range(count)
        ]

    def at(self, address):
        """Where an address of memory lies in the file."""
        for _, size, begin, stored, place, *_ in self.sections:
            if begin <= address < begin + min(max(size, stored), stored):
                return address - begin + place
        raise ValueError(f"has nothing at address {address:#x}")

    def table(self, number):
        return struct.unpack_from("<II", self.content, self.optional + 112 + 8 * number)

    def string(self, address):
        start = self.at(address)
        return self.content[start : self.content.index(b"\0", start)].decode("ascii")

    def name(self):
        return self.string(struct.unpack_from("<I", self.content, self.at(self.table(EXPORTS)[0]) + 12)[0])

    def exports(self):
        start = self.at(self.table(EXPORTS)[0])
        count, _, names = struct.unpack_from("<III", self.content, start + 24)
        addresses = struct.unpack_from(f"<{count}I", self.content, self.at(names))
        return {self.string(address) for address in addresses}

    def needed(self):
        found, address = [], self.table(IMPORTS)[0]
        position = self.at(address) if address else None
        while position is not None:
            name = struct.unpack_from("<I", self.content, position + 12)[0]
            if name == 0:
                break
            found.append(self.string(name))
            position += 20
        return found

    def version(self):
        return struct.unpack_from("<HH", self.content, self.optional + 48)

    def needs(self):
        return ["Windows 10"]  # for its C library, whatever the file says

    def problems(self):
        if self.machine not in MACHINES.values():
            yield f"is for {self.machine}"
        yield from (f"needs {name}" for name in self.needed() if not LIBRARIES.fullmatch(name))
        if self.table(DELAYED)[0]:
            yield "needs libraries later"
        if self.version() > NEWEST:
            yield "needs Windows " + ".".join(map(str, self.version()))
        if self.name() != "demur.dll":
            yield "has another name inside than demur.dll"
        flags = struct.unpack_from("<H", self.content, self.optional + 70)[0]
        if flags & (HIGH_ENTROPY | MOVABLE | NO_EXECUTE) != HIGH_ENTROPY | MOVABLE | NO_EXECUTE:
            yield "cannot be moved in memory, or runs what is data"
        if any(section[9] & EXECUTE and section[9] & WRITE for section in self.sections):
            yield "has memory that is writable and executable"
