package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Decision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class MessageTest {

    private static String problem(Executable made) {
        return assertThrows(IllegalArgumentException.class, made).getMessage();
    }

    @Test
    void a_null_is_an_argument_error_that_says_which() {
        assertEquals("a message's content is null", problem(() -> Message.user(null)));
        assertEquals("a message's content is null", problem(() -> Message.system(null)));
        assertEquals("a message's content is null", problem(() -> Message.assistant(null)));
        assertEquals("a message's content is null", problem(() -> Message.assistantAfter(null, "safety")));
        assertEquals("a message's role is null", problem(() -> new Message(null, "text", null)));
    }

    @Test
    void an_answer_whose_decision_is_null_says_how_one_without_is_made() {
        String problem = problem(() -> Message.assistant("text", null));
        assertTrue(problem.contains("decision is null") && problem.contains("Message.assistant(content)"), problem);
        assertEquals(problem, problem(() -> Message.assistant("text", (Decision) null)));
        assertEquals(problem, problem(() -> Message.assistantAfter("text", null)));
    }

    @Test
    void only_an_answer_has_a_decision() {
        assertTrue(
                problem(() -> new Message(Message.Role.USER, "text", "safety")).contains("only an assistant's answer"));
        assertEquals(
                "an answer's decision is blank: it is a category's id or respond",
                problem(() -> Message.assistantAfter("text", " ")));
        assertEquals("safety", Message.assistantAfter("text", "safety").decision());
    }
}
