package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.suites.EveryJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line on a Java that was made without the modules for windows and pictures. */
@EveryJava
class SmallRuntimeIT {

    @TempDir
    Path folder;

    private Path scores;
    private Path policy;

    @BeforeEach
    void write() throws IOException {
        scores = folder.resolve("scores.jsonl");
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            String expected = i % 2 == 0 ? "refuse" : "respond";
            double p = i % 2 == 0 ? 0.9 : 0.1;
            rows.append("{\"id\":\"" + i + "\",\"category\":" + (i % 2 == 0 ? "\"refuse\"" : "\"none\"")
                    + ",\"expected\":\""
                    + expected + "\",\"probabilities\":{\"refuse\":" + p + ",\"respond\":" + (1 - p)
                    + "},\"coverage\":1.0,\"argmax\":1}\n");
        }
        Files.writeString(scores, rows);
        policy = Files.writeString(
                folder.resolve("policy.json"),
                "{\"version\":1,\"rule\":\"threshold\",\"respond\":\"[respond]\",\"categories\":[{\"id\":\"refuse\","
                        + "\"token\":\"[refuse]\",\"name\":\"Refuse\",\"threshold\":0.5}]}");
    }

    private JavaProcess run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(JavaProcess.java(), "--limit-modules", "java.base,java.logging"));
        command.addAll(List.of("-cp", JavaProcess.classPath(), Main.class.getName()));
        command.addAll(List.of(arguments));
        return JavaProcess.run(Path.of("."), Map.of(), command);
    }

    @Test
    void a_report_needs_no_more_and_pictures_are_refused_in_a_sentence_before_the_work() throws Exception {
        List<String> eval = List.of(
                "eval", "--scores", scores.toString(), "--policy", policy.toString(), "--report", folder + "/report");
        JavaProcess without = run(eval.toArray(String[]::new));
        assertEquals(0, without.status(), without::toString);
        assertTrue(Files.exists(folder.resolve("report/report.html")));
        List<String> png = new ArrayList<>(eval);
        png.set(png.size() - 1, folder + "/pictures");
        png.add("--png");
        JavaProcess with = run(png.toArray(String[]::new));
        assertEquals(1, with.status(), with::toString);
        assertEquals(1, with.err().lines().count(), with::toString);
        assertTrue(with.err().contains("java.desktop") && with.err().contains("--png"), with::toString);
        assertTrue(Files.notExists(folder.resolve("pictures")));
    }
}
