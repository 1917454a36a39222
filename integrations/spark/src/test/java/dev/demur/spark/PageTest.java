package dev.demur.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page on Spark shows: its Java compiles, and its commands give the job options that it has. */
class PageTest {

    private static final Path PAGE = Path.of(System.getProperty("demur.page"));

    @TempDir
    private Path folder;

    /** The fenced blocks that have this text. */
    private static List<String> blocks(String text) throws IOException {
        String[] parts = Files.readString(PAGE).split("(?m)^```.*\n");
        List<String> blocks = new ArrayList<>();
        for (int i = 1; i < parts.length; i += 2) {
            if (parts[i].contains(text)) {
                blocks.add(parts[i]);
            }
        }
        return blocks;
    }

    @Test
    void the_java_compiles() throws IOException {
        List<String> java = blocks("SparkScorer.of");
        assertEquals(1, java.size());
        String source = """
                import dev.demur.spark.*;
                import org.apache.spark.sql.*;

                class Shown {
                    void run() {
                %s
                    }
                }
                """.formatted(java.get(0));
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///Shown.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return source;
            }
        };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-nowarn", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
        assertTrue(
                compiler.getTask(said, null, null, options, null, List.of(file)).call(), said::toString);
    }

    @Test
    void the_commands_give_the_job_options_that_it_has() throws IOException {
        List<String> commands = blocks("spark-submit --master");
        assertEquals(2, commands.size());
        for (String command : commands) {
            String line = command.replace("\\\n", " ");
            String arguments = line.substring(line.indexOf("-job.jar") + "-job.jar".length())
                    .lines()
                    .findFirst()
                    .orElseThrow()
                    .strip();
            ScoreJob.check(arguments.split("\\s+"));
        }
    }
}
