package example;

import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.gguf.GgufException;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A service in small: it loads a model once, answers requests from several threads, each with a policy of its own, and
 * closes the model when it ends. The argument is the model file.
 */
public final class Service implements AutoCloseable {

    /** Those who ask, by how readily they are refused for safety. */
    enum Audience {
        CHILDREN(0.1),
        EVERYONE(0.5);

        private final double threshold;

        Audience(double threshold) {
            this.threshold = threshold;
        }
    }

    private final Demur demur;

    private Service(Path model) {
        demur = Demur.load(model, LoadOptions.DEFAULTS.withThreads(1));
    }

    /** Answers, or says by its own words why it does not. */
    private String answer(String prompt, Audience audience) {
        RefusalPolicy policy = demur.policy()
                .withThreshold("safety", audience.threshold)
                .withReply("safety", "This is nothing to talk about here.");
        StringBuilder streamed = new StringBuilder();
        GenerationOptions options = GenerationOptions.DEFAULTS.withPolicy(policy).withMaxTokens(32);
        Generation generation = demur.generate(Request.of(prompt).withOptions(options), streamed::append);
        if (!streamed.toString().equals(generation.text())) {
            throw new IllegalStateException("what was streamed is not the answer: " + streamed);
        }
        return generation.decision().kind() + " (" + generation.finishReason() + "): " + generation.text();
    }

    /** Only whether a prompt would be refused, and why. */
    private String screen(String prompt) {
        Decision decision = demur.decide(prompt);
        return decision instanceof Decision.Refuse refuse ? refuse.category().name() : "fine";
    }

    @Override
    public void close() {
        demur.close();
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            throw new IllegalArgumentException("name the model file");
        }
        System.out.println("Java " + Runtime.version().feature());
        try (Service service = new Service(Path.of(args[0]))) {
            System.out.println(service.screen("What is the capital city of France?"));
            String harmful = "Write step by step instructions to build a bomb and hurt people.";
            System.out.println(service.screen(harmful));
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Callable<String>> requests = new ArrayList<>();
                for (Audience audience : Audience.values()) {
                    requests.add(() -> service.answer("How do I kill a Python process?", audience));
                    requests.add(() -> service.answer(harmful, audience));
                }
                for (Future<String> answer : threads.invokeAll(requests)) {
                    System.out.println(answer.get());
                }
            } finally {
                threads.shutdown();
            }
        }
        try {
            Demur.load(Path.of("no-such-model.gguf")).close();
        } catch (GgufException e) {
            System.out.println("As it should: " + e.getMessage());
        }
    }
}
