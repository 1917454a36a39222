package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.llama.internal.KernelChoice;
import dev.demur.suites.EveryJava;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The log tells once which binding and kernel run where nobody named them. */
@EveryJava
class AutomaticChoiceIT {

    private static final String SAID = "chosen for this machine: ";

    /** Loads a model twice. */
    static final class Twice {
        public static void main(String[] arguments) {
            for (int i = 0; i < 2; i++) {
                Demur.load(DemurContract.MODEL).close();
            }
        }
    }

    private static String log(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(JavaProcess.java(), "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(JavaProcess.settings("demur.native.dir"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", JavaProcess.classPath(), Twice.class.getName()));
        JavaProcess run = JavaProcess.run(Path.of("."), Map.of("DEMUR_BINDING", "", "DEMUR_KERNEL", ""), command);
        assertEquals(0, run.status(), run.err());
        assertEquals("", run.out());
        return run.err();
    }

    @Test
    void at_info_it_says_so_once() throws Exception {
        String log = log("-Ddemur.log=info");
        String kernel = KernelChoice.choose(null).id();
        assertEquals(2, log.split(SAID, -1).length, log);
        String binding = Runtime.version().feature() >= 22 ? "ffm" : "jni";
        assertTrue(
                log.contains(SAID + "binding " + binding + " (set demur.binding to choose another)")
                        && log.contains(", kernel " + kernel + " (set demur.kernel to choose another)"),
                log);
    }

    @Test
    void what_was_named_is_not_said() throws Exception {
        String log = log("-Ddemur.log=info", "-Ddemur.kernel=scalar");
        assertTrue(log.contains(SAID + "binding ") && !log.contains("kernel"), log);
        assertEquals("", log("-Ddemur.log=info", "-Ddemur.kernel=scalar", "-Ddemur.binding=jni"));
    }

    @Test
    void the_command_line_says_nothing_of_it_unless_it_is_asked_to() throws Exception {
        assertEquals("", log());
    }
}
