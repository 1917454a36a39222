package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.GenerationOptions;
import dev.demur.llama.Message;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the endpoints answer, over real connections, by a stand-in for the model. */
class ServerTest {

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.ready();
    }

    @AfterEach
    void stop() {
        server.close();
        assertEquals(List.of(), List.copyOf(server.problems));
    }

    private RawClient.Response chat(String message, String more) throws IOException {
        return server.ask(RawClient.chat(message, more));
    }

    private RawClient.Response post(String path, String body) throws IOException {
        return server.ask(RawClient.post(path, body));
    }

    private static JsonObject choice(JsonObject completion) {
        return completion.getAsJsonArray("choices").get(0).getAsJsonObject();
    }

    @Test
    void an_answer_has_openai_s_shape_and_the_decision_in_a_field_of_its_own() throws IOException {
        RawClient.Response response = chat("Hello there", "");
        assertEquals(200, response.status());
        JsonObject json = response.json();
        assertEquals("chat.completion", json.get("object").getAsString());
        assertEquals("test-model", json.get("model").getAsString());
        JsonObject message = choice(json).getAsJsonObject("message");
        assertEquals("word word word ", message.get("content").getAsString());
        assertEquals("length", choice(json).get("finish_reason").getAsString());
        JsonObject demur = message.getAsJsonObject("demur");
        assertEquals("respond", demur.getAsJsonObject("decision").get("kind").getAsString());
        assertEquals(0.1, demur.getAsJsonObject("probabilities").get("safety").getAsDouble());
        assertEquals(2, json.getAsJsonObject("usage").get("prompt_tokens").getAsInt());
        assertEquals(5, json.getAsJsonObject("usage").get("total_tokens").getAsInt());
    }

    @Test
    void a_refusal_is_an_answer_like_any_other() throws IOException {
        JsonObject json = chat("a bomb", "").json();
        JsonObject message = choice(json).getAsJsonObject("message");
        assertEquals("I won't.", message.get("content").getAsString());
        assertEquals("stop", choice(json).get("finish_reason").getAsString());
        JsonObject decision = message.getAsJsonObject("demur").getAsJsonObject("decision");
        assertEquals("refuse", decision.get("kind").getAsString());
        assertEquals("safety", decision.get("category").getAsString());
    }

    @Test
    void a_stream_begins_with_the_decision_and_ends_with_the_counts_of_tokens_if_asked_for() throws IOException {
        RawClient.Response response =
                chat("Hello", ", \"stream\": true, \"stream_options\": {\"include_usage\": true}");
        assertEquals("text/event-stream; charset=utf-8", response.headers().get("content-type"));
        List<String> events = response.body()
                .lines()
                .filter(line -> !line.isEmpty())
                .map(line -> line.substring("data: ".length()))
                .toList();
        assertEquals("[DONE]", events.get(events.size() - 1));
        List<JsonObject> chunks = events.subList(0, events.size() - 1).stream()
                .map(text -> JsonParser.parseString(text).getAsJsonObject())
                .toList();
        JsonObject first = choice(chunks.get(0)).getAsJsonObject("delta");
        assertEquals("assistant", first.get("role").getAsString());
        assertTrue(first.getAsJsonObject("demur").has("probabilities"));
        assertEquals(
                "word ",
                choice(chunks.get(1)).getAsJsonObject("delta").get("content").getAsString());
        assertEquals("length", choice(chunks.get(4)).get("finish_reason").getAsString());
        assertTrue(chunks.get(4).get("usage").isJsonNull());
        assertEquals(6, chunks.size());
        assertEquals(
                4, chunks.get(5).getAsJsonObject("usage").get("total_tokens").getAsInt());
        assertEquals(0, chunks.get(5).getAsJsonArray("choices").size());
    }

    @Test
    void what_a_request_asks_for_reaches_the_model() throws Exception {
        assertEquals(
                200,
                chat(
                                "Hi",
                                ", \"temperature\": 0.7, \"top_p\": 0.9, \"max_completion_tokens\": 2, \"stop\": [\"a\", \"b\"],"
                                        + " \"seed\": 7, \"frequency_penalty\": 1, \"presence_penalty\": -1, \"top_k\": 5, \"min_p\": 0.1,"
                                        + " \"repeat_penalty\": 1.2")
                        .status());
        GenerationOptions options = server.engine.options.take();
        assertEquals(0.7, options.sampling().temperature());
        assertEquals(0.9, options.sampling().topP());
        assertEquals(7, options.sampling().seed());
        assertEquals(1, options.sampling().frequencyPenalty());
        assertEquals(-1, options.sampling().presencePenalty());
        assertEquals(5, options.sampling().topK());
        assertEquals(0.1, options.sampling().minP());
        assertEquals(1.2, options.sampling().repeatPenalty());
        assertEquals(2, options.maxTokens());
        assertEquals(List.of("a", "b"), options.stopStrings());
        assertNull(options.grammar());
    }

    @Test
    void without_a_seed_two_requests_draw_by_different_ones() throws Exception {
        chat("Hi", ", \"temperature\": 1");
        chat("Hi", ", \"temperature\": 1");
        int first = server.engine.options.take().sampling().seed();
        int second = server.engine.options.take().sampling().seed();
        assertFalse(first == second, "both are " + first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"json_object\"}",
                "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"x\", \"strict\": true, \"schema\": {\"type\": \"object\","
                        + " \"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"], \"additionalProperties\": false}}}"
            })
    void a_response_format_becomes_a_grammar(String format) throws Exception {
        assertEquals(200, chat("Hi", ", \"response_format\": " + format).status());
        GenerationOptions options = server.engine.options.take();
        assertTrue(options.grammar() != null);
        assertEquals(1, options.sampling().repeatPenalty());
    }

    /** Each with the parameter that the error names. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tools | \"tools\": [{\"type\": \"function\"}]",
                "tool_choice | \"tool_choice\": \"required\"",
                "n | \"n\": 2",
                "logprobs | \"logprobs\": true",
                "top_logprobs | \"top_logprobs\": 3",
                "logit_bias | \"logit_bias\": {\"1\": 5}",
                "modalities | \"modalities\": [\"text\", \"audio\"]",
                "audio | \"audio\": {\"voice\": \"x\"}",
                "prediction | \"prediction\": {\"type\": \"content\"}",
                "store | \"store\": true",
                "reasoning_effort | \"reasoning_effort\": \"high\"",
                "verbosity | \"verbosity\": \"low\"",
                "service_tier | \"service_tier\": \"flex\"",
                "web_search_options | \"web_search_options\": {\"a\": 1}",
                "temperature | \"temperature\": 3",
                "temperature | \"temperature\": \"hot\"",
                "temperature | \"temperature\": 1e-9",
                "top_p | \"top_p\": -0.1",
                "max_tokens | \"max_tokens\": 1.5",
                "max_tokens | \"max_tokens\": -1",
                "max_tokens | \"max_tokens\": 1, \"max_completion_tokens\": 2",
                "stop | \"stop\": \"\"",
                "stop | \"stop\": [1]",
                "seed | \"seed\": 1e30",
                "stream | \"stream\": \"yes\"",
                "stream_options | \"stream_options\": {\"include_usage\": true}",
                "response_format.type | \"response_format\": {\"type\": \"xml\"}",
                "response_format.json_schema | \"response_format\": {\"type\": \"json_schema\"}",
                "temperatur | \"temperatur\": 1"
            })
    void what_cannot_be_honoured_is_refused_and_named(String param, String fragment) throws IOException {
        RawClient.Response response = chat("Hi", ", " + fragment);
        assertEquals(400, response.status(), response::body);
        assertEquals(param, response.error().get("param").getAsString());
        assertEquals("invalid_request_error", response.error().get("type").getAsString());
        assertTrue(server.engine.conversations.isEmpty());
    }

    @Test
    void what_asks_for_what_happens_anyway_is_taken() throws IOException {
        RawClient.Response response = chat(
                "Hi",
                ", \"n\": 1, \"tools\": [], \"tool_choice\": \"none\", \"logprobs\": false, \"logit_bias\": {}, \"user\": \"me\","
                        + " \"store\": false, \"modalities\": [\"text\"], \"service_tier\": \"auto\", \"stream\": null,"
                        + " \"response_format\": {\"type\": \"text\"}");
        assertEquals(200, response.status(), response::body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "messages | {}",
                "messages | {\"messages\": []}",
                "messages | {\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}]}",
                "messages | {\"messages\": \"Hello\"}",
                "messages[0] | {\"messages\": [\"Hello\"]}",
                "messages[0].role | {\"messages\": [{\"content\": \"a\"}]}",
                "messages[0].role | {\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}]}",
                "messages[0].role | {\"messages\": [{\"role\": \"king\", \"content\": \"a\"}]}",
                "messages[0].role | {\"messages\": [{\"role\": \"tool\", \"tool_call_id\": \"1\", \"content\": \"a\"}]}",
                "messages[0].content | {\"messages\": [{\"role\": \"user\"}]}",
                "messages[0].content | {\"messages\": [{\"role\": \"user\", \"content\": 1}]}",
                "messages[0].content | {\"messages\": [{\"role\": \"user\", \"content\": []}]}",
                "messages[0].content[0].type | {\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}",
                "messages[0].tool_calls | {\"messages\": [{\"role\": \"assistant\", \"content\": \"\", \"tool_calls\": [{}]}]}",
                "messages[0].demur.decision.category | {\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"demur\":"
                        + " {\"decision\": {\"kind\": \"refuse\", \"category\": \"none\"}}}, {\"role\": \"user\", \"content\": \"b\"}]}"
            })
    void a_wrong_message_is_refused_and_named(String param, String body) throws IOException {
        RawClient.Response response = post("/v1/chat/completions", body);
        assertEquals(400, response.status(), response::body);
        assertEquals(param, response.error().get("param").getAsString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "[]",
                "{\"a\": }",
                "{\"model\": \"a\", \"model\": \"b\"}",
                "\"\ud83d\"",
                "{\"a\": 1e999}"
            })
    void what_is_no_json_object_is_refused(String body) throws IOException {
        RawClient.Response response = post("/v1/chat/completions", body);
        assertEquals(400, response.status(), response::body);
    }

    @Test
    void json_that_is_nested_without_end_is_refused() throws IOException {
        RawClient.Response response = post("/v1/chat/completions", "[".repeat(4000));
        assertEquals(400, response.status());
        assertTrue(response.body().contains("nested"), response::body);
    }

    @Test
    void a_past_answer_comes_back_with_its_decision() throws Exception {
        JsonObject message = choice(chat("a bomb", "").json()).getAsJsonObject("message");
        server.engine.conversations.take();
        String body =
                "{\"messages\": [{\"role\": \"developer\", \"content\": \"Be brief.\"}, {\"role\": \"user\", \"content\":"
                        + " [{\"type\": \"text\", \"text\": \"a\"}, {\"type\": \"text\", \"text\": \"bomb\"}]}, "
                        + message
                        + ", {\"role\": \"user\", \"content\": \"Why?\"}]}";
        assertEquals(200, post("/v1/chat/completions", body).status());
        List<Message> expected = List.of(
                Message.system("Be brief."),
                Message.user("a\nbomb"),
                Message.assistantAfter("I won't.", "safety"),
                Message.user("Why?"));
        assertEquals(expected, server.engine.conversations.take());
    }

    @Test
    void another_model_s_name_is_refused_and_an_alias_is_not() throws IOException {
        RawClient.Response other = chat("Hi", ", \"model\": \"gpt-9\"");
        assertEquals(404, other.status());
        assertEquals("model_not_found", other.error().get("code").getAsString());
        assertEquals(200, chat("Hi", ", \"model\": \"alias\"").status());
    }

    @Test
    void a_prompt_beyond_the_context_is_refused_before_it_is_decoded() throws IOException {
        RawClient.Response response = chat("a ".repeat(101), "");
        assertEquals(400, response.status());
        assertEquals("context_length_exceeded", response.error().get("code").getAsString());
        assertTrue(server.engine.conversations.isEmpty());
    }

    @Test
    void all_of_a_conversation_counts_though_the_last_message_alone_is_decided_on() throws IOException {
        String before = "{\"role\": \"user\", \"content\": \"" + "a ".repeat(101)
                + "\"}, {\"role\": \"assistant\", \"content\": \"b\"}";
        String messages = "[" + before + ", {\"role\": \"user\", \"content\": \"Hi\"}]";
        RawClient.Response answered = post("/v1/chat/completions", "{\"messages\": " + messages + "}");
        assertEquals(400, answered.status());
        assertEquals("context_length_exceeded", answered.error().get("code").getAsString());
    }

    @Test
    void a_prompt_that_only_the_model_finds_too_long_is_refused_by_the_same_code() throws IOException {
        RawClient.Response response = chat("overflow", "");
        assertEquals(400, response.status());
        assertEquals("context_length_exceeded", response.error().get("code").getAsString());
        assertTrue(response.error().get("message").getAsString().contains("101 tokens"), response::body);
    }

    @Test
    void an_error_of_the_server_s_own_tells_the_client_nothing_of_its_inside() throws Exception {
        RawClient.Response response = chat("break", "");
        assertEquals(500, response.status());
        assertFalse(response.body().contains("it broke"), response::body);
        String problem = server.problems.take();
        assertTrue(
                problem.contains("it broke")
                        && problem.contains(response.headers().get("x-request-id")),
                problem);
    }

    @Test
    void moderations_tell_each_text_s_categories_and_scores() throws IOException {
        JsonObject json =
                post("/v1/moderations", "{\"input\": [\"a bomb\", \"a cake\"]}").json();
        JsonArray results = json.getAsJsonArray("results");
        assertEquals(2, results.size());
        JsonObject bomb = results.get(0).getAsJsonObject();
        assertTrue(bomb.get("flagged").getAsBoolean());
        assertTrue(bomb.getAsJsonObject("categories").get("safety").getAsBoolean());
        assertFalse(bomb.getAsJsonObject("categories").get("unsupported").getAsBoolean());
        assertEquals(0.8, bomb.getAsJsonObject("category_scores").get("safety").getAsDouble());
        assertFalse(results.get(1).getAsJsonObject().get("flagged").getAsBoolean());
        assertEquals(400, post("/v1/moderations", "{\"input\": []}").status());
        assertEquals(400, post("/v1/moderations", "{}").status());
        RawClient.Response image =
                post("/v1/moderations", "{\"input\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \"x\"}}]}");
        assertEquals("input[0].type", image.error().get("param").getAsString());
    }

    @Test
    void models_name_the_policy_s_promise_and_whether_it_holds() throws IOException {
        JsonObject model = server.ask(RawClient.get("/v1/models"))
                .json()
                .getAsJsonArray("data")
                .get(0)
                .getAsJsonObject();
        assertEquals("test-model", model.get("id").getAsString());
        JsonObject policy = model.getAsJsonObject("demur").getAsJsonObject("policy");
        assertEquals("little", policy.get("promise").getAsString());
        assertTrue(policy.get("holds").getAsBoolean());
        assertEquals(200, server.ask(RawClient.get("/v1/models/alias")).status());
        assertEquals(404, server.ask(RawClient.get("/v1/models/other")).status());
    }

    @Test
    void the_wrong_path_method_or_type_is_told_what_would_be_right() throws IOException {
        RawClient.Response path = server.ask(RawClient.get("/v1/nothing?a=b"));
        assertEquals(404, path.status());
        assertTrue(path.error().get("message").getAsString().contains("/v1/chat/completions"), path::body);
        RawClient.Response method = server.ask(RawClient.get("/v1/chat/completions"));
        assertEquals(405, method.status());
        assertEquals("POST", method.headers().get("allow"));
        String form = RawClient.post("/v1/chat/completions", "{}").replace("application/json", "text/plain");
        assertEquals(415, server.ask(form).status());
        String zipped = RawClient.post("/v1/chat/completions", "{}", "Content-Encoding: gzip");
        assertEquals(415, server.ask(zipped).status());
        String expecting = RawClient.post("/v1/chat/completions", "{}", "Expect: a miracle");
        assertEquals(417, server.ask(expecting).status());
    }

    @Test
    void without_a_token_a_page_of_another_host_that_a_browser_shows_gets_nothing() throws IOException {
        String request = RawClient.get("/v1/models");
        for (String host : List.of("localhost:80", "127.0.0.1", "127.1.2.3:9", "[::1]:8080", "a.localhost")) {
            assertEquals(200, server.ask(request.replace("localhost", host)).status(), host);
        }
        for (String host : List.of("example.org", "127.0.0.1.example.org", "localhost.example.org:80", "10.0.0.1")) {
            assertEquals(403, server.ask(request.replace("localhost", host)).status(), host);
        }
    }

    @Test
    void metrics_are_in_prometheus_s_text_format_and_count_what_happened() throws Exception {
        chat("a bomb", "");
        chat("a cake", "");
        List<String> expected = List.of(
                "demur_decisions_total{kind=\"refuse\",category=\"safety\"} 1",
                "demur_decisions_total{kind=\"respond\",category=\"\"} 1",
                "demur_http_requests_total{endpoint=\"/v1/chat/completions\",status=\"200\"} 2",
                "demur_generated_tokens_total 3",
                "demur_policy_promise_holds 1",
                "demur_coverage_bucket{le=\"+Inf\"} 2");
        for (String line : expected) {
            server.awaitMetric(line); // a client may have its answer before it is counted
        }
        RawClient.Response response = server.ask(RawClient.get("/metrics"));
        assertTrue(response.headers().get("content-type").startsWith("text/plain; version=0.0.4"));
        TestServer.requirePrometheus(response.body());
        List<String> lines = response.body().lines().toList();
        assertTrue(lines.containsAll(expected), response::body);
    }

    @Test
    void the_log_says_nothing_of_what_was_said_and_keeps_to_its_line() throws Exception {
        chat("secret words", "");
        String line = server.log.take();
        assertTrue(line.contains(" path=/v1/chat/completions status=200 "), line);
        assertTrue(line.contains(" decision=respond"), line);
        assertFalse(line.contains("secret"), line);
        server.ask(RawClient.get("/a\"b\u001b[2J"));
        String escaped = server.log.take();
        assertTrue(escaped.chars().noneMatch(c -> c < ' '), escaped);
    }

    @Test
    void the_log_has_prompts_and_answers_where_that_is_asked_for() throws Exception {
        try (TestServer open = new TestServer(TestServer.LONG, null, true).serve()) {
            open.ask(RawClient.chat("two\\nlines", ""));
            String line = open.log.take();
            assertTrue(line.endsWith("prompt=\"two\\u000alines\" reply=\"word word word \""), line);
        }
    }
}
