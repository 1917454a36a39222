package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.monitor.AuditPlan;
import dev.demur.monitor.Monitor;
import dev.demur.monitor.MonitorException;
import dev.demur.monitor.MonitorOptions;
import dev.demur.monitor.WatchedRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that watches its policy's promise: what it draws, which labels it takes, and what its metrics tell. */
class WatchTest {

    private static final MonitorOptions ALL =
            MonitorOptions.DEFAULTS.withLimit(WatchedRate.falseRefusalAtMost(null, 0.05));

    /** More refusals that are wrong than a rate of 5 % explains. */
    private static final int MANY = 20;

    @TempDir
    private Path folder;

    private TestServer server(Monitor monitor) throws IOException {
        TestServer server = new TestServer();
        return server.serve(
                new PromiseWatch(monitor, file(), (what, failure) -> server.problems.add(what + ": " + failure)));
    }

    private TestServer server() throws IOException {
        return server(Monitor.of(SlowEngine.policy(), SlowEngine.LABELS, ALL));
    }

    private Path file() {
        return folder.resolve("watch.json");
    }

    private static JsonObject message(RawClient.Response response) {
        return response.json()
                .getAsJsonArray("choices")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("message");
    }

    private static String audit(RawClient.Response chat) {
        return message(chat).getAsJsonObject("demur").get("audit").getAsString();
    }

    private static RawClient.Response label(TestServer server, String json) throws IOException {
        return server.ask(RawClient.post("/v1/labels", json));
    }

    private static List<String> awaiting(TestServer server) throws IOException {
        List<String> ids = new ArrayList<>();
        RawClient.Response response = server.ask(RawClient.get("/v1/labels"));
        assertEquals(200, response.status(), response::body);
        response.json().getAsJsonArray("awaiting").forEach(id -> ids.add(id.getAsString()));
        return ids;
    }

    private static List<String> metrics(TestServer server) throws IOException {
        String metrics = server.ask(RawClient.get("/metrics")).body();
        TestServer.requirePrometheus(metrics);
        return metrics.lines().toList();
    }

    @Test
    void every_reply_names_what_is_to_be_labelled_and_the_labels_are_taken_in_any_order() throws Exception {
        try (TestServer server = server()) {
            RawClient.Response chat = server.ask(RawClient.chat("a bomb", ""));
            String first = audit(chat);
            assertEquals(chat.headers().get("x-request-id"), first);
            RawClient.Response stream = server.ask(RawClient.chat("a cake", ", \"stream\": true"));
            String second = stream.headers().get("x-request-id");
            assertTrue(stream.body().lines().findFirst().orElseThrow().contains("\"audit\":\"" + second + "\""));
            JsonArray results = server.ask(RawClient.post("/v1/moderations", "{\"input\": [\"a bomb\", \"a cake\"]}"))
                    .json()
                    .getAsJsonArray("results");
            List<String> moderated = new ArrayList<>();
            results.forEach(result -> moderated.add(result.getAsJsonObject()
                    .getAsJsonObject("demur")
                    .get("audit")
                    .getAsString()));
            String asked = server.ask(RawClient.post(
                            "/v1/systemone",
                            "{\"state\": \"a bomb\", \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\":"
                                    + " \"demur:safety\"}}}"))
                    .json()
                    .getAsJsonObject("demur")
                    .get("audit")
                    .getAsString();

            List<String> all = new ArrayList<>(List.of(first, second));
            all.addAll(moderated);
            all.add(asked);
            assertEquals(all, awaiting(server));
            assertTrue(metrics(server).contains("demur_monitor_waiting 5"));

            JsonObject taken = label(server, "{\"id\": \"" + second + "\", \"expected\": \"respond\"}")
                    .json();
            assertEquals(4, taken.get("awaiting").getAsInt());
            assertTrue(metrics(server).contains("demur_monitor_labels_total 0"), "the first one has no label yet");
            label(server, "{\"id\": \"" + first + "\", \"expected\": \"refuse\", \"category\": \"safety\"}");
            assertTrue(metrics(server).contains("demur_monitor_labels_total 2"));
            assertEquals(List.copyOf(all.subList(2, 5)), awaiting(server));
            assertEquals(List.of(), List.copyOf(server.problems));
        }
    }

    @Test
    void wrong_refusals_raise_the_alarm_that_the_metrics_tell() throws Exception {
        try (TestServer server = server()) {
            List<String> before = metrics(server);
            assertTrue(before.contains("demur_monitor_alarm 0"), before::toString);
            assertTrue(
                    before.contains("demur_monitor_rate_promised{rate=\"false-refusal\",category=\"\"} 0.05"),
                    before::toString);
            assertTrue(before.contains("demur_monitor_rate_e_value_alarm 20.0"), before::toString);
            for (int i = 0; i < MANY; i++) {
                String id = audit(server.ask(RawClient.chat("a bomb", "")));
                String json = "{\"id\": \"" + id + "\", \"expected\": \"respond\", \"category\": \"safety\"}";
                assertEquals(200, label(server, json).status());
            }
            List<String> after = metrics(server);
            assertTrue(after.contains("demur_monitor_alarm 1"), after::toString);
            assertTrue(
                    after.contains("demur_monitor_rate_alarm{rate=\"false-refusal\",category=\"\"} 1.0"),
                    after::toString);
            assertTrue(
                    after.contains("demur_monitor_rate_observed{rate=\"false-refusal\",category=\"safety\"} 1.0"),
                    after::toString);
            assertTrue(
                    after.contains("demur_monitor_rate_labels{rate=\"false-refusal\",category=\"\"} " + MANY + ".0"),
                    after::toString);
            assertTrue(after.contains("demur_monitor_drift_alarm{number=\"coverage\"} 0.0"), after::toString);
        }
    }

