package dev.demur;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example on the front page of the Javadoc compiles. */
class OverviewTest {

    @TempDir
    private Path folder;

    private static String example() throws IOException {
        String page = Files.readString(Path.of("src", "main", "javadoc", "overview.html"));
        String begin = "<pre><code>";
        int from = page.indexOf(begin);
        assertTrue(from >= 0, "the overview has no example");
        return page.substring(from + begin.length(), page.indexOf("</code></pre>", from));
    }

    @Test
    void the_example_compiles() throws IOException {
        String example = example();
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return example;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options = List.of(
                "-proc:none",
                "-Xlint:all",
                "-Werror",
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"));
        assertTrue(
                compiler.getTask(said, null, null, options, null, List.of(source))
                        .call(),
                said::toString);
        assertTrue(Files.exists(folder.resolve("Example.class")));
    }
}
