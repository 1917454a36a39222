package dev.demur.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page says that can be checked without running it. */
class DocsTest {

    @TempDir
    private Path folder;

    /** What is wrong with the relative links of a page. */
    private static List<String> deadLinks(Page page) throws IOException {
        List<String> dead = new ArrayList<>();
        for (String link : page.links()) {
            int hash = link.indexOf('#');
            String path = hash < 0 ? link : link.substring(0, hash);
            Path parent = page.file().toAbsolutePath().getParent();
            Path target = path.isEmpty() ? page.file() : parent.resolve(path).normalize();
            if (!Files.exists(target)) {
                dead.add(page.file() + ": " + link + ": there is no such file");
            } else if (hash >= 0
                    && target.toString().endsWith(".md")
                    && !Page.read(target).anchors().contains(link.substring(hash + 1))) {
                dead.add(page.file() + ": " + link + ": the page has no such heading");
            }
        }
        return dead;
    }

    @Test
    void no_relative_link_of_a_page_is_dead() throws IOException {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Page page : Page.all()) {
            dead.addAll(deadLinks(page));
            links += page.links().size();
        }
        assertEquals(List.of(), dead);
        assertTrue(links > 50, "only " + links + " links were found: the pattern does not see them");
    }

    @Test
    void a_dead_file_and_a_dead_heading_are_found_and_code_is_left_alone() throws IOException {
        Path page = folder.resolve("page.md");
        Files.writeString(page, """
                # A `code` heading: twice?
                # A code heading, twice
                [there](#a-code-heading-twice), [again](page.md#a-code-heading-twice-1), [web](https://example.org/x.md),
                [no file](other.md), [no heading](#other), `[code](not.md)`, ![a [nested] picture](gone.svg)
                ```
                [block](not.md)
                ```
                """);
        assertEquals(
                List.of("other.md", "#other", "gone.svg"),
                deadLinks(Page.read(page)).stream()
                        .map(line -> line.split(": ")[1])
                        .toList());
    }

    @Test
    void the_java_of_every_page_compiles_on_the_oldest_java() throws IOException {
        int compiled = 0;
        for (Page page : Page.all()) {
            for (Page.Block block : page.blocks()) {
                if (block.language().equals("java")) {
                    Path classes = Files.createDirectories(folder.resolve("classes" + compiled));
                    assertEquals("", Snippet.of(block.text()).compile(classes), page.file() + ":" + block.line());
                    compiled++;
                }
            }
        }
        assertTrue(compiled >= 5, "only " + compiled + " blocks of Java were found");
    }

    @Test
    void java_that_does_not_compile_is_found() throws IOException {
        String errors = Snippet.of("demur.noSuchMethod();\n").compile(folder);
        assertTrue(errors.contains("noSuchMethod"), errors);
    }

    @Test
    void the_coordinates_that_a_page_gives_are_the_ones_that_are_built() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Matcher built = Pattern.compile("<artifactId>demur</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(pom);
        assertTrue(built.find());
        Pattern given = Pattern.compile(
                "<groupId>dev.demur</groupId>\\s*<artifactId>demur</artifactId>\\s*<version>([^<]+)</version>");
        List<String> versions = new ArrayList<>();
        for (Page page : Page.all()) {
            for (Page.Block block : page.blocks()) {
                given.matcher(block.text()).results().forEach(match -> versions.add(match.group(1)));
            }
        }
        assertFalse(versions.isEmpty(), "no page gives the coordinates");
        versions.forEach(version -> assertEquals(built.group(1), version));
    }
}