    @Test
    void what_is_known_outlives_the_server() throws Exception {
        String id;
        try (TestServer server = server()) {
            id = audit(server.ask(RawClient.chat("a bomb", "")));
            server.ask(RawClient.chat("a cake", ""));
        }
        try (TestServer server = server(Monitor.read(file(), SlowEngine.policy()))) {
            assertTrue(metrics(server).contains("demur_monitor_decisions_total 2"));
            assertEquals(2, awaiting(server).size());
            assertEquals(
                    200,
                    label(server, "{\"id\": \"" + id + "\", \"expected\": \"undecided\"}")
                            .status());
            // On disk before it is confirmed, and so there whatever becomes of the process.
            assertFalse(Monitor.read(file(), SlowEngine.policy()).awaits(id));
        }
    }

    @Test
    void a_lot_draws_what_is_labelled_and_the_rest_is_watched_for_drift_alone() throws Exception {
        MonitorOptions few = ALL.withAudit(new AuditPlan(1, 1e-9));
        try (TestServer server = server(Monitor.of(SlowEngine.policy(), SlowEngine.LABELS, few))) {
            assertNull(message(server.ask(RawClient.chat("a cake", "")))
                    .getAsJsonObject("demur")
                    .get("audit"));
            audit(server.ask(RawClient.chat("a bomb", "")));
            assertEquals(1, awaiting(server).size());
            assertTrue(metrics(server).contains("demur_monitor_decisions_total 2"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | id | {\"id\": \"nobody\", \"expected\": \"respond\"}",
                "400 | id | {\"expected\": \"respond\"}",
                "400 | expected | {\"id\": \"a\"}",
                "400 | expected | {\"id\": \"a\", \"expected\": \"maybe\"}",
                "400 | category | {\"id\": \"a\", \"expected\": \"refuse\", \"category\": \"weather\"}",
                "400 | category | {\"id\": \"a\", \"expected\": \"undecided\", \"category\": \"safety\"}",
                "400 | weight | {\"id\": \"a\", \"expected\": \"respond\", \"weight\": 1}"
            })
    void a_wrong_label_is_refused_and_named(int status, String param, String json) throws Exception {
        try (TestServer server = server()) {
            RawClient.Response response = label(server, json);
            assertEquals(status, response.status(), response::body);
            assertEquals(param, response.error().get("param").getAsString());
        }
    }

    @Test
    void a_label_is_taken_once() throws Exception {
        try (TestServer server = server()) {
            String json = "{\"id\": \"" + audit(server.ask(RawClient.chat("a bomb", "")))
                    + "\", \"expected\": \"refuse\", \"category\": \"none\"}";
            assertEquals(200, label(server, json).status());
            RawClient.Response again = label(server, json);
            assertEquals(404, again.status(), again::body);
            assertTrue(again.body().contains("has its label already"), again::body);
        }
    }

    @Test
    void labels_need_the_token_that_all_else_needs_and_a_server_that_watches() throws Exception {
        Path secret = Files.writeString(folder.resolve("token"), "0123456789abcdef");
        Files.setPosixFilePermissions(secret, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        try (TestServer server = new TestServer(TestServer.LONG, AccessToken.read(secret), false).serve()) {
            assertEquals(401, server.ask(RawClient.get("/v1/labels")).status());
            RawClient.Response none = server.ask(RawClient.get("/v1/labels", "Authorization: Bearer 0123456789abcdef"));
            assertEquals(404, none.status());
            assertTrue(none.body().contains("--monitor"), none::body);
        }
    }

    @Test
    void a_file_that_cannot_be_written_is_told_at_the_start_or_with_the_label() throws Exception {
        Monitor monitor = Monitor.of(SlowEngine.policy(), SlowEngine.LABELS, ALL);
        Path nowhere = folder.resolve("nowhere").resolve("watch.json");
        assertThrows(MonitorException.class, () -> new PromiseWatch(monitor, nowhere, (what, failure) -> {}));
        try (TestServer server = server()) {
            String id = audit(server.ask(RawClient.chat("a bomb", "")));
            Files.delete(file());
            Files.createDirectories(file().resolve("in the way"));
            RawClient.Response response = label(server, "{\"id\": \"" + id + "\", \"expected\": \"respond\"}");
            assertEquals(500, response.status(), response::body);
            assertTrue(server.problems.take().contains("the monitor's file"));
        }
    }
}
