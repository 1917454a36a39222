package dev.demur.benchmarks;

import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Demur's part in comparing whole replies: {@link Demur#generate} under a policy that refuses nothing. Arguments: a
 * llama.cpp library, a model, threads, the size of the context, the most tokens of a reply, and the prompt. It first prints
 * the ids that the reply follows, the decision's token last.
 */
final class DemurReplies {

    private DemurReplies() {}

    public static void main(String[] arguments) {
        LoadOptions load = LoadOptions.DEFAULTS
                .withLlama(Path.of(arguments[0]))
                .withThreads(Integer.parseInt(arguments[2]))
                .withContextSize(Integer.parseInt(arguments[3]));
        List<Message> messages = List.of(Message.user(arguments[5]));
        try (Demur demur = Demur.load(Path.of(arguments[1]), load)) {
            RefusalPolicy policy =
                    RefusalPolicy.defaults(demur.labels(), demur.readout().identity(), Rule.THRESHOLD);
            for (Category category : demur.labels().categories()) {
                policy = policy.withThreshold(category.id(), 1);
            }
            GenerationOptions options =
                    GenerationOptions.DEFAULTS.withPolicy(policy).withMaxTokens(Integer.parseInt(arguments[4]));
            Decision decision = demur.decide(Request.of(messages).withPolicy(policy));
            if (!(decision instanceof Decision.Respond)) {
                throw new IllegalStateException("the prompt is refused: name another one");
            }
            int respond = demur.readout().reserved().get(Labels.RESPOND);
            System.out.println(IntStream.concat(Arrays.stream(demur.promptTokens(messages)), IntStream.of(respond))
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining(",")));
            ReplyBlocks.serve(() -> reply(demur.generate(Request.of(messages, options))));
        }
    }

    private static ReplyBlocks.Reply reply(Generation generation) {
        var timings = generation.timings();
        long afterFirst = timings.promptNanos() + timings.generationNanos() - timings.firstTokenNanos();
        return new ReplyBlocks.Reply(generation.text(), timings.generatedTokens(), afterFirst);
    }
}
