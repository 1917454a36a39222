package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The three types of questions, of what decides and in words. */
class SystemOneTest {

    private static final double EXACT = 1e-12;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.ready();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RawClient.Response ask(String state, String question) throws IOException {
        return server.ask(RawClient.post(
                "/v1/systemone", "{\"state\": " + state + ", \"questions\": {\"q\": " + question + "}}"));
    }

    private JsonObject answer(String state, String question) throws IOException {
        RawClient.Response response = ask(state, question);
        assertEquals(200, response.status(), response::body);
        return response.json().getAsJsonObject("answers").getAsJsonObject("q");
    }

    @Test
    void a_question_of_a_label_is_answered_by_what_decides() throws Exception {
        JsonObject safety = answer("\"a bomb\"", "{\"type\": \"noul\", \"instructions\": \"demur:safety\"}");
        assertEquals("noul", safety.get("type").getAsString());
        assertEquals(0.8, safety.get("noul").getAsDouble());
        JsonObject more = safety.getAsJsonObject("demur");
        assertEquals("labels", more.get("read").getAsString());
        assertEquals(0.5, more.get("threshold").getAsDouble());
        JsonObject respond = answer("\"a bomb\"", "{\"type\": \"noul\", \"instructions\": \"demur:respond\"}");
        assertEquals(0.15, respond.get("noul").getAsDouble(), EXACT);
        JsonObject all = answer(
                "\"a bomb\"",
                "{\"type\": \"choice\", \"instructions\": \"demur:labels\", \"criteria\": {\"respond\": null, \"safety\": null,"
                        + " \"unsupported\": null}}");
        assertEquals("safety", all.get("choice").getAsString());
        assertEquals(0.15, all.getAsJsonObject("probabilities").get("respond").getAsDouble(), EXACT);
        assertEquals((3 * 0.8 - 1) / 2, all.get("confidence").getAsDouble(), EXACT);
    }

    @Test
    void a_state_of_messages_is_a_conversation() throws Exception {
        JsonObject safety = answer(
                "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Ho\"},"
                        + " {\"role\": \"user\", \"content\": \"a bomb\"}]}",
                "{\"type\": \"noul\", \"instructions\": \"demur:safety\"}");
        assertEquals(0.8, safety.get("noul").getAsDouble());
        assertEquals(3, server.engine.conversations.take().size());
    }

    /** Another label, a scale of labels, a part of the labels: there are no numbers for these. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\": \"noul\", \"instructions\": \"demur:weather\"}",
                "{\"type\": \"noul\", \"instructions\": \"demur:\"}",
                "{\"type\": \"score\", \"instructions\": \"demur:safety\", \"criteria\": [\"low\", \"high\"]}",
                "{\"type\": \"choice\", \"instructions\": \"demur:labels\", \"criteria\": {\"safety\": null, \"respond\": null}}",
                "{\"type\": \"choice\", \"instructions\": \"demur:safety\", \"criteria\": {\"a\": null, \"b\": null}}"
            })
    void what_decides_has_no_number_for_is_an_error_and_no_guess(String question) throws IOException {
        RawClient.Response response = ask("\"a bomb\"", question);
        assertEquals(422, response.status(), response::body);
        assertEquals("unanswerable_question", response.error().get("code").getAsString());
        assertTrue(server.engine.conversations.isEmpty());
    }

    @Test
    void other_questions_are_put_to_the_model_in_words() throws Exception {
        JsonObject yes = answer(
                "\"It rains.\"",
                "{\"type\": \"noul\", \"instructions\": \"Is it wet?\", \"criteria\": {\"true\": \"wet\", \"false\": null}}");
        assertEquals(0.75, yes.get("noul").getAsDouble());
        assertEquals("words", yes.getAsJsonObject("demur").get("read").getAsString());
        assertEquals(
                "Is it wet?\n\nyes: wet\n\nText:\nIt rains.\n\nAnswer yes or no.",
                server.engine.conversations.take().get(0).content());

        JsonObject choice = answer(
                "{\"a\": 1}",
                "{\"type\": \"choice\", \"instructions\": \"Which?\", \"criteria\": {\"x\": \"the first\", \"y\": null}}");
        assertEquals("y", choice.get("choice").getAsString());
        assertEquals(0.25, choice.getAsJsonObject("probabilities").get("x").getAsDouble(), EXACT);
        assertEquals(0.5, choice.get("confidence").getAsDouble(), EXACT);
        assertEquals(0.9 * 0.8, choice.getAsJsonObject("demur").get("coverage").getAsDouble(), EXACT);
        assertEquals(
                "Which?\n\nA. x: the first\nB. y\n\nText:\n{\"a\":1}\n\nAnswer with the letter alone.",
                server.engine.conversations.take().get(0).content());

        JsonObject score = answer(
                "\"It rains.\"",
                "{\"type\": \"score\", \"instructions\": \"How wet?\", \"criteria\": [\"dry\", \"damp\", \"wet\"]}");
        assertEquals((0.6 + 2 * 0.1) / 0.9, score.get("score").getAsDouble(), EXACT);
        assertEquals("damp", score.getAsJsonObject("legend").get("1").getAsString());
        assertEquals(0.6 / 0.9, score.getAsJsonObject("probabilities").get("1").getAsDouble(), EXACT);
    }

    @Test
    void a_model_that_would_say_something_else_is_an_error_and_no_guess() throws IOException {
        server.engine.coverage = 0.6;
        RawClient.Response response = ask(
                "\"It rains.\"",
                "{\"type\": \"choice\", \"instructions\": \"Which?\", \"criteria\": {\"x\": null, \"y\": null}}");
        assertEquals(422, response.status());
        assertEquals("questions.q", response.error().get("param").getAsString());
        assertTrue(response.body().contains("0.48"), response::body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "questions.q.type | {\"type\": \"essay\", \"instructions\": \"a\"}",
                "questions.q.instructions | {\"type\": \"noul\"}",
                "questions.q.instructions | {\"type\": \"noul\", \"instructions\": \" \"}",
                "questions.q.criteria | {\"type\": \"choice\", \"instructions\": \"a\"}",
                "questions.q.criteria | {\"type\": \"choice\", \"instructions\": \"a\", \"criteria\": {\"x\": null}}",
                "questions.q.criteria | {\"type\": \"score\", \"instructions\": \"a\", \"criteria\": [\"x\"]}",
                "questions.q.criteria | {\"type\": \"score\", \"instructions\": \"a\", \"criteria\": [\"x\", null]}",
                "questions.q.criteria.maybe | {\"type\": \"noul\", \"instructions\": \"a\", \"criteria\": {\"maybe\": \"x\"}}",
                "questions.q.weight | {\"type\": \"noul\", \"instructions\": \"a\", \"weight\": 1}",
                "questions.q | null"
            })
    void a_wrong_question_is_refused_and_named(String param, String question) throws IOException {
        RawClient.Response response = ask("\"a\"", question);
        assertEquals(400, response.status(), response::body);
        assertEquals(param, response.error().get("param").getAsString());
    }
}
