package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.suites.EveryJava;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Demur inside one jar with everything else, as shading tools make it. */
@EveryJava
class UberJarIT {

    private static final boolean HAS_FFM = Runtime.version().feature() >= 22;

    @TempDir
    Path temporary;

    @Test
    void without_the_line_for_multi_release_jars_jni_is_taken_and_said_at_debug_level() throws Exception {
        Path jar = uberJar(temporary.resolve("uber.jar"), false);
        JavaProcess run = probe(jar, List.of("-Djava.util.logging.config.file=" + logging()));
        assertEquals("jni", run.out().lines().findFirst().orElse(""), run::toString);
        assertEquals(HAS_FFM, run.err().contains("Multi-Release: true"), run::toString);
        assertEquals("", probe(jar, List.of()).err());
    }

    @Test
    void with_it_the_binding_is_that_of_this_java() throws Exception {
        JavaProcess run = probe(uberJar(temporary.resolve("uber.jar"), true), List.of());
        assertEquals(HAS_FFM ? "ffm" : "jni", run.out().lines().findFirst().orElse(""), run::toString);
        assertEquals("", run.err());
    }

    @Test
    void asking_for_ffm_without_it_says_what_is_missing() throws Exception {
        Path jar = uberJar(temporary.resolve("uber.jar"), false);
        String said = probe(jar, List.of("-Ddemur.binding=ffm")).out();
        assertTrue(said.contains(HAS_FFM ? "Multi-Release: true" : "needs Java 22"), said);
    }

    @Test
    void a_folder_whose_name_ends_in_an_exclamation_mark_is_one_like_any_other() throws Exception {
        List<Path> jars = List.of(
                uberJar(temporary.resolve("multi-release.jar"), true), uberJar(temporary.resolve("plain.jar"), false));
        for (String name : List.of("wow!", "a!b", "!", "a! b/c!", "50%!", "x.jar!")) {
            Path folder = Files.createDirectories(temporary.resolve(name));
            Path cache = Files.createDirectory(folder.resolve("cache"));
            for (Path jar : jars) {
                Path copy = Files.copy(jar, folder.resolve("uber.jar"), StandardCopyOption.REPLACE_EXISTING);
                JavaProcess run = probe(copy, List.of("-Ddemur.native.dir=" + cache));
                List<String> lines = run.out().lines().toList();
                assertEquals(2, lines.size(), run::toString);
                assertTrue(Path.of(lines.get(1)).startsWith(cache.toRealPath()), run::toString);
            }
        }
    }

    private Path logging() throws IOException {
        return Files.writeString(
                temporary.resolve("logging.properties"),
                "handlers=java.util.logging.ConsoleHandler\njava.util.logging.ConsoleHandler.level=ALL\n"
                        + "dev.demur.level=ALL\n");
    }

    private static JavaProcess probe(Path jar, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(JavaProcess.java(), "-XX:+IgnoreUnrecognizedVMOptions"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(JavaProcess.settings("demur.native.dir"));
        command.addAll(options);
        command.addAll(List.of("-cp", jar.toString(), BindingProbe.class.getName()));
        return JavaProcess.run(jar.getParent(), Map.of(), command);
    }

    /** What an embedder has on the class path in one jar, and no manifest but its own. */
    private static Path uberJar(Path jar, boolean multiRelease) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (multiRelease) {
            manifest.getMainAttributes().put(Attributes.Name.MULTI_RELEASE, "true");
        }
        Set<String> seen = new HashSet<>(Set.of("META-INF/MANIFEST.MF"));
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.setLevel(0);
            String probe = BindingProbe.class.getName().replace('.', '/') + ".class";
            for (String entry : JavaProcess.classPath().split(File.pathSeparator)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path) && Files.exists(path.resolve(probe))) {
                    out.putNextEntry(new JarEntry(probe));
                    Files.copy(path.resolve(probe), out);
                } else if (path.getFileName()
                        .toString()
                        .matches("(demur-[0-9.]*(-SNAPSHOT)?|gson-.*|jspecify-.*)\\.jar")) {
                    copy(path, out, seen);
                }
            }
        }
        return jar;
    }

    private static void copy(Path from, JarOutputStream out, Set<String> seen) throws IOException {
        try (JarFile jar = new JarFile(from.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (!entry.isDirectory() && seen.add(entry.getName())) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    jar.getInputStream(entry).transferTo(out);
                }
            }
        }
    }
}
