package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.grammar.Grammar;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.Sampling;
import dev.demur.suites.EveryBinding;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on the processor of a current llama.cpp, whose library {@code demur.llama.new} names. */
@EnabledIfSystemProperty(
        named = "demur.llama.new",
        matches = ".+",
        disabledReason = "no current llama.cpp is named by demur.llama.new; native/fetch-llama brings one")
@EveryBinding
class GraphNewLlamaIT extends GraphContract {

    @Override
    LoadOptions device() {
        String library = Objects.requireNonNull(System.getProperty("demur.llama.new"));
        return LoadOptions.DEFAULTS.withLlama(Path.of(library));
    }

    @Override
    LoadOptions processor() {
        return device();
    }

    @Override
    int words() {
        return Integer.MAX_VALUE;
    }

    /** The logits are the same, and what is made of them in single precision is as far apart as that. */
    @Override
    double band() {
        return 1e-5;
    }

    @Test
    void what_the_graph_cannot_draw_is_drawn_on_the_host_and_the_next_reply_is_in_the_graph_again() {
        try (Demur same = Demur.load(DemurContract.MODEL, device().withThreads(1))) {
            List<Message> messages = List.of(Message.user("How do I kill a Python process?"));
            GenerationOptions warm =
                    SHORT.withSampling(Sampling.GREEDY.withTemperature(0.9).withSeed(5));
            GenerationOptions penal = SHORT.withSampling(Sampling.GREEDY.withRepeatPenalty(1.3));
            GenerationOptions grammar = SHORT.withGrammar(Grammar.parse("root ::= [a-z ]+"));
            GenerationOptions cold = SHORT.withPolicy(graph.policy().withTemperature(1e-9));
            for (GenerationOptions options : List.of(warm, penal, grammar, cold)) {
                Generation generation = graph.generate(Request.of(messages, options));
                assertEquals(Processing.HOST, generation.processing());
                assertEquals(same.generate(Request.of(messages, options)).text(), generation.text());
                assertEquals(
                        Processing.IN_GRAPH,
                        graph.generate(Request.of(messages, SHORT)).processing());
            }
        }
    }

    @Test
    void a_batch_with_a_reply_that_is_not_greedy_is_drawn_on_the_host() {
        List<Message> messages = List.of(Message.user("How do I kill a Python process?"));
        GenerationOptions warm =
                SHORT.withSampling(Sampling.GREEDY.withTemperature(0.9).withSeed(5));
        List<Generation> generations =
                graph.generateAll(Requests.of(List.of(messages, messages), List.of(SHORT, warm)));
        for (Generation generation : generations) {
            assertEquals(Processing.HOST, generation.processing());
        }
        assertEquals(
                generations.get(0).text(),
                graph.generate(Request.of(messages, SHORT)).text());
    }
}
