package dev.demur.docs;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.demur.bindings.JavaProcess;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Java that a page shows: a class as it stands, or some statements of a method that has the usual objects.
 *
 * @param name of the class
 * @param source of the class
 */
record Snippet(String name, String source) {

    private static final Pattern CLASS = Pattern.compile("(?m)^(?:public )?(?:final )?class (\\w+)");

    static Snippet of(String text) {
        Matcher named = CLASS.matcher(text);
        if (named.find()) {
            return new Snippet(named.group(1), text);
        }
        return new Snippet("Fragment", """
                import com.sun.net.httpserver.*;
                import dev.demur.*;
                import dev.demur.calibration.*;
                import dev.demur.dataset.*;
                import dev.demur.evaluation.*;
                import dev.demur.grammar.*;
                import dev.demur.llama.*;
                import dev.demur.policy.*;
                import dev.demur.scoring.*;
                import java.net.*;
                import java.nio.charset.StandardCharsets;
                import java.nio.file.*;
                import java.util.*;

                class Fragment {
                    Demur demur;
                    RefusalPolicy policy;
                    GenerationOptions options;

                    void run() throws Exception {
                %s
                    }
                }
                """.formatted(text));
    }

    /**
     * Compiles it for the oldest Java that the library runs on.
     *
     * @return what the compiler complains of; empty where that is nothing
     */
    String compile(Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "this needs a JDK, and " + System.getProperty("java.home") + " has no compiler");
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            SimpleJavaFileObject file =
                    new SimpleJavaFileObject(
                            URI.create("string:///" + name + ".java"), SimpleJavaFileObject.Kind.SOURCE) {
                        @Override
                        public CharSequence getCharContent(boolean ignoreErrors) {
                            return source;
                        }
                    };
            List<String> options = List.of(
                    "-cp",
                    JavaProcess.classPath(),
                    "-proc:none",
                    "--release",
                    "17",
                    "-nowarn",
                    "-Xlint:-options",
                    "-d",
                    classes.toString());
            boolean compiled = compiler.getTask(complaints, files, null, options, null, List.of(file))
                    .call();
            return compiled ? "" : complaints + "\nin\n" + source;
        }
    }
}
