package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code native/all-platforms} in a checkout whose compiler is a script that counts how often it is called. */
@EnabledOnOs(OS.LINUX)
class AllPlatformsTest {

    private static final String LIBRARY = "linux/x86_64/libdemur.so";

    @TempDir
    Path folder;

    private Path checkout;

    @BeforeEach
    void a_checkout() throws IOException {
        checkout = checkout("checkout");
        script(folder.resolve("compiler/zig"), "exit 0");
        for (String licence : List.of("LICENSE", "lib/libc/mingw/COPYING")) {
            write(folder.resolve("compiler").resolve(licence), licence);
        }
    }

    @Test
    void what_was_built_once_is_not_built_again_here_or_elsewhere() throws IOException, InterruptedException {
        assertEquals(0, run(checkout).status());
        assertEquals("built from int x;", read(checkout, LIBRARY));
        assertEquals("LICENSE", read(checkout, "licences/zig.txt"));
        assertEquals("lib/libc/mingw/COPYING", read(checkout, "licences/mingw-w64.txt"));
        FileTime written = Files.getLastModifiedTime(checkout.resolve("out").resolve(LIBRARY));
        JavaProcess again = run(checkout);
        assertEquals("", again.out() + again.err());
        assertEquals(written, Files.getLastModifiedTime(checkout.resolve("out").resolve(LIBRARY)), "the jar stays");
        Path other = checkout("another checkout");
        assertEquals(0, run(other).status());
        assertEquals("built from int x;", read(other, LIBRARY));
        assertEquals(1, builds());
    }

    @Test
    void other_sources_or_another_compiler_are_built() throws IOException, InterruptedException {
        run(checkout);
        for (String changed : List.of(
                "native/src/a.c",
                "native/include/demur.h",
                "native/stubs/libgcc_s.c",
                "native/zig.lock",
                "native/cross.cmake",
                "native/CMakeLists.txt",
                "native/check-library",
                "src/main/java/dev/demur/bindings/JniBindings.java")) {
            int before = builds();
            Files.writeString(checkout.resolve(changed), "changed");
            assertEquals(0, run(checkout).status(), changed);
            assertEquals(before + 1, builds(), changed);
        }
        assertEquals("built from changed", read(checkout, LIBRARY));
        Files.writeString(checkout.resolve("native/test.c"), "what is no source of the library");
        int before = builds();
        run(checkout);
        assertEquals(before, builds());
    }

    @Test
    void what_was_damaged_in_the_cache_is_built_again() throws IOException, InterruptedException {
        run(checkout);
        Path kept;
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            kept = files.filter(file -> file.endsWith(LIBRARY)).findFirst().orElseThrow();
        }
        Files.writeString(kept, "something else");
        assertEquals(0, run(checkout).status());
        assertEquals("built from int x;", read(checkout, LIBRARY));
        assertEquals(2, builds());
        run(checkout);
        assertEquals(2, builds(), "and kept again");
    }

    @Test
    void a_machine_without_the_compiler_takes_what_was_kept_and_else_says_what_to_do()
            throws IOException, InterruptedException {
        run(checkout);
        script(checkout.resolve("native/fetch-zig"), "echo 'fetch-zig: no network' >&2; exit 1");
        assertEquals(0, run(checkout).status());
        Files.writeString(checkout.resolve("native/src/a.c"), "int y;");
        JavaProcess failed = run(checkout);
        assertEquals(1, failed.status());
        assertTrue(failed.err().contains("no network"), failed::toString);
        assertTrue(failed.err().contains("-Ddemur.platforms=this"), failed::toString);
        assertEquals("built from int x;", read(checkout, LIBRARY));
    }

    @Test
    void a_build_that_fails_leaves_nothing_in_the_cache() throws IOException, InterruptedException {
        run(checkout);
        List<Path> before = kept();
        assertFalse(before.isEmpty());
        script(checkout.resolve("native/cross"), "echo half >\"$2/" + LIBRARY + "\"; exit 1");
        assertEquals(1, run(checkout).status());
        assertEquals(before, kept());
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private int builds() throws IOException {
        return Files.readAllLines(folder.resolve("builds")).size();
    }

    private static String read(Path checkout, String file) throws IOException {
        return Files.readString(checkout.resolve("out").resolve(file));
    }

    private JavaProcess run(Path checkout) throws IOException, InterruptedException {
        Map<String, String> variables =
                new HashMap<>(Map.of("DEMUR_NATIVES", folder.resolve("cache").toString()));
        variables.put("XDG_CACHE_HOME", folder.resolve("user").toString());
        return JavaProcess.run(checkout, variables, List.of("native/all-platforms", "out"));
    }

    /** Its script cross writes down that it was called, and a library that tells what it was built from. */
    private Path checkout(String name) throws IOException {
        Path made = folder.resolve(name);
        for (String file : List.of("native/all-platforms", "src/build/requirements", "src/build/jdk.sh")) {
            Files.createDirectories(made.resolve(file).getParent());
            Files.copy(Path.of(file), made.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        for (String file : List.of("zig.lock", "cross.cmake", "CMakeLists.txt", "check-library", "include/demur.h")) {
            write(made.resolve("native").resolve(file), file);
        }
        write(made.resolve("native/stubs/libgcc_s.c"), "stub");
        write(made.resolve("native/inspection/elf.py"), "elf");
        write(made.resolve("native/src/a.c"), "int x;");
        write(made.resolve("src/main/java/dev/demur/bindings/JniBindings.java"), "methods");
        script(made.resolve("native/fetch-zig"), "echo '" + folder.resolve("compiler/zig") + "'");
        script(
                made.resolve("native/cross"),
                "mkdir -p \"$2/linux/x86_64\" \"$2/work/linux/x86_64\"",
                "printf 'built from %s' \"$(cat native/src/a.c)\" >\"$2/" + LIBRARY + "\"",
                "cp \"$2/" + LIBRARY + "\" \"$2/work/linux/x86_64/\"",
                "echo built >>'" + folder.resolve("builds") + "'");
        return made;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void script(Path file, String... lines) throws IOException {
        write(file, "#!/bin/sh\nset -eu\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
