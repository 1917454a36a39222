package dev.demur.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The style sheets that lie beside the classes. */
final class Stylesheet {

    private Stylesheet() {}

    /** Everything that the page needs, in light and dark. */
    static String page() {
        return read("page.css") + read("plot.css") + "@media (prefers-color-scheme: dark) {\n" + read("plot-dark.css")
                + "}\n";
    }

    /** What a plot needs by itself, in light colours. */
    static String plot() {
        return read("plot.css");
    }

    private static String read(String name) {
        try (InputStream in = Stylesheet.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the application's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
