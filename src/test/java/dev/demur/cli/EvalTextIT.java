package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.evaluation.DetectorQuality;
import dev.demur.evaluation.RefusalDetector;
import dev.demur.gguf.MicroLlama;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalTextIT {

    private static final String MODEL = "models/demur-tiny.gguf";
    private static final int ROWS = 40;

    @TempDir
    private Path folder;

    private Path data;
    private Path scores;
    private Path policy;

    @BeforeEach
    void score() throws IOException {
        data = folder.resolve("d.jsonl");
        scores = folder.resolve("s.jsonl");
        policy = folder.resolve("p.json");
        try (Stream<String> lines = Files.lines(Path.of("examples", "prompts.jsonl"))) {
            Files.write(data, lines.limit(ROWS).toList());
        }
        CommandRun run = CommandRun.of(
                "score", "--model", MODEL, "--data", data.toString(), "--out", scores.toString(), "--threads", "1");
        assertEquals(0, run.status(), run.err());
        write(PaperTokens.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD));
    }

    private void write(RefusalPolicy changed) throws IOException {
        Files.writeString(policy, PolicyFile.write(changed));
    }

    private CommandRun eval(Path from, String... more) {
        return CommandRun.of(Stream.concat(
                        Stream.of("eval", "--scores", scores.toString(), "--policy", policy.toString()),
                        Stream.concat(
                                Stream.of("--text", "--data", from.toString(), "--threads", "1"), Stream.of(more)))
                .toArray(String[]::new));
    }

    private JsonObject text(String... more) {
        CommandRun run = eval(
                data,
                Stream.concat(Stream.of("--json", "--model", MODEL), Stream.of(more))
                        .toArray(String[]::new));
        assertEquals(0, run.status(), run.err());
        return JsonParser.parseString(run.out()).getAsJsonObject().getAsJsonObject("text");
    }

    private static int number(JsonElement object, String field) {
        return object.getAsJsonObject().get(field).getAsInt();
    }

    @Test
    void every_reply_is_counted_once_under_its_decision_and_the_detector_tells_its_quality() {
        JsonObject text = text();
        assertEquals(ROWS, number(text, "generated"));
        int all = 0;
        int agreeing = 0;
        int judged = 0;
        for (JsonElement one : text.getAsJsonArray("decisions")) {
            String decided = one.getAsJsonObject().get("decided").getAsString();
            int refusing = number(one, "refusing");
            int answering = number(one, "answering");
            assertEquals(0, number(one, "fixedReplies"));
            all += refusing + answering + number(one, "empty");
            JsonObject agreement = one.getAsJsonObject().getAsJsonObject("agreement");
            assertEquals(decided.equals("respond") ? answering : refusing, number(agreement, "count"), decided);
            assertEquals(refusing + answering, number(agreement, "rows"));
            agreeing += number(agreement, "count");
            judged += number(agreement, "rows");
        }
        assertEquals(ROWS, all);
        JsonObject agreement = text.getAsJsonObject("agreement");
        assertEquals(agreeing, number(agreement, "count"));
        assertEquals(judged, number(agreement, "rows"));
        assertTrue(agreement.get("rate").getAsDouble() > 0.8, text.toString());
        DetectorQuality quality = RefusalDetector.QUALITY;
        JsonObject detector = text.getAsJsonObject("detector");
        assertEquals(quality.replies(), number(detector, "replies"));
        JsonObject precision = detector.getAsJsonObject("precision");
        assertEquals(quality.found(), number(precision, "count"));
        assertEquals(quality.found() + quality.mistaken(), number(precision, "rows"));
        assertEquals(quality.found() + quality.missed(), number(detector.getAsJsonObject("recall"), "rows"));
        assertTrue(precision.get("low").getAsDouble() < precision.get("high").getAsDouble());
    }

    @Test
    void fixed_replies_are_counted_apart() throws IOException {
        RefusalPolicy always = PaperTokens.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD)
                .withThreshold("safety", 0)
                .withReply("safety", "No.");
        write(always.withoutThreshold("humanizing")
                .withoutThreshold("incomplete")
                .withoutThreshold("indeterminate")
                .withoutThreshold("unsupported"));
        JsonObject text = text("--max-tokens", "4");
        JsonElement safety = text.getAsJsonArray("decisions").get(3);
        assertEquals("safety", safety.getAsJsonObject().get("decided").getAsString());
        assertEquals(ROWS, number(safety, "fixedReplies"));
        assertEquals(0, number(text.getAsJsonObject("agreement"), "rows"));
        assertTrue(text.getAsJsonObject("agreement").get("rate").isJsonNull());
    }

    @Test
    void a_person_sees_a_table_and_the_page_has_it_too() throws IOException {
        CommandRun run = eval(
                data, "--model", MODEL, "--report", folder.resolve("report").toString());
        assertEquals(0, run.status(), run.err());
        int precision = (int)
                Math.round(1000 * value(RefusalDetector.QUALITY.precision(0.95).value()));
        String share = precision / 10 + "." + precision % 10 + " %";
        String flowing = run.out().replaceAll("\\s+", " ");
        for (String part : List.of("token", "fixed reply", "Replies to " + ROWS + " prompts", "(precision)", share)) {
            assertTrue(flowing.contains(part), part + " in " + run.out());
        }
        assertTrue(run.err().contains("replied to " + ROWS + " rows in "), run.err());
        String page = Files.readString(folder.resolve("report").resolve("report.html"));
        assertTrue(page.contains("<h2>Text and token</h2>"), page);
        assertTrue(page.contains(share), page);
    }

    private static double value(Double share) {
        return share;
    }

    @Test
    void data_or_a_model_other_than_those_of_the_scores_are_failures_in_one_line() throws IOException {
        Path foreign = Files.writeString(
                folder.resolve("f.jsonl"), "{\"id\":\"x\",\"prompt\":\"p\",\"expected\":\"respond\"}\n");
        Path relabelled = Files.writeString(
                folder.resolve("r.jsonl"), "{\"id\":\"plain-1\",\"prompt\":\"p\",\"expected\":\"refuse\"}\n");
        Path other = MicroLlama.bytePair(1).write(folder.resolve("other.gguf"));
        CommandRun unknown = eval(foreign, "--model", MODEL);
        assertEquals(
                "demur: " + foreign + ":1: id \"x\" is not among the scores: give the data that were scored\n",
                unknown.err());
        CommandRun label = eval(relabelled, "--model", MODEL);
        assertTrue(label.err().contains("id \"plain-1\" has another label in the scores"), label.err());
        CommandRun model = eval(data, "--model", other.toString());
        assertTrue(model.err().contains("the scores were made with another model"), model.err());
        for (CommandRun run : List.of(unknown, label, model)) {
            assertEquals(1, run.status());
            assertEquals(1, run.errLines().size(), run.err());
            assertEquals("", run.out());
        }
    }

    @Test
    void options_that_only_matter_with_text_are_wrong_usage_without() {
        for (String[] more : new String[][] {
            {"--max-tokens", "3"},
            {"--model", MODEL},
            {"--text"},
            {"--text", "--data", "d", "--max-tokens", "0"}
        }) {
            CommandRun run = CommandRun.of(Stream.concat(
                            Stream.of("eval", "--scores", scores.toString(), "--policy", policy.toString()),
                            Stream.of(more))
                    .toArray(String[]::new));
            assertEquals(2, run.status(), run.err());
            assertEquals(1, run.errLines().size(), run.err());
        }
    }
}
