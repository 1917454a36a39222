package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients do to a server that they should not, and what a server must stand. */
class ConnectionsTest {

    private static final String DISCONNECTED = "demur_requests_cancelled_total{reason=\"disconnect\"} 1";

    @Test
    void a_client_that_goes_in_mid_stream_ends_the_work_for_it() throws Exception {
        try (TestServer server = TestServer.ready()) {
            RawClient client =
                    server.connect().send(RawClient.chat("crawl", ", \"stream\": true, \"max_tokens\": 100000000"));
            assertTrue(client.line().contains("200"));
            client.close();
            AtomicBoolean ended = new AtomicBoolean();
            CompletableFuture<Void> pieces = CompletableFuture.runAsync(() -> {
                while (!ended.get()) {
                    server.engine.held.release();
                    sleep();
                }
            });
            assertEquals("crawl", server.engine.cancelled.take());
            ended.set(true);
            pieces.get();
            server.awaitMetric(DISCONNECTED);
            assertEquals(List.of(), List.copyOf(server.problems));
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_client_that_goes_before_its_answer_ends_the_work_for_it(boolean withReset) throws Exception {
        try (TestServer server = TestServer.ready()) {
            RawClient client = server.connect().send(RawClient.chat("hold", ""));
            server.engine.waiting.await();
            if (withReset) {
                client.reset();
            } else {
                client.close();
            }
            assertEquals("hold", server.engine.cancelled.take());
            server.awaitMetric(DISCONNECTED);
        }
    }

    @Test
    void a_client_that_goes_while_it_waits_for_its_turn_leaves_the_queue() throws Exception {
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 1, 4, 100, 3600, 3600, 3600, 3600))) {
            RawClient first = server.connect().send(RawClient.chat("hold first", ""));
            server.engine.waiting.await();
            RawClient second = server.connect().send(RawClient.chat("never", ""));
            server.awaitMetric("demur_requests_waiting 1");
            second.reset();
            server.awaitMetric("demur_requests_waiting 0");
            server.engine.held.release();
            assertEquals(200, first.response().status());
            assertEquals(1, server.engine.conversations.size());
        }
    }

    @Test
    void a_client_that_ends_its_side_of_the_connection_still_gets_its_answer() throws Exception {
        try (TestServer server = TestServer.ready()) {
            try (RawClient client =
                    server.connect().send(RawClient.chat("hold", "")).endOutput()) {
                server.engine.waiting.await();
                assertTrue(client.line().startsWith("HTTP/1.1 102"));
                server.engine.held.release();
                client.line();
                assertEquals(200, client.response().status());
                assertEquals("", client.rest());
            }
            try (RawClient client = server.connect()
                    .send(RawClient.chat("Hi", ", \"stream\": true"))
                    .endOutput()) {
                assertTrue(client.rest().contains("data: [DONE]"));
            }
            assertTrue(server.engine.cancelled.isEmpty());
        }
    }

    @Test
    void half_a_request_and_then_the_end_is_no_request() throws Exception {
        try (TestServer server = TestServer.ready()) {
            String whole = RawClient.post("/v1/moderations", "{\"input\": \"a\"}");
            for (int length : List.of(0, 8, 60, whole.indexOf("\r\n\r\n") + 4, whole.length() - 3)) {
                try (RawClient client = server.connect()) {
                    String rest =
                            client.send(whole.substring(0, length)).endOutput().rest();
                    assertTrue(rest.isEmpty() || rest.startsWith("HTTP/1.1 400"), rest);
                }
            }
            assertTrue(server.engine.conversations.isEmpty());
            server.awaitMetric("demur_connections 1");
        }
    }

    @Test
    void requests_that_come_at_once_are_answered_one_after_another() throws Exception {
        try (TestServer server = TestServer.ready();
                RawClient client = server.connect()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                all.append(RawClient.chat("number " + i, "")).append(RawClient.get("/health"));
            }
            client.send(all.toString());
            for (int i = 0; i < 50; i++) {
                assertEquals(
                        "chat.completion",
                        client.response().json().get("object").getAsString());
                assertEquals("ok", client.response().json().get("status").getAsString());
            }
            for (int i = 0; i < 50; i++) {
                assertEquals(
                        "number " + i, server.engine.conversations.take().get(0).content());
            }
        }
    }

    @Test
    void a_request_may_come_byte_by_byte_in_chunks_and_by_http_1_0() throws Exception {
        try (TestServer server = TestServer.ready()) {
            try (RawClient client = server.connect()) {
                for (byte b : RawClient.chat("slowly", "").getBytes("UTF-8")) {
                    client.send(new byte[] {b});
                }
                assertEquals(200, client.response().status());
            }
            String chunked = "POST /v1/moderations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json;"
                    + " charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"input\"\r\n5\r\n:\"a\"}\r\n0\r\n\r\n";
            assertEquals(200, server.ask(chunked).status());
            try (RawClient old = server.connect()
                    .send(RawClient.chat("Hi", ", \"stream\": true").replace("HTTP/1.1", "HTTP/1.0"))) {
                String all = old.rest();
                assertTrue(all.startsWith("HTTP/1.1 200"), all);
                assertFalse(all.contains("chunked"), all);
                assertTrue(all.endsWith("data: [DONE]\n\n"), all);
            }
            try (RawClient polite = server.connect()) {
                String request = RawClient.post("/v1/moderations", "{\"input\": \"a\"}", "Expect: 100-continue");
                int body = request.indexOf("\r\n\r\n") + 4;
                polite.send(request.substring(0, body));
                assertEquals("HTTP/1.1 100 Continue", polite.line());
                polite.line();
                assertEquals(
                        200, polite.send(request.substring(body)).response().status());
            }
        }
    }

    /** The status of an answer; the server reads on for some seconds only, and who is held up longer asks again. */
    private static int refused(TestServer server, String request) throws IOException {
        IOException last = null;
        for (int i = 0; i < 3; i++) {
            try {
                return server.ask(request).status();
            } catch (IOException e) {
                last = e;
            }
        }
        throw new AssertionError("it never heard why", last);
    }

    @Test
    void what_is_too_large_is_refused_and_the_client_hears_it_although_it_goes_on_sending() throws Exception {
        try (TestServer server = TestServer.ready()) {
            String large = "{\"input\": \"" + "a".repeat(5_000_000) + "\"}";
            assertEquals(413, refused(server, RawClient.post("/v1/moderations", large)));
            String chunk = Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n";
            String chunked = "POST /v1/moderations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk;
            assertEquals(413, refused(server, chunked));
            assertEquals(431, refused(server, RawClient.get("/health", "X: " + "a".repeat(1_000_000))));
            assertEquals(414, refused(server, RawClient.get("/" + "a".repeat(1_000_000))));
            String negative =
                    RawClient.post("/v1/moderations", "{}").replace("Content-Length: 2", "Content-Length: -2");
            assertEquals(400, server.ask(negative).status());
            server.awaitMetric("demur_connections 1");
        }
    }

    @Test
    void a_client_that_sends_too_slowly_is_told_so_and_an_idle_one_is_let_go() throws Exception {
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 4, 4, 100, 3600, 1, 3600, 3600))) {
            assertEquals(408, server.connect().send("GET /hea").response().status());
            String request = RawClient.post("/v1/moderations", "{\"input\": \"a\"}");
            assertEquals(
                    408,
                    server.connect()
                            .send(request.substring(0, request.length() - 1))
                            .response()
                            .status());
        }
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 4, 4, 100, 3600, 3600, 1, 3600))) {
            assertEquals("", server.connect().rest());
        }
    }

    @Test
    void a_client_that_does_not_read_its_answer_is_left() throws Exception {
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 4, 4, 100, 3600, 1, 3600, 3600))) {
            server.engine.piece = "a".repeat(100_000);
            RawClient client =
                    server.connect().send(RawClient.chat("Hi", ", \"stream\": true, \"max_tokens\": 100000000"));
            // Its memory would not hold what the model writes here if it were kept for the client.
            server.awaitMetric("demur_requests_running 0");
            client.close();
        }
    }

    @Test
    void an_answer_that_takes_too_long_is_ended_with_504_and_in_a_stream_with_an_error() throws Exception {
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 4, 4, 100, 1, 3600, 3600, 3600))) {
            RawClient.Response response = server.ask(RawClient.chat("hold", ""));
            assertEquals(504, response.status());
            assertEquals("timeout", response.error().get("code").getAsString());
            RawClient.Response stream;
            do {
                stream = server.ask(RawClient.chat("crawl", ", \"stream\": true"));
            } while (stream.status() == 504); // a machine may be too busy to decide within the second
            assertEquals(200, stream.status());
            assertTrue(stream.body().contains("\"code\":\"timeout\""), stream.body());
            assertFalse(stream.body().contains("[DONE]"), stream.body());
            String metrics = server.ask(RawClient.get("/metrics")).body();
            assertTrue(metrics.contains("demur_requests_cancelled_total{reason=\"timeout\"}"), metrics);
        }
    }

    @Test
    void beyond_the_queue_a_request_is_told_to_come_again() throws Exception {
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 1, 1, 100, 3600, 3600, 3600, 3600))) {
            RawClient first = server.connect().send(RawClient.chat("hold", ""));
            server.engine.waiting.await();
            RawClient second = server.connect().send(RawClient.chat("later", ""));
            server.awaitMetric("demur_requests_waiting 1");
            RawClient.Response third = server.ask(RawClient.chat("too late", ""));
            assertEquals(429, third.status());
            assertEquals("1", third.headers().get("retry-after"));
            server.engine.held.release();
            assertEquals(200, first.response().status());
            assertEquals(200, second.response().status());
        }
    }

    @Test
    void a_request_before_the_model_is_there_is_told_to_come_again() throws Exception {
        try (TestServer server = new TestServer()) {
            assertEquals(503, server.ask(RawClient.get("/health")).status());
            RawClient.Response early = server.ask(RawClient.chat("Hi", ""));
            assertEquals(503, early.status());
            assertEquals("loading", early.error().get("code").getAsString());
            assertTrue(early.headers().containsKey("retry-after"));
            server.serve();
            assertEquals(200, server.ask(RawClient.chat("Hi", "")).status());
        }
    }

    @Test
    void a_token_is_asked_for_by_all_but_health() throws Exception {
        String secret = "0123456789abcdef0123456789abcdef";
        try (TestServer server = new TestServer(TestServer.LONG, AccessToken.of(secret), false).serve()) {
            assertEquals(200, server.ask(RawClient.get("/health")).status());
            RawClient.Response none = server.ask(RawClient.get("/v1/models"));
            assertEquals(401, none.status());
            assertEquals("Bearer", none.headers().get("www-authenticate"));
            assertEquals("invalid_api_key", none.error().get("code").getAsString());
            assertEquals(401, server.ask(RawClient.get("/metrics")).status());
            for (String wrong : List.of("Bearer", "Bearer ", "Bearer " + secret + "0", "Basic " + secret, secret)) {
                assertEquals(
                        401,
                        server.ask(RawClient.get("/v1/models", "Authorization: " + wrong))
                                .status(),
                        wrong);
            }
            String right = "Authorization: bearer " + secret;
            assertEquals(200, server.ask(RawClient.get("/v1/models", right)).status());
            assertEquals(
                    200,
                    server.ask(RawClient.get("/metrics", right).replace("localhost", "example.org"))
                            .status());
        }
    }

    @Test
    void where_others_can_connect_no_server_starts_without_a_token() {
        IOException refused = assertThrows(
                IOException.class,
                () -> DemurServer.start(new DemurServer.Settings(
                        ListenAddress.of("0.0.0.0", 0),
                        null,
                        Limits.DEFAULTS,
                        AccessLog.none(),
                        (what, e) -> {},
                        "test")));
        assertTrue(refused.getMessage().contains("token"), refused.getMessage());
    }

    /** Two thousand, or as many as this process may open files for: both ends of each connection are here. */
    @Test
    void thousands_of_idle_connections_hold_up_nobody() throws Exception {
        int most = 2000;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            most = (int) Math.min(most, (system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()) / 3);
        }
        assertTrue(most > 100, "this process may open so few files that the test says nothing: " + most);
        try (TestServer server = TestServer.ready()) {
            List<RawClient> idle = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                RawClient client = server.connect();
                idle.add(i % 2 == 0 ? client : client.send("POST /v1/chat"));
            }
            server.awaitMetric("demur_connections " + (most + 1));
            assertEquals(200, server.ask(RawClient.chat("Hi", "")).status());
            for (RawClient client : idle) {
                client.close();
            }
            server.awaitMetric("demur_connections 1");
        }
    }

    @Test
    void a_client_too_many_is_told_so() throws Exception {
        try (TestServer server = TestServer.ready(TestServer.limits(4096, 4, 4, 2, 3600, 3600, 3600, 3600))) {
            RawClient first = server.connect();
            RawClient second = server.connect();
            assertEquals(200, first.send(RawClient.get("/health")).response().status());
            assertEquals(200, second.send(RawClient.get("/health")).response().status());
            try (RawClient third = server.connect()) {
                assertEquals(503, third.response().status());
                assertEquals("", third.rest());
            }
            first.close();
            second.close();
        }
    }

    @Test
    void garbage_is_refused_and_leaves_nothing_behind() throws Exception {
        long seed = System.nanoTime();
        System.out.println("garbage with the seed " + seed);
        Random random = new Random(seed);
        String sound = RawClient.chat("Hi", "");
        try (TestServer server = TestServer.ready()) {
            for (int i = 0; i < 300; i++) {
                byte[] bytes = i % 3 == 0 ? new byte[random.nextInt(3000)] : sound.getBytes("UTF-8");
                if (i % 3 == 0) {
                    random.nextBytes(bytes);
                } else {
                    for (int n = random.nextInt(8); n >= 0; n--) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                    }
                }
                try (RawClient client = server.connect()) {
                    client.send(bytes);
                    if (random.nextBoolean()) {
                        client.endOutput().rest();
                    } else if (random.nextBoolean()) {
                        client.reset();
                    }
                } catch (IOException e) {
                    assertTrue(
                            e.getMessage().contains("reset") || e.getMessage().contains("Broken pipe"), e.toString());
                }
            }
            server.awaitMetric("demur_connections 1");
            assertEquals(200, server.ask(sound).status());
            assertEquals(List.of(), List.copyOf(server.problems));
        }
    }

    private interface Stopped {
        void test() throws Exception;
    }

    /** A server that stops waits some seconds for its own threads: where they have no processor for so long, it stops anew. */
    private static void assertStops(Stopped each) throws Exception {
        IOException last = null;
        for (int i = 0; i < 3; i++) {
            try {
                each.test();
                return;
            } catch (IOException e) {
                last = e;
            }
        }
        throw new AssertionError("no answer came", last);
    }

    /** The system takes connections, of which nobody reads, until the server's selector has let go of the closed socket. */
    private static void awaitRefusal(int port) throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.MINUTES.toNanos(30)) {
            try {
                new RawClient(port).close();
            } catch (IOException refused) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("a server that stops still takes connections");
    }

    @Test
    void a_server_that_stops_lets_requests_end_and_takes_no_more() throws Exception {
        assertStops(() -> {
            TestServer server = TestServer.ready();
            RawClient idle = server.connect();
            RawClient client = server.connect().send(RawClient.chat("hold", ""));
            server.engine.waiting.await();
            int port = server.port();
            CompletableFuture<Void> stop = CompletableFuture.runAsync(server.server::close);
            assertEquals("", idle.rest());
            awaitRefusal(port);
            assertFalse(stop.isDone());
            server.engine.held.release();
            assertEquals(200, client.response().status());
            assertEquals("", client.rest());
            stop.get(30, TimeUnit.MINUTES);
        });
    }

    @Test
    void a_server_that_stops_ends_what_takes_too_long_with_an_answer() throws Exception {
        assertStops(() -> {
            TestServer server = TestServer.ready(TestServer.limits(4096, 4, 4, 100, 3600, 3600, 3600, 0));
            RawClient client = server.connect().send(RawClient.chat("hold", ""));
            server.engine.waiting.await();
            server.server.close();
            RawClient.Response response = client.response();
            assertEquals(503, response.status());
            assertEquals("stopping", response.error().get("code").getAsString());
            if (!server.problems.isEmpty()) {
                throw new IOException(server.problems.take());
            }
        });
    }
}
