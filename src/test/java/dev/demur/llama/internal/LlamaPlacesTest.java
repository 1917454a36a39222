package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaPlacesTest {

    @TempDir
    Path root;

    private Path put(String name) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }

    private List<Path> found(Map<String, String> environment) {
        return new LlamaPlaces(root, environment, "amd64")
                .libraries().stream().map(LlamaLibrary::file).toList();
    }

    @Test
    void the_order_is_programs_then_homebrew_then_the_distribution_then_what_was_put_there_by_hand()
            throws IOException {
        Path home = put("home/me/llama.cpp/build/bin/libllama.so");
        Path archive = put("srv/llama-b9000/libllama.so");
        put("srv/llama-b9000/llama-cli");
        Path brew = put("opt/homebrew/opt/llama.cpp/lib/libllama.dylib");
        Path debian = put("usr/lib/x86_64-linux-gnu/libllama.so.0");
        Path fedora = put("usr/lib64/libllama.so");
        Path hand = put("usr/local/lib/libllama.so");
        Map<String, String> environment = Map.of(
                "PATH",
                "/no/such/folder" + File.pathSeparator + root.resolve("srv/llama-b9000"),
                "HOME",
                root.resolve("home/me").toString());
        List<Path> expected = List.of(archive.toRealPath(), brew, debian, fedora, hand, home);
        assertEquals(expected, found(environment));
    }

    @Test
    void on_windows_programs_winget_and_the_profile_are_looked_through() throws IOException {
        Path program = put("tools/llama.dll");
        put("tools/llama-cli.exe");
        Path winget =
                put("local/Microsoft/WinGet/Packages/ggml.llamacpp_Microsoft.Winget.Source_8wekyb3d8bbwe/llama.dll");
        put("local/Microsoft/WinGet/Packages/other.package/llama.dll");
        Path installed = put("Program Files/llama.cpp/bin/llama.dll");
        Path profile = put("profile/llama.cpp/llama.dll");
        Map<String, String> environment = Map.of(
                "PATH", root.resolve("tools").toString(),
                "LOCALAPPDATA", root.resolve("local").toString(),
                "ProgramFiles", root.resolve("Program Files").toString(),
                "USERPROFILE", root.resolve("profile").toString());
        assertEquals(List.of(program.toRealPath(), winget, installed, profile), found(environment));
    }

    @Test
    void a_library_that_is_reached_by_several_ways_counts_once_and_links_are_followed_to_the_program()
            throws IOException {
        Path library = put("Cellar/llama.cpp/9000/lib/libllama.so");
        Path program = put("Cellar/llama.cpp/9000/bin/llama-server");
        Files.createDirectories(root.resolve("opt/homebrew/opt"));
        Files.createDirectories(root.resolve("bin"));
        Files.createSymbolicLink(root.resolve("bin/llama-server"), program);
        Files.createSymbolicLink(root.resolve("opt/homebrew/opt/llama.cpp"), root.resolve("Cellar/llama.cpp/9000"));
        assertEquals(
                List.of(library.toRealPath()),
                found(Map.of("PATH", root.resolve("bin").toString())));
    }

    @Test
    void homebrew_may_be_elsewhere() throws IOException {
        Path library = put("linuxbrew/lib/libllama.so");
        assertEquals(
                List.of(library),
                found(Map.of("HOMEBREW_PREFIX", root.resolve("linuxbrew").toString())));
    }

    @Test
    void an_empty_machine_has_none_and_a_relative_search_path_is_left_alone() throws IOException {
        put("llama-cli");
        assertEquals(List.of(), found(Map.of("PATH", "." + File.pathSeparator)));
    }

    @Test
    void variables_that_name_no_absolute_folder_lead_to_no_library_in_the_working_directory() throws IOException {
        Path here = Path.of("target/places-" + ProcessHandle.current().pid());
        Files.createDirectories(here.resolve("llama.cpp"));
        Files.createDirectories(here.resolve("lib"));
        Path library = Files.createFile(here.resolve("llama.cpp/libllama.so"));
        Path other = Files.createFile(here.resolve("lib/libllama.so"));
        try {
            for (String relative : List.of(here.toString(), "./" + here, "?", "\0")) {
                assertEquals(List.of(), found(Map.of("HOME", relative)), relative);
                assertEquals(List.of(), found(Map.of("HOMEBREW_PREFIX", relative)), relative);
            }
            String absolute = here.toAbsolutePath().toString();
            assertEquals(List.of(library.toAbsolutePath()), found(Map.of("HOME", absolute)));
            assertEquals(List.of(other.toAbsolutePath()), found(Map.of("HOMEBREW_PREFIX", absolute)));
        } finally {
            for (Path made : List.of(library, other, library.getParent(), other.getParent(), here)) {
                Files.delete(made);
            }
        }
    }

    @Test
    void a_folder_is_searched_as_an_archive_or_a_build_is_laid_out() throws IOException {
        Path library = put("release/build/bin/libllama.so");
        assertEquals(library, LlamaLibrary.find(root.resolve("release")).file());
    }

    @Test
    void a_version_is_newer_by_number_and_one_that_is_none_is_not() {
        for (String newer : List.of("0.5.1", "0.10.0-dev", "1.0.0", "0.6.0", "99999999999999999999.0.0")) {
            assertTrue(LlamaRuntime.Description.isNewer(newer, "0.5.0"), newer);
        }
        for (String older : List.of("0.5.0", "0.5.0-dev", "0.4.9", "", "b10500", "master")) {
            assertFalse(LlamaRuntime.Description.isNewer(older, "0.5.0"), older);
        }
    }
}
