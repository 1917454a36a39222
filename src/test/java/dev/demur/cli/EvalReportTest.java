package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class EvalReportTest {

    @TempDir
    Path folder;

    private Path scores;
    private Path report;

    @BeforeEach
    void score() throws IOException {
        scores = SyntheticScores.write(folder.resolve("test.jsonl"), 600, 8);
        report = folder.resolve("reports").resolve("first");
    }

    private CommandRun eval(RefusalPolicy policy, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("policy.json"), PolicyFile.write(policy));
        List<String> args =
                new ArrayList<>(List.of("eval", "--scores=" + scores, "--policy=" + file, "--report=" + report));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static RefusalPolicy policy(Rule rule) {
        return PaperTokens.defaults(PaperTokens.CATEGORIES, rule);
    }

    private Document page() throws IOException {
        String html = Files.readString(report.resolve("report.html"));
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(html.replaceFirst("<!DOCTYPE html>\n", ""))));
        } catch (ParserConfigurationException | SAXException e) {
            throw new AssertionError("the page is not well-formed", e);
        }
    }

    private static List<Element> elements(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void every_rule_has_a_page_with_its_plots_each_with_a_title_a_description_and_a_table(Rule rule)
            throws IOException {
        CommandRun run = eval(policy(rule));
        assertEquals(0, run.status(), run.err());
        assertTrue(run.err().endsWith("report.html\n"), run.err());
        Document page = page();
        boolean single = rule == Rule.SUM || rule == Rule.LOGIT_BIAS;
        int plots = (single ? 1 : 6) * 3 + (rule == Rule.SUM ? 0 : 2);
        assertEquals(plots, elements(page, "svg").size());
        assertEquals(plots, elements(page, "details").size());
        Set<String> ids = new HashSet<>();
        for (Element element : elements(page, "*")) {
            if (element.hasAttribute("id")) {
                assertTrue(ids.add(element.getAttribute("id")), element.getAttribute("id"));
            }
        }
        for (Element svg : elements(page, "svg")) {
            for (String id : svg.getAttribute("aria-labelledby").split(" ")) {
                assertTrue(ids.contains(id), id);
            }
        }
        for (String number : List.of("NaN", "Infinity", "null")) {
            assertFalse(Files.readString(report.resolve("report.html")).contains(number), number);
        }
    }

    @Test
    void the_page_needs_no_other_file_and_no_network() throws IOException {
        eval(policy(Rule.THRESHOLD));
        Document page = page();
        for (String name : List.of("script", "link", "img", "iframe", "object", "image", "use")) {
            assertEquals(List.of(), elements(page, name), name);
        }
        for (Element element : elements(page, "*")) {
            assertFalse(element.hasAttribute("src") || element.hasAttribute("href"), element.getTagName());
        }
        String html = Files.readString(report.resolve("report.html"));
        assertFalse(html.contains("url(") || html.contains("@import"));
        assertTrue(html.contains("default-src 'none'"));
        try (Stream<Path> files = Files.list(report)) {
            assertEquals(List.of(report.resolve("report.html")), files.toList());
        }
    }

    @Test
    void the_same_scores_give_the_same_page() throws IOException {
        eval(policy(Rule.THRESHOLD));
        byte[] first = Files.readAllBytes(report.resolve("report.html"));
        eval(policy(Rule.THRESHOLD));
        assertArrayEquals(first, Files.readAllBytes(report.resolve("report.html")));
    }

    @Test
    void the_promised_bound_and_the_chosen_point_are_drawn() throws IOException {
        Path calibrationScores = SyntheticScores.write(folder.resolve("s.jsonl"), 900, 5);
        Path policy = folder.resolve("calibrated.json");
        CommandRun.of(
                "calibrate",
                "--scores=" + calibrationScores,
                "--out=" + policy,
                "--target-false-refusal=0.05",
                "--per-category");
        CommandRun run = eval(PolicyFile.read(policy));
        assertEquals(0, run.status(), run.err());
        String html = Files.readString(report.resolve("report.html"));
        assertTrue(html.contains("promised: FRR at most 4.9 %"));
        assertTrue(html.contains("class=\"curve bound\""));
        assertTrue(html.contains("class=\"chosen\""));
        assertTrue(html.contains("The promises are separate"));
    }

    @Test
    void foreign_text_is_text_in_the_page() throws IOException {
        scores = SyntheticScores.write(folder.resolve("<b>&amp;\"x\" <script>.jsonl"), 90, 8);
        eval(policy(Rule.THRESHOLD));
        Document page = page();
        assertEquals(List.of(), elements(page, "b"));
        assertEquals(List.of(), elements(page, "script"));
        assertTrue(elements(page, "dd").get(1).getTextContent().endsWith("<b>&amp;\"x\" <script>.jsonl"));
    }

    @Test
    void rows_of_one_kind_alone_still_have_a_page() throws IOException {
        List<String> lines = Files.readAllLines(scores);
        Files.write(
                scores,
                lines.stream().filter(line -> line.contains("\"none\",")).toList());
        assertEquals(0, eval(policy(Rule.THRESHOLD)).status());
        assertEquals(20, elements(page(), "svg").size());
        Files.write(
                scores,
                lines.stream().filter(line -> line.contains("\"refuse\",")).toList());
        assertEquals(0, eval(policy(Rule.RELATIVE)).status());
        assertEquals(20, elements(page(), "svg").size());
        Files.write(scores, lines.subList(0, 1));
        assertEquals(0, eval(policy(Rule.SUM)).status());
        assertEquals(3, elements(page(), "svg").size());
    }

    @Test
    void with_png_every_plot_is_a_picture_and_where_java_finds_no_font_a_line_says_so() throws IOException {
        CommandRun run = eval(policy(Rule.LOGIT_BIAS), "--png", "--json");
        if (!javaFindsFonts()) {
            assertEquals(1, run.status());
            assertEquals(1, run.errLines().size(), run.err());
            assertTrue(run.err().contains("--png needs fonts and Java finds none here"), run.err());
            return;
        }
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().startsWith("{"), run.out());
        for (String name :
                List.of("roc-joint", "rates-joint", "reliability-joint", "steering-decisions", "steering-labels")) {
            BufferedImage image = ImageIO.read(report.resolve(name + ".png").toFile());
            assertNotNull(image, name);
            Set<Integer> colours = new HashSet<>();
            for (int x = 0; x < image.getWidth(); x += 2) {
                for (int y = 0; y < image.getHeight(); y += 2) {
                    colours.add(image.getRGB(x, y));
                }
            }
            assertTrue(image.getWidth() >= 600 && colours.size() > 20, name + ": " + colours.size() + " colours");
        }
    }

    private static boolean javaFindsFonts() {
        try {
            return new Font(Font.SANS_SERIF, Font.PLAIN, 12).canDisplay('a');
        } catch (InternalError | LinkageError e) {
            return false;
        }
    }

    @Test
    void a_place_that_cannot_take_a_report_is_a_failure_in_one_line() throws IOException {
        report = Files.createFile(folder.resolve("file"));
        CommandRun run = eval(policy(Rule.SUM));
        assertAll(
                () -> assertEquals(1, run.status()),
                () -> assertEquals("", run.out()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().contains("file: is no folder"), run.err()));
        report = folder.resolve("file").resolve("inner");
        CommandRun below = eval(policy(Rule.SUM));
        assertEquals(1, below.status());
        assertEquals(1, below.errLines().size(), below.err());
        report = folder.resolve("taken");
        Files.createDirectories(report.resolve("report.html").resolve("full"));
        CommandRun taken = eval(policy(Rule.SUM));
        assertEquals(1, taken.status());
        assertTrue(taken.err().contains("report.html: cannot be written"), taken.err());
    }

    @Test
    void png_without_a_report_is_wrong_usage() {
        CommandRun run = CommandRun.of("eval", "--scores=s", "--policy=p", "--png");
        assertEquals(2, run.status());
        assertTrue(run.err().contains("--png draws the plots of a report: add --report DIR"), run.err());
    }
}
