package dev.demur.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process holds, by Linux' own count.
 *
 * @param threads it has
 * @param files it has open
 * @param mapped files of a folder that are mapped
 */
record Usage(int threads, int files, int mapped) {

    static Usage now(Path folder) throws IOException {
        System.gc();
        int mapped = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            mapped += line.contains(folder.toString()) ? 1 : 0;
        }
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return new Usage((int) number("Threads:"), (int) open.count(), mapped);
        }
    }

    /** Resident memory after a collection, in KiB. */
    static long residentKib() throws IOException {
        System.gc();
        return number("VmRSS:");
    }

    private static long number(String name) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
        for (String line : lines) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IllegalStateException("/proc/self/status has no " + name);
    }
}
