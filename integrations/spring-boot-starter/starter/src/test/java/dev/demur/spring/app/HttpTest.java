package dev.demur.spring.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.demur.spring.DemurTemplate;
import dev.demur.spring.Models;
import dev.demur.spring.ai.StubChatModel;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A web application with another provider's model behind the advisor, and Demur's own besides, asked over HTTP. */
@SpringBootTest(
        classes = Application.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.ai.model.chat=demur",
            "demur.chat.max-tokens=24",
            "management.endpoints.web.exposure.include=health,metrics",
            "management.endpoint.health.show-details=always"
        })
class HttpTest {

    @DynamicPropertySource
    static void model(DynamicPropertyRegistry registry) {
        registry.add("demur.model", () -> Models.tiny().toString());
    }

    /** Where the context of demur-tiny would be full. */
    private static final int MOST_WRITTEN = 900;

    @LocalServerPort
    private int port;

    @Autowired
    private StubChatModel stub;

    @Autowired
    private DemurTemplate template;

    @Autowired
    private Controller controller;

    private String get(String path, String question) throws Exception {
        URI address = URI.create(
                "http://localhost:" + port + path + "?question=" + URLEncoder.encode(question, StandardCharsets.UTF_8));
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    @Test
    void another_provider_s_model_answers_what_is_not_refused() throws Exception {
        int before = stub.asked().size();
        assertThat(get("/other", Models.HARMLESS))
                .contains("\"text\":\"" + StubChatModel.ANSWER + "\"", "\"refusedAs\":\"none\"");
        assertThat(get("/other", Models.HARMFUL))
                .contains("\"text\":\"I am sorry, I cannot", "\"refusedAs\":\"safety\"");
        assertThat(stub.asked()).hasSize(before + 1);
    }

    @Test
    void a_client_that_was_built_by_hand_has_the_advisor_too() throws Exception {
        assertThat(get("/built", Models.HARMLESS)).contains(StubChatModel.ANSWER);
        assertThat(get("/built", Models.HARMFUL)).contains("\"refusedAs\":\"safety\"");
    }

    @Test
    void demur_s_own_model_answers_and_refuses() throws Exception {
        assertThat(get("/own", Models.HARMLESS))
                .contains("\"text\":\"Sure. Here are a few points that may help.\"", "\"refusedAs\":\"none\"");
        assertThat(get("/own", Models.HARMFUL)).contains("\"text\":\"I am sorry, I cannot", "\"refusedAs\":\"safety\"");
    }

    @Test
    void many_ask_at_once_and_each_gets_what_is_meant_for_it() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                String path = i % 2 == 0 ? "/own" : "/other";
                String question = i % 3 == 0 ? Models.HARMFUL : Models.HARMLESS;
                answers.add(threads.submit(() -> get(path, question)));
            }
            for (int i = 0; i < answers.size(); i++) {
                String refused = i % 3 == 0 ? "safety" : "none";
                assertThat(answers.get(i).get()).contains("\"refusedAs\":\"" + refused + "\"");
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(template.active()).isZero();
        assertThat(template.queued()).isZero();
    }

    @Test
    void a_reader_who_goes_away_ends_the_generation() throws Exception {
        URI address = URI.create("http://localhost:" + port + "/own/endless?question=Hello");
        HttpResponse<InputStream> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        try (InputStream body = response.body()) {
            assertThat(body.read()).isNotNegative();
            assertThat(template.active()).isEqualTo(1);
        }
        await().atMost(Duration.ofMinutes(30)).until(() -> template.active() == 0);
        assertThat(controller.pieces.get()).isBetween(1, MOST_WRITTEN);
        assertThat(get("/own", Models.HARMLESS)).contains("Sure.");
    }

    @Test
    void both_stream_as_server_sent_events() throws Exception {
        assertThat(get("/other/stream", Models.HARMLESS)).contains("data:answered ");
        assertThat(get("/other/stream", Models.HARMFUL)).contains("data:I am sorry, I cannot");
        assertThat(get("/own/stream", Models.HARMLESS).lines().filter(line -> line.startsWith("data:")))
                .hasSizeGreaterThan(3);
    }

    @Test
    void a_response_with_its_metadata_can_be_written_as_json() throws Exception {
        assertThat(get("/metadata", Models.HARMFUL))
                .contains("\"demur.category\":\"safety\"", "\"demur.probabilities\":{");
    }

    @Test
    void the_actuator_shows_health_and_meters() throws Exception {
        get("/other", Models.HARMFUL);
        assertThat(get("/actuator/health", ""))
                .contains("\"demur\":{", "\"model\":\"demur-tiny\"", "\"status\":\"UP\"");
        assertThat(get("/actuator/metrics/demur.decisions", "")).contains("\"safety\"", "\"COUNT\"");
        assertThat(get("/actuator/metrics/demur.decide", "")).contains("\"TOTAL_TIME\"");
        assertThat(get("/actuator/metrics/demur.queue", "")).contains("\"VALUE\"");
    }
}
