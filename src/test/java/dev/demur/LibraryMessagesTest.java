package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The library speaks to programs: what its messages advise are methods, settings and Java's own options. */
class LibraryMessagesTest {

    private static final Pattern LITERAL = Pattern.compile("\"(?:[^\"\\\\\\n]|\\\\.)*\"");

    /** An option, or a command of demur's. */
    private static final Pattern COMMAND_LINE = Pattern.compile(
            "--[a-z][a-z-]+|\\bdemur (?:ask|chat|score|calibrate|eval|policy|inspect|doctor|fit|serve|monitor|desktop)\\b(?! \\d)");

    /** Java's options, and CMake's. */
    private static final List<String> OF_OTHERS = List.of("--enable-native-access", "--add-modules", "--build");

    private static List<String> namesOptions(Path root, String ending, Path... without) throws IOException {
        List<String> found = new ArrayList<>();
        int seen = 0;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.(?:" + ending + ")"))
                    .filter(path -> Stream.of(without).noneMatch(path::startsWith))
                    .toList()) {
                seen++;
                int line = 0;
                for (String text : Files.readAllLines(file)) {
                    line++;
                    Matcher literal = LITERAL.matcher(text);
                    while (literal.find()) {
                        Matcher option = COMMAND_LINE.matcher(literal.group());
                        while (option.find()) {
                            if (!OF_OTHERS.contains(option.group())) {
                                found.add(file + ":" + line + ": " + literal.group());
                            }
                        }
                    }
                }
            }
        }
        assertTrue(seen > 10, "only " + seen + " files under " + root.toAbsolutePath());
        return found;
    }

    @Test
    void no_message_of_the_library_names_an_option_of_the_command_line() throws IOException {
        Path commandLine = Path.of("src/main/java/dev/demur/cli");
        Path desktop = Path.of("src/main/java/dev/demur/desktop");
        assertEquals(List.of(), namesOptions(Path.of("src/main"), "java", commandLine, desktop));
        assertEquals(List.of(), namesOptions(Path.of("native/src"), "c|cpp|h"));
        assertTrue(namesOptions(commandLine, "java").size() > 20, "the pattern finds nothing where options are named");
    }
}
