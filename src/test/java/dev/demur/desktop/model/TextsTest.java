package dev.demur.desktop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That every text is there in every language, is used, and fits what is put into it. */
class TextsTest {

    private static final Path SOURCES = Path.of("src/main/java/dev/demur/desktop");

    /** A literal that names a text: a lower-case word, or several with points between. */
    private static final Pattern KEY = Pattern.compile("\"([a-z][A-Za-z0-9-]*(?:\\.[A-Za-z0-9-]+)*)\"");

    private static ResourceBundle bundle(String language) {
        return ResourceBundle.getBundle(
                "dev.demur.desktop.Texts",
                Locale.forLanguageTag(language),
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    private static Set<String> own(String file) throws IOException {
        Set<String> keys = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("src/main/resources/dev/demur/desktop", file))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                assertTrue(keys.add(line.substring(0, line.indexOf('='))), file + " has twice: " + line);
            }
        }
        return keys;
    }

    @Test
    void both_languages_have_the_same_texts() throws IOException {
        assertEquals(own("Texts.properties"), own("Texts_de.properties"));
    }

    @Test
    void texts_take_the_same_arguments_in_both_languages_and_none_is_blank() throws IOException {
        ResourceBundle english = bundle("en");
        ResourceBundle german = bundle("de");
        for (String key : own("Texts.properties")) {
            assertTrue(
                    !english.getString(key).isBlank() && !german.getString(key).isBlank(), key);
            assertEquals(arguments(english.getString(key)), arguments(german.getString(key)), key);
        }
    }

    private static Set<String> arguments(String text) {
        Set<String> numbers = new HashSet<>();
        Matcher matcher = Pattern.compile("\\{(\\d)").matcher(text);
        while (matcher.find()) {
            numbers.add(matcher.group(1));
        }
        if (!numbers.isEmpty()) {
            assertEquals(-1, text.indexOf('\''), "an apostrophe quotes in a message: " + text);
            assertTrue(new MessageFormat(text).getFormats().length > 0);
        }
        return numbers;
    }

    @Test
    void every_text_is_used() throws IOException {
        String sources = sources();
        Set<String> unused = own("Texts.properties");
        Set<String> made =
                Set.of("category", "rule", "preset", "language", "provenance", "badge", "whatif", "readout", "promise");
        Matcher matcher = KEY.matcher(sources);
        while (matcher.find()) {
            unused.remove(matcher.group(1));
        }
        // Names of rules, categories and the like are put together; a tip belongs to its text.
        unused.removeIf(key -> made.contains(key.split("\\.")[0]) || key.endsWith(".tip"));
        assertEquals(Set.of(), unused);
    }

    @Test
    void every_text_that_is_asked_for_is_there() throws IOException {
        Set<String> keys = own("Texts.properties");
        Set<String> missing = new TreeSet<>();
        Matcher matcher = Pattern.compile(
                        "(?:text|label|button|quiet|small|action|item|menu)\\(\\s*\"([a-zA-Z.0-9-]+)\"[,)]")
                .matcher(sources());
        int seen = 0;
        while (matcher.find()) {
            seen++;
            if (!keys.contains(matcher.group(1))) {
                missing.add(matcher.group(1));
            }
        }
        assertTrue(seen > 100, seen + " were found");
        missing.removeAll(Arrays.asList("id", "name", "parent", "more", "end", "show", "message", "answer", "title"));
        missing.removeAll(Arrays.asList("text", "finish", "language", "theme", "chat", "label", "refusedAs", "rule"));
        assertEquals(Set.of(), missing);
    }

    @Test
    void numbers_are_written_as_the_language_writes_them() {
        assertEquals("68.4 %", Texts.of(Locale.ENGLISH).percent(0.684).replace('\u00a0', ' '));
        assertEquals("68,4 %", Texts.of(Locale.GERMAN).percent(0.684).replace('\u00a0', ' '));
        assertEquals("en", Texts.of(Locale.JAPANESE).locale().getLanguage());
    }
}
