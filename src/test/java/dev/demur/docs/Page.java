package dev.demur.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown file of the checkout: its fenced blocks, its links and its headings' anchors.
 *
 * @param blocks in their order
 * @param links where its relative links lead, in their order; none of code
 * @param anchors of its headings, as GitHub makes them
 */
record Page(Path file, List<Block> blocks, List<String> links, List<String> anchors) {

    private static final Pattern LINK = Pattern.compile("!?\\[(?:[^\\[\\]]|\\[[^\\]]*\\])*]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("`+[^`]*`+");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z][a-z0-9+.-]*:.*");

    /**
     * A fenced block.
     *
     * @param language what stands behind the fence; empty for none
     * @param note the HTML comment on the line before the fence; empty for none
     * @param line of the fence, from 1
     */
    record Block(String language, String note, String text, int line) {}

    /** Every Markdown file of the checkout, none of what a build or a hidden folder holds. */
    static List<Page> all() throws IOException {
        List<Page> pages = new ArrayList<>();
        for (Path file : markdown(Path.of(""))) {
            pages.add(read(file));
        }
        return pages;
    }

    private static List<Path> markdown(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder.toString().isEmpty() ? Path.of(".") : folder)) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry)) {
                    if (!name.startsWith(".") && !name.equals("target") && !name.equals("node_modules")) {
                        found.addAll(markdown(entry));
                    }
                } else if (name.endsWith(".md")) {
                    found.add(entry.normalize());
                }
            }
        }
        return found;
    }

    static Page read(Path file) throws IOException {
        List<Block> blocks = new ArrayList<>();
        List<String> links = new ArrayList<>();
        List<String> anchors = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        List<String> lines = Files.readAllLines(file);
        String before = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("```")) {
                int fence = i;
                StringBuilder text = new StringBuilder();
                for (i++; i < lines.size() && !lines.get(i).startsWith("```"); i++) {
                    text.append(lines.get(i)).append('\n');
                }
                if (i == lines.size()) {
                    throw new IOException(file + ":" + (fence + 1) + ": a fenced block has no end");
                }
                blocks.add(new Block(line.substring(3).strip(), note(before), text.toString(), fence + 1));
                before = "";
                continue;
            }
            if (line.startsWith("#")) {
                anchors.add(anchor(line.replaceFirst("^#+\\s*", ""), seen));
            }
            before = line;
        }
        // Links may be broken over lines; code has none.
        Matcher link = LINK.matcher(CODE.matcher(withoutBlocks(lines)).replaceAll("code"));
        while (link.find()) {
            if (!ELSEWHERE.matcher(link.group(1)).matches()) {
                links.add(link.group(1));
            }
        }
        return new Page(file, blocks, links, anchors);
    }

    private static String withoutBlocks(List<String> lines) {
        StringBuilder text = new StringBuilder();
        boolean inside = false;
        for (String line : lines) {
            if (line.startsWith("```")) {
                inside = !inside;
            } else if (!inside) {
                text.append(line).append('\n');
            }
        }
        return text.toString();
    }

    private static String note(String line) {
        return line.startsWith("<!--") && line.endsWith("-->")
                ? line.substring(4, line.length() - 3).strip()
                : "";
    }

    /** As GitHub makes it: small letters, no punctuation, hyphens for spaces, and a number where it comes again. */
    private static String anchor(String heading, Map<String, Integer> seen) {
        String plain = heading.replace("`", "").replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1");
        String slug = plain.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                .replace(' ', '-');
        int times = seen.merge(slug, 1, Integer::sum);
        return times == 1 ? slug : slug + "-" + (times - 1);
    }
}
