package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.options.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code demur desktop} says where no window can be opened. */
class DesktopCommandIT {

    @TempDir
    Path temp;

    /** @param display null: none is named */
    private List<String> refusal(String display, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "desktop"));
        command.addAll(List.of("--folder", temp.resolve("data").toString()));
        Path err = temp.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().remove("DISPLAY");
        builder.environment().remove("WAYLAND_DISPLAY");
        if (display != null) {
            builder.environment().put("DISPLAY", display);
        }
        assertEquals(ExitStatus.FAILURE, builder.start().waitFor());
        return Files.readAllLines(err);
    }

    @Test
    void without_a_display_it_says_so_in_one_sentence() throws IOException, InterruptedException {
        List<String> said = refusal(null);
        assertEquals(1, said.size(), said.toString());
        assertTrue(said.get(0).startsWith("demur: demur desktop needs a display and there is none here"), said.get(0));
        assertTrue(said.get(0).endsWith("or use demur chat in this terminal"), said.get(0));
    }

    @Test
    void with_a_display_that_does_not_answer_it_says_so_too() throws IOException, InterruptedException {
        List<String> said = refusal(":9871");
        assertEquals(1, said.size(), said.toString());
        assertTrue(said.get(0).startsWith("demur: demur desktop "), said.get(0));
        assertTrue(said.get(0).contains("display") || said.get(0).contains("window"), said.get(0));
    }

    @Test
    void a_java_without_the_module_for_windows_is_named() throws IOException, InterruptedException {
        List<String> said = refusal(
                null, "--limit-modules", "java.base,java.logging,java.management,jdk.management,jdk.unsupported");
        assertEquals(1, said.size(), said.toString());
        assertTrue(said.get(0).contains("java.desktop"), said.get(0));
    }
}
