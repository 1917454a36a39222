package dev.demur.spring.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** docs/SPRING.md. */
final class Page {

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```\\w+[^\\n]*\\n(.*?)^```$");

    private final String text;

    private Page(String text) {
        this.text = text;
    }

    static Page read() throws IOException {
        return new Page(Files.readString(Path.of(System.getProperty("demur.test.page"))));
    }

    /** The blocks of code. */
    List<String> blocks() {
        return BLOCK.matcher(text).results().map(result -> result.group(1)).toList();
    }

    /** What stands below a heading, up to the next of its kind. */
    String section(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        if (start < 0) {
            throw new AssertionError("the page has no heading " + heading);
        }
        int end = text.indexOf("\n## ", start + 1);
        return text.substring(start, end < 0 ? text.length() : end);
    }

    /** The rest of the line in a block that begins so. */
    String shown(String beginning) {
        for (String block : blocks()) {
            Matcher line = Pattern.compile("(?m)^.*?(" + Pattern.quote(beginning) + ".*)$")
                    .matcher(block);
            if (line.find()) {
                return line.group(1);
            }
        }
        throw new AssertionError("no block of the page shows: " + beginning);
    }
}
