package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.cli.terminal.Nearest;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

    private static final List<String> IDS =
            List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported", "none");

    @ParameterizedTest
    @CsvSource({
        "saftey, safety",
        "Safty, safety",
        "SAFETY!, safety",
        "unsuported, unsupported",
        "humanising, humanizing",
        "indeterminat, indeterminate",
        "non, none",
        "weather,",
        "x,",
        "safe driving,"
    })
    void a_mistyped_word_is_near_what_was_meant_and_another_word_is_near_nothing(String typed, String nearest) {
        assertEquals(nearest, Nearest.to(typed, IDS));
    }

    @ParameterizedTest
    @CsvSource({"abc, abc, 0", "abc, acb, 1", "abc, ab, 1", "abc, abxc, 1", "abc, xyz, 3", "'', ab, 2"})
    void mistakes_are_counted(String a, String b, int mistakes) {
        assertEquals(mistakes, Nearest.mistakes(a, b));
        assertEquals(mistakes, Nearest.mistakes(b, a));
    }
}
