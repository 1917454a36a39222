package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code demur serve} in a process of its own, on a real model, asked by Java's HTTP client. */
class ServeIT {

    private static final String MODEL = "models/demur-tiny.gguf";
    private static final Pattern ADDRESS = Pattern.compile("answers at (http://127\\.0\\.0\\.1:\\d+)/v1");
    private static final int TERMINATED = 143;
    private static final String HELLO =
            "{\"messages\": [{\"role\": \"user\", \"content\": \"How do I kill a Python process?\"}]";

    @TempDir
    private static Path folder;

    private static Process process;
    private static String address;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        process = CommandRun.start(folder, "serve", "--model", MODEL, "--port", "0", "--max-tokens", "16");
        address = awaitAddress(process, folder);
    }

    @AfterAll
    static void stop() throws Exception {
        process.destroy();
        assertTrue(process.waitFor(30, TimeUnit.MINUTES));
        String said = Files.readString(folder.resolve("err.txt"));
        assertEquals(TERMINATED, process.exitValue(), said);
        assertTrue(said.contains("demur: stopping"), said);
        assertEquals("", Files.readString(folder.resolve("out.txt")));
    }

    private static String awaitAddress(Process started, Path where) throws IOException, InterruptedException {
        for (int i = 0; i < 180_000; i++) {
            Matcher matcher = ADDRESS.matcher(Files.readString(where.resolve("err.txt")));
            if (matcher.find()) {
                return matcher.group(1);
            }
            assertTrue(started.isAlive(), Files.readString(where.resolve("err.txt")));
            Thread.sleep(10);
        }
        throw new AssertionError("it never said its address");
    }

    private static HttpRequest post(String path, String body) {
        return HttpRequest.newBuilder(URI.create(address + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static JsonObject ask(String path, @Nullable String body) throws IOException, InterruptedException {
        HttpRequest request = body == null
                ? HttpRequest.newBuilder(URI.create(address + path)).build()
                : post(path, body);
        HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response.body());
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    private static JsonObject message(JsonObject completion) {
        return completion.getAsJsonArray("choices").get(0).getAsJsonObject().getAsJsonObject("message");
    }

    @Test
    void it_decides_and_answers_as_ask_does() throws Exception {
        JsonObject message = message(ask("/v1/chat/completions", HELLO + ", \"model\": \"demur-tiny\"}"));
        CommandRun asked = CommandRun.of(
                "ask", "--json", "--model", MODEL, "--max-tokens", "16", "How do I kill a Python process?");
        JsonObject expected = JsonParser.parseString(asked.out()).getAsJsonObject();
        assertEquals(expected.get("text"), message.get("content"));
        JsonObject demur = message.getAsJsonObject("demur");
        assertEquals(
                expected.getAsJsonObject("decision").get("kind"),
                demur.getAsJsonObject("decision").get("kind"));
        assertEquals(
                expected.getAsJsonObject("probabilities").get("safety").getAsDouble(),
                demur.getAsJsonObject("probabilities").get("safety").getAsDouble(),
                1e-6);
    }

    @Test
    void a_stream_says_the_same_piece_by_piece() throws Exception {
        String whole =
                message(ask("/v1/chat/completions", HELLO + "}")).get("content").getAsString();
        List<String> lines = CLIENT.send(
                        post("/v1/chat/completions", HELLO + ", \"stream\": true}"), BodyHandlers.ofLines())
                .body()
                .filter(line -> !line.isEmpty())
                .toList();
        assertEquals("data: [DONE]", lines.get(lines.size() - 1));
        StringBuilder text = new StringBuilder();
        for (String line : lines.subList(0, lines.size() - 1)) {
            JsonObject delta = JsonParser.parseString(line.substring("data: ".length()))
                    .getAsJsonObject()
                    .getAsJsonArray("choices")
                    .get(0)
                    .getAsJsonObject()
                    .getAsJsonObject("delta");
            text.append(delta.has("content") ? delta.get("content").getAsString() : "");
        }
        assertEquals(whole, text.toString());
    }

    @Test
    void many_at_once_get_each_their_own_answer() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            String body = "{\"max_tokens\": 4, \"messages\": [{\"role\": \"user\", \"content\": \"Say " + i + "\"}]}";
            answers.add(CLIENT.sendAsync(post("/v1/chat/completions", body), BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertEquals(200, answer.get().statusCode(), answer.get().body());
        }
    }

    @Test
    void json_that_is_asked_for_is_written() throws Exception {
        JsonObject completion = ask(
                "/v1/chat/completions",
                HELLO
                        + ", \"max_tokens\": 60, \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"x\","
                        + " \"schema\": {\"type\": \"object\", \"properties\": {\"yes\": {\"type\": \"boolean\"}}, \"required\": [\"yes\"],"
                        + " \"additionalProperties\": false}}}}");
        String text = message(completion).get("content").getAsString();
        assertTrue(JsonParser.parseString(text)
                .getAsJsonObject()
                .get("yes")
                .getAsJsonPrimitive()
                .isBoolean());
    }

    @Test
    void moderations_and_questions_read_the_same_numbers() throws Exception {
        JsonObject result = ask("/v1/moderations", "{\"input\": \"How do I build a pipe bomb?\"}")
                .getAsJsonArray("results")
                .get(0)
                .getAsJsonObject();
        assertTrue(result.get("flagged").getAsBoolean());
        double safety = result.getAsJsonObject("category_scores").get("safety").getAsDouble();
        JsonObject answer = ask(
                        "/v1/systemone",
                        "{\"state\": \"How do I build a pipe bomb?\", \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\":"
                                + " \"demur:safety\"}}}")
                .getAsJsonObject("answers")
                .getAsJsonObject("q");
        assertEquals(safety, answer.get("noul").getAsDouble(), 1e-6);
        HttpResponse<String> free = CLIENT.send(
                post(
                        "/v1/systemone",
                        "{\"state\": \"It rains.\", \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\": \"Is it wet?\"}}}"),
                BodyHandlers.ofString());
        // This model was trained to write filler: it is asked, and what it says is no answer.
        assertEquals(422, free.statusCode(), free.body());
        assertTrue(free.body().contains("yes or no"), free.body());
    }

    @Test
    void the_models_name_what_is_promised_and_metrics_count() throws Exception {
        JsonObject model = ask("/v1/models", null).getAsJsonArray("data").get(0).getAsJsonObject();
        assertEquals("demur-tiny", model.get("id").getAsString());
        JsonObject policy = model.getAsJsonObject("demur").getAsJsonObject("policy");
        assertFalse(policy.get("holds").getAsBoolean());
        assertTrue(Files.readString(folder.resolve("err.txt")).contains("which promises nothing here"));
        ask("/v1/chat/completions", HELLO + "}");
        HttpResponse<String> metrics = CLIENT.send(
                HttpRequest.newBuilder(URI.create(address + "/metrics")).build(), BodyHandlers.ofString());
        assertTrue(metrics.body().contains("demur_decisions_total{kind=\"respond\",category=\"\"}"), metrics.body());
    }

    @Test
    void a_reader_that_leaves_ends_the_answer() throws Exception {
        // An answer may end by itself, even at this temperature, before the server learns that its reader left: the
        // next one is asked then.
        for (int asked = 0; asked < 200; asked++) {
            String before = Files.readString(folder.resolve("err.txt"));
            HttpResponse<InputStream> response = CLIENT.send(
                    post(
                            "/v1/chat/completions",
                            HELLO + ", \"stream\": true, \"temperature\": 2, \"max_tokens\": 1000000}"),
                    BodyHandlers.ofInputStream());
            assertTrue(response.body().read() >= 0);
            response.body().close();
            if (awaitAnswerLine(before).contains("status=499")) {
                return;
            }
        }
        throw new AssertionError("no answer ended with its reader");
    }

    private static String awaitAnswerLine(String before) throws IOException, InterruptedException {
        for (int i = 0; i < 60_000; i++) {
            for (String line : Files.readString(folder.resolve("err.txt"))
                    .substring(before.length())
                    .split("\n", 0)) {
                if (line.contains("path=/v1/chat/completions") && line.contains("generated_tokens=")) {
                    return line;
                }
            }
            Thread.sleep(10);
        }
        throw new AssertionError("the answer neither ended nor was ended");
    }

    @Test
    void a_policy_of_another_model_is_served_with_a_warning_and_without_its_promise(@TempDir Path own)
            throws Exception {
        Path policy = Files.writeString(
                own.resolve("policy.json"),
                "{\"version\": 2, \"rule\": \"threshold\", \"categories\": [{\"id\": \"safety\", \"threshold\": 0.3},"
                        + " {\"id\": \"humanizing\"}, {\"id\": \"incomplete\"}, {\"id\": \"indeterminate\"}, {\"id\": \"unsupported\"}],"
                        + " \"calibration\": {\"fingerprint\": \"another\"}}");
        Path log = own.resolve("access.log");
        Process other = CommandRun.start(
                own,
                "serve",
                "--model",
                MODEL,
                "--port",
                "0",
                "--policy",
                policy.toString(),
                "--access-log",
                log.toString());
        try {
            String url = awaitAddress(other, own);
            String said = Files.readString(own.resolve("err.txt"));
            assertTrue(said.contains("its promises do not hold here"), said);
            HttpResponse<String> models = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(url + "/v1/models")).build(), BodyHandlers.ofString());
            assertTrue(models.body().contains("\"holds\":false"), models.body());
            assertTrue(models.body().contains("\"field\":\"fingerprint\""), models.body());
            assertTrue(models.body().contains("\"threshold\":0.3"), models.body());
            while (!Files.readString(log).contains("path=/v1/models status=200")) {
                Thread.sleep(10); // it is written when the client has its answer
            }
        } finally {
            other.destroy();
            assertTrue(other.waitFor(30, TimeUnit.MINUTES));
        }
    }

    @Test
    void what_it_watches_is_kept_when_it_ends(@TempDir Path own) throws Exception {
        Path state = own.resolve("watch.json");
        String[] command = {
            "serve", "--model", MODEL, "--port", "0", "--monitor", state.toString(), "--refusal", "safety=0.5"
        };
        for (int decisions = 1; decisions <= 2; decisions++) {
            Process watched = CommandRun.start(own, command);
            try {
                String url = awaitAddress(watched, own);
                HttpRequest moderation = HttpRequest.newBuilder(URI.create(url + "/v1/moderations"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"input\": \"How do I build a pipe bomb?\"}"))
                        .build();
                assertTrue(
                        CLIENT.send(moderation, BodyHandlers.ofString()).body().contains("\"audit\":\"req-"));
            } finally {
                watched.destroy();
                assertTrue(watched.waitFor(30, TimeUnit.MINUTES));
            }
            JsonObject kept = JsonParser.parseString(Files.readString(state)).getAsJsonObject();
            assertEquals(decisions, kept.get("decisions").getAsInt());
        }
        command[command.length - 1] = "safety=0.6";
        CommandRun another = CommandRun.of(command);
        assertEquals(2, another.status(), another.err());
        assertTrue(another.err().contains("another --monitor"), another.err());
    }

    @Test
    void nothing_is_watched_that_is_not_promised_and_no_way_to_watch_is_given_for_nothing(@TempDir Path own) {
        String state = own.resolve("watch.json").toString();
        CommandRun nothing = CommandRun.of("serve", "--model", MODEL, "--port", "0", "--monitor", state);
        assertEquals(1, nothing.status(), nothing.err());
        assertTrue(nothing.err().contains("promises nothing that could be watched"), nothing.err());
        CommandRun alone = CommandRun.of("serve", "--model", MODEL, "--port", "0", "--level", "0.1");
        assertEquals(2, alone.status(), alone.err());
        assertTrue(alone.err().contains("--level has no effect without --monitor"), alone.err());
    }

    @Test
    void a_port_that_is_taken_is_named_and_so_is_what_to_do() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandRun run = CommandRun.of("serve", "--model", MODEL, "--port", Integer.toString(taken.getLocalPort()));
            assertEquals(1, run.status(), run.err());
            assertTrue(run.err().contains("127.0.0.1:" + taken.getLocalPort()), run.err());
            assertTrue(run.err().contains("--port"), run.err());
            assertEquals(1, run.errLines().size(), run.err());
        }
    }

    @Test
    void it_does_not_start_for_others_without_a_token() throws IOException {
        CommandRun none = CommandRun.of("serve", "--model", MODEL, "--host", "0.0.0.0");
        assertEquals(2, none.status(), none.err());
        assertTrue(none.err().contains("--token-file"), none.err());
        Path open = Files.writeString(folder.resolve("open-token"), "0123456789abcdef", StandardCharsets.UTF_8);
        assertNotNull(open.toFile());
        assertTrue(open.toFile().setReadable(true, false));
        CommandRun readable =
                CommandRun.of("serve", "--model", MODEL, "--host", "0.0.0.0", "--token-file", open.toString());
        assertEquals(1, readable.status(), readable.err());
        assertTrue(readable.err().contains("chmod 600"), readable.err());
    }
}
