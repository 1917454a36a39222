package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What the jar that embedders get holds and leaves out. */
class PackagedJarIT {

    private static JarFile jar() throws IOException {
        return new JarFile(Bindings.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    }

    @Test
    void the_jar_has_the_ffm_binding_for_java_22_and_none_for_java_17() throws IOException {
        try (JarFile jar = jar()) {
            assertTrue(jar.isMultiRelease());
            assertNotNull(jar.getEntry("META-INF/versions/22/dev/demur/bindings/FfmBindings.class"));
            assertEquals(
                    List.of(), names(jar, "dev/demur/bindings/FfmBindings.*"), "compiled for 22 and seen by Java 17");
        }
    }

    @Test
    void the_jar_tells_native_image_what_c_reaches() throws IOException {
        try (JarFile jar = jar()) {
            assertNotNull(jar.getEntry("META-INF/native-image/dev.demur/demur/reachability-metadata.json"));
        }
    }

    @Test
    void the_sources_are_in_their_own_jar_the_ffm_binding_too() throws IOException {
        try (JarFile jar = jar();
                JarFile sources = new JarFile(jar.getName().replaceFirst("\\.jar$", "-sources.jar"))) {
            assertEquals(List.of(), names(jar, ".*\\.java"));
            assertNotNull(sources.getEntry("dev/demur/bindings/Bindings.java"));
            assertNotNull(sources.getEntry("META-INF/versions/22/dev/demur/bindings/FfmBindings.java"));
        }
    }

    @Test
    void the_front_page_of_the_javadoc_has_an_example_and_the_licence_of_the_project() throws IOException {
        try (JarFile jar = jar();
                JarFile javadoc = new JarFile(jar.getName().replaceFirst("\\.jar$", "-javadoc.jar"))) {
            String page = new String(
                    javadoc.getInputStream(javadoc.getEntry("index.html")).readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(page.contains("Demur.load(Path.of("), page);
            assertTrue(page.contains("Licensed under the Apache License, Version 2.0"), page);
            assertFalse(page.contains("All rights reserved"), page);
        }
    }

    @Test
    void the_jar_has_a_libdemur_for_this_platform() throws IOException {
        try (JarFile jar = jar()) {
            assertNotNull(jar.getEntry(Platform.current().libdemurResource()));
        }
    }

    @Test
    void the_command_line_is_left_to_the_other_jar() throws IOException {
        try (JarFile jar = jar()) {
            assertEquals(List.of(), names(jar, "dev/demur/(cli|desktop)/.*"));
            assertEquals(List.of(), names(jar, "META-INF/services/.*"));
        }
    }

    private static List<String> names(JarFile jar, String pattern) {
        return jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.matches(pattern))
                .toList();
    }
}
