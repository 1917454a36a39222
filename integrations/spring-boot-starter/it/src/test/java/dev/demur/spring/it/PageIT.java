package dev.demur.spring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page has what was built and run, to the letter, and names every property. */
class PageIT {

    private static final Path SAMPLE = Path.of(System.getProperty("demur.test.sample"));

    @ParameterizedTest
    @ValueSource(strings = {"pom.xml", "src/main/java/example/Assistant.java", "src/main/resources/application.yml"})
    void the_program_on_the_page_is_the_one_that_is_tested(String file) throws Exception {
        assertThat(Page.read().blocks()).contains(Files.readString(SAMPLE.resolve(file)));
    }

    @ParameterizedTest
    @CsvSource({"ChatClient client(, app/Application.java", "Decision decision =, DemurTemplateTest.java"})
    void the_snippets_are_lines_of_tests(String beginning, String test) throws Exception {
        String source = Files.readString(
                SAMPLE.resolve("../starter/src/test/java/dev/demur/spring").resolve(test));
        assertThat(Page.read().blocks())
                .filteredOn(block -> block.contains(beginning) && block.lines().count() < 9)
                .singleElement()
                .satisfies(block -> assertThat(source).containsIgnoringWhitespaces(block));
    }

    @Test
    void the_page_names_every_property_and_no_other() throws Exception {
        Path metadata = SAMPLE.resolve("../starter/target/classes/META-INF/spring-configuration-metadata.json");
        Set<String> known = names(
                Files.readString(metadata),
                "\"name\": \"(demur\\.[a-z.-]+)\",\\s+\"type\": \"(?!dev\\.demur\\.spring)");
        Set<String> named = names(Page.read().section("Properties"), "^\\| `(demur\\.[a-z.-]+?)(?:\\.ID)?`");
        assertThat(known).hasSizeGreaterThan(25);
        assertThat(named).containsExactlyInAnyOrderElementsOf(known);
    }

    private static Set<String> names(String text, String pattern) {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }
}
