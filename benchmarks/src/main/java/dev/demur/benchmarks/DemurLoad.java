package dev.demur.benchmarks;

import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Demur's part in comparing many requests at once, under a policy that refuses nothing. Arguments: a llama.cpp library, a model,
 * threads, the tokens of the cache, the most tokens of a reply, how many requests, and how many of them run in parallel. It
 * first prints the ids that each reply follows, the decision's token last where the model has one; a line for each request.
 */
final class DemurLoad {

    private DemurLoad() {}

    public static void main(String[] arguments) throws Exception {
        int requests = Integer.parseInt(arguments[5]);
        int cells = Integer.parseInt(arguments[3]);
        LoadOptions load = LoadOptions.DEFAULTS
                .withLlama(Path.of(arguments[0]))
                .withThreads(Integer.parseInt(arguments[2]))
                .withContextSize(cells / 2)
                .withCacheTokens(cells)
                .withParallel(Integer.parseInt(arguments[6]));
        List<List<Message>> prompts = prompts(requests);
        try (Demur demur = Demur.load(Path.of(arguments[1]), load)) {
            RefusalPolicy policy =
                    RefusalPolicy.defaults(demur.labels(), demur.readout().identity(), Rule.THRESHOLD);
            for (Category category : demur.labels().categories()) {
                policy = policy.withThreshold(category.id(), 1);
            }
            GenerationOptions options =
                    GenerationOptions.DEFAULTS.withPolicy(policy).withMaxTokens(Integer.parseInt(arguments[4]));
            // A head writes none.
            int[] decided = Stream.ofNullable(demur.readout().reserved().get(Labels.RESPOND))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (List<Message> prompt : prompts) {
                System.out.println(IntStream.concat(Arrays.stream(demur.replyTokens(prompt)), Arrays.stream(decided))
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",")));
            }
            RequestsAtOnce.serve(
                    requests,
                    (request, first) -> demur.generate(Request.of(prompts.get(request), options), new First(first))
                            .timings()
                            .generatedTokens());
        }
    }

    /** Tells when the first text came; where a reply has none, the decision is all there is. */
    private static final class First implements GenerationListener {

        private final Runnable first;
        private boolean told;

        First(Runnable first) {
            this.first = first;
        }

        @Override
        public void decided(Decision decision) {
            first.run();
        }

        @Override
        public void text(String piece) {
            if (!told) {
                first.run();
                told = true;
            }
        }
    }

    private static List<List<Message>> prompts(int count) throws IOException {
        List<List<Message>> prompts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("examples", "prompts.jsonl")).subList(0, count)) {
            String prompt =
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString();
            prompts.add(List.of(Message.user(prompt)));
        }
        return prompts;
    }
}
