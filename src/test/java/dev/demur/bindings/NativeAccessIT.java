package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where Java denies native access the message names the flag that grants it, and that flag does. */
class NativeAccessIT {

    @Test
    void on_the_class_path_it_is_that_for_all_unnamed_modules() throws Exception {
        assertFlagHelps("ALL-UNNAMED", List.of("-cp", JavaProcess.classPath(), BindingProbe.class.getName()));
    }

    @Test
    void on_the_module_path_it_is_that_for_the_module() throws Exception {
        String tests = Arrays.stream(JavaProcess.classPath().split(File.pathSeparator))
                .filter(entry -> entry.endsWith("test-classes"))
                .findFirst()
                .orElseThrow();
        List<String> command = new ArrayList<>(List.of("--module-path", modulePath(), "--add-modules", "dev.demur"));
        command.addAll(List.of("--patch-module", "dev.demur=" + tests));
        command.addAll(List.of("-m", "dev.demur/" + BindingProbe.class.getName()));
        assertFlagHelps("dev.demur", command);
    }

    private static String modulePath() {
        return String.join(
                File.pathSeparator,
                Arrays.stream(JavaProcess.classPath().split(File.pathSeparator))
                        .filter(entry -> Path.of(entry)
                                .getFileName()
                                .toString()
                                .matches("(demur-[0-9.]*(-SNAPSHOT)?|gson-.*|jspecify-.*|commons-numbers-.*)\\.jar"))
                        .toList());
    }

    private static void assertFlagHelps(String granted, List<String> command) throws IOException, InterruptedException {
        assumeTrue(Runtime.version().feature() >= 24, "Java denies native access from 24 on");
        for (String binding : List.of("ffm", "jni")) {
            JavaProcess denied = run(binding, List.of(), command);
            String flag = "--enable-native-access=" + granted;
            assertTrue(denied.out().strip().endsWith(flag), denied::toString);
            JavaProcess allowed = run(binding, List.of(flag), command);
            assertEquals(binding, allowed.out().lines().findFirst().orElse(""), allowed::toString);
        }
    }

    private static JavaProcess run(String binding, List<String> options, List<String> rest)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(JavaProcess.java(), "--illegal-native-access=deny"));
        command.addAll(JavaProcess.settings("demur.native.dir"));
        command.add("-Ddemur.binding=" + binding);
        command.addAll(options);
        command.addAll(rest);
        return JavaProcess.run(Path.of("."), Map.of(), command);
    }
}
