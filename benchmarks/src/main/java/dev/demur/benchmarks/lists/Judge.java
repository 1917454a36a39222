package dev.demur.benchmarks.lists;

import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.policy.RefusalPolicy;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Asks a model, each question once. */
final class Judge {

    /** Conversations to a call: enough that its context costs little, few enough that one sees it move. */
    private static final int TOGETHER = 32;

    /** As many as are written at once. */
    private static final int REPLIES_TOGETHER = 8;

    private final Demur demur;
    private final RefusalPolicy policy;
    private final PrintStream progress;
    private final Map<List<Message>, Verdict> known = new HashMap<>();

    Judge(Demur demur, RefusalPolicy policy, PrintStream progress) {
        this.demur = demur;
        this.policy = policy;
        this.progress = progress;
    }

    boolean has(String category) {
        return demur.labels().indexOf(category) >= 0;
    }

    /** The verdict on each conversation, each by itself, in their order. */
    List<Verdict> decide(String what, List<List<Message>> conversations) {
        Set<List<Message>> unknown = new LinkedHashSet<>(conversations);
        unknown.removeAll(known.keySet());
        Watch watch = new Watch(progress, what, unknown.size());
        for (List<List<Message>> some : parts(unknown, TOGETHER)) {
            List<Verdict> found = demur.decideAll(some.stream().map(one -> Request.of(one).withPolicy(policy)).toList()).stream()
                    .map(Verdict::of)
                    .toList();
            for (int i = 0; i < some.size(); i++) {
                known.put(some.get(i), found.get(i));
            }
            watch.add(some.size());
        }
        return conversations.stream().map(known::get).toList();
    }

    /** The verdict on each row at the end of its conversation, which is led as a program leads one. */
    List<Verdict> converse(String what, List<Row> rows) {
        List<Verdict> verdicts = new ArrayList<>();
        Watch watch = new Watch(progress, what, rows.size());
        GenerationOptions decisionOnly = GenerationOptions.DEFAULTS.withPolicy(policy).withMaxTokens(0);
        try (Conversation conversation = demur.converse()) {
            for (Row row : rows) {
                conversation.reset();
                List<Message> before = row.messages().subList(0, row.messages().size() - 1);
                conversation.add(before.toArray(Message[]::new));
                verdicts.add(Verdict.of(conversation.ask(row.prompt(), decisionOnly, text -> {}).decision()));
                watch.add(1);
            }
        }
        return verdicts;
    }

    /**
     * What is replied to each row, in their order.
     *
     * @param each gets every row with its reply as soon as it is there
     */
    List<Generation> reply(
            String what, List<Row> rows, GenerationOptions options, BiConsumer<Row, Generation> each) {
        List<Generation> replies = new ArrayList<>();
        Watch watch = new Watch(progress, what, rows.size());
        GenerationOptions own = options.withPolicy(policy);
        for (List<Row> some : parts(rows, REPLIES_TOGETHER)) {
            List<Generation> found = demur.generateAll(
                    some.stream().map(row -> Request.of(row.messages(), own)).toList());
            for (int i = 0; i < some.size(); i++) {
                each.accept(some.get(i), found.get(i));
            }
            replies.addAll(found);
            watch.add(some.size());
        }
        return replies;
    }

    private static <T> List<List<T>> parts(Collection<T> all, int size) {
        List<T> list = List.copyOf(all);
        List<List<T>> parts = new ArrayList<>();
        for (int i = 0; i < list.size(); i += size) {
            parts.add(list.subList(i, Math.min(list.size(), i + size)));
        }
        return parts;
    }
}
