package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.demur.NativeLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who runs this process and where native libraries go, whatever properties and variables say. */
class CachePlacesTest {

    @TempDir
    Path root;

    private Path home;
    private Path temporary;

    @BeforeEach
    void make() throws IOException {
        home = Files.createDirectory(root.resolve("home"));
        temporary = Files.createDirectory(root.resolve("tmp"));
    }

    private List<Path> folders(String userHome, Map<String, String> environment) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("os.name", "Linux");
        properties.setProperty("java.io.tmpdir", temporary.toString());
        properties.setProperty("user.home", userHome);
        return new CachePlaces(properties, environment).folders();
    }

    private Path cache() {
        return home.resolve(".cache/demur/native");
    }

    private Path inTemporary() throws IOException {
        return temporary.resolve("demur-" + ProcessOwner.id());
    }

    @Test
    void the_users_cache_comes_first_and_the_temporary_folder_second() throws IOException {
        assertEquals(List.of(cache(), inTemporary()), folders(home.toString(), Map.of()));
        assertEquals(
                List.of(root.resolve("xdg/demur/native"), inTemporary()),
                folders(
                        home.toString(),
                        Map.of("XDG_CACHE_HOME", root.resolve("xdg").toString())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "", " ", ".", "home", "../home", "./?", "/no/such/home", "\0"})
    void a_home_that_is_none_is_left_for_the_variable_and_then_for_the_temporary_folder(String none)
            throws IOException {
        assertEquals(List.of(cache(), inTemporary()), folders(none, Map.of("HOME", home.toString())));
        assertEquals(List.of(inTemporary()), folders(none, Map.of()));
        assertEquals(List.of(inTemporary()), folders(none, Map.of("HOME", none)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "", ".", ".cache", "relative/cache", "\0"})
    void a_cache_folder_that_is_not_absolute_is_left_alone(String relative) throws IOException {
        assertEquals(List.of(cache(), inTemporary()), folders(home.toString(), Map.of("XDG_CACHE_HOME", relative)));
    }

    @Test
    void each_system_has_its_own_cache_folder_and_no_relative_one() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("java.io.tmpdir", "tmp");
        properties.setProperty("user.home", home.toString());
        properties.setProperty("os.name", "Mac OS X");
        assertEquals(
                home.resolve("Library/Caches/demur/native"),
                new CachePlaces(properties, Map.of("XDG_CACHE_HOME", "/xdg"))
                        .folders()
                        .get(0));
        properties.setProperty("os.name", "Windows 11");
        assertEquals(
                root.resolve("demur/native"),
                new CachePlaces(properties, Map.of("LOCALAPPDATA", root.toString()))
                        .folders()
                        .get(0));
        List<Path> without = new CachePlaces(properties, Map.of("LOCALAPPDATA", "AppData")).folders();
        assertTrue(without.stream().allMatch(Path::isAbsolute), without::toString);
    }

    /** Windows gives Java's loader of libraries the path in that code page. */
    @Test
    void on_windows_a_folder_that_the_code_page_cannot_spell_is_left_alone() throws IOException {
        Path japanese = Files.createDirectory(root.resolve("\u65e5\u672c"));
        Properties properties = new Properties();
        properties.setProperty("os.name", "Windows 11");
        properties.setProperty("java.io.tmpdir", temporary.toString());
        properties.setProperty("sun.jnu.encoding", "windows-1252");
        Map<String, String> environment = Map.of("LOCALAPPDATA", japanese.toString());
        assertEquals(List.of(inTemporary()), new CachePlaces(properties, environment).folders());
        properties.setProperty("sun.jnu.encoding", "UTF-8");
        assertEquals(
                List.of(japanese.resolve("demur/native"), inTemporary()),
                new CachePlaces(properties, environment).folders());
    }

    @Test
    void where_the_first_cannot_be_used_the_second_is() throws IOException {
        Files.writeString(home.resolve(".cache"), "in the way");
        Properties properties = new Properties();
        properties.setProperty("user.home", home.toString());
        properties.setProperty("java.io.tmpdir", temporary.toString());
        Path file = NativeCache.first(new CachePlaces(properties, Map.of())).extract("dev/demur/bindings/sample.bin");
        assertTrue(file.startsWith(inTemporary().toRealPath()), file::toString);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(inTemporary())));
    }

    @Test
    void where_neither_can_be_used_both_reasons_are_kept() throws IOException {
        Files.writeString(home.resolve(".cache"), "in the way");
        Files.writeString(inTemporary(), "in the way");
        Properties properties = new Properties();
        properties.setProperty("user.home", home.toString());
        properties.setProperty("java.io.tmpdir", temporary.toString());
        NativeLoadException failure =
                assertThrows(NativeLoadException.class, () -> NativeCache.first(new CachePlaces(properties, Map.of())));
        assertTrue(failure.getMessage().contains("demur.native.dir"), failure.getMessage());
        assertEquals(1, failure.getSuppressed().length);
    }

    @Test
    void a_folder_is_this_processs_where_it_made_it_and_not_where_another_user_did() throws IOException {
        assertTrue(ProcessOwner.owns(home));
        boolean root = "0".equals(ProcessOwner.id());
        Path others = root ? Files.createDirectory(this.root.resolve("others")) : Path.of("/");
        if (root) {
            Files.setAttribute(others, "unix:uid", 54321);
        }
        assertFalse(ProcessOwner.owns(others));
        Path folder = root ? others : null;
        if (folder != null) {
            String message = assertThrows(NativeLoadException.class, () -> NativeCache.at(folder))
                    .getMessage();
            assertTrue(message.contains("belongs to 54321"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "", "?", "root", "../../x"})
    void what_the_command_line_calls_the_user_changes_nothing(String name) throws Exception {
        JavaProcess run = probe(List.of(), List.of("-Duser.name=" + name), Map.of("XDG_CACHE_HOME", ""), home);
        assertEquals(
                home.resolve(".cache").toRealPath(),
                libdemur(run).getParent().getParent().getParent().getParent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "home", "."})
    void nothing_is_made_in_the_working_directory_and_no_native_code_comes_from_there(String userHome)
            throws Exception {
        JavaProcess run = probe(
                List.of(),
                List.of("-Djava.io.tmpdir=" + temporary),
                Map.of("HOME", userHome, "XDG_CACHE_HOME", "cache"),
                Path.of(userHome));
        assertTrue(libdemur(run).startsWith(inTemporary().toRealPath()), run::toString);
    }

    @Test
    void a_user_without_a_name_has_a_folder_of_its_own() throws Exception {
        assumeTrue("0".equals(ProcessOwner.id()), "only root can run a process as another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "there is no setpriv");
        List<String> as = List.of("/usr/bin/setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups");
        for (Path folder = root; folder != null; folder = folder.getParent()) {
            if (ProcessOwner.owns(folder)) {
                assumeTrue(
                        JavaProcess.run(
                                                Path.of("/"),
                                                Map.of(),
                                                Stream.concat(
                                                                as.stream(),
                                                                Stream.of("/usr/bin/test", "-r", JavaProcess.java()))
                                                        .toList())
                                        .status()
                                == 0,
                        "this Java is closed to other users");
            }
        }
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        JavaProcess run = probe(as, List.of("-Djava.io.tmpdir=" + temporary), Map.of("HOME", ""), null);
        assertTrue(libdemur(run).startsWith(temporary.toRealPath().resolve("demur-54321")), run::toString);
    }

    /** Runs the probe in an empty folder, which must stay empty. */
    private JavaProcess probe(List<String> as, List<String> options, Map<String, String> variables, Path userHome)
            throws IOException, InterruptedException {
        Path working = Files.createDirectory(root.resolve("working"));
        List<String> command = new ArrayList<>(as);
        command.addAll(List.of(JavaProcess.java(), "-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseSerialGC"));
        command.add("--enable-native-access=ALL-UNNAMED");
        if (userHome != null) {
            command.add("-Duser.home=" + userHome);
        }
        command.addAll(options);
        command.addAll(List.of("-cp", JavaProcess.classPath(), BindingProbe.class.getName()));
        JavaProcess run = JavaProcess.run(working, variables, command);
        try (Stream<Path> made = Files.list(working)) {
            assertEquals(List.of(), made.toList());
        }
        return run;
    }

    private static Path libdemur(JavaProcess run) {
        List<String> lines = run.out().lines().toList();
        assertEquals(2, lines.size(), run::toString);
        return Path.of(lines.get(1));
    }
}
