package dev.demur.benchmarks.lists;

import dev.demur.BatchListener;
import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.llama.Message;
import dev.demur.policy.RefusalPolicy;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks a model, each question once. */
final class Judge {

    /** Conversations to a call: enough that its context costs little, few enough that one sees it move. */
    private static final int TOGETHER = 32;

    private static final BatchListener NOBODY = (index, piece) -> {};

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
        for (List<List<Message>> some : parts(unknown)) {
            List<Verdict> found = demur.decideAll(some, Collections.nCopies(some.size(), policy), null).stream()
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

    /** What is replied to each conversation, in their order. */
    List<Generation> reply(String what, List<List<Message>> conversations, GenerationOptions options) {
        List<Generation> replies = new ArrayList<>();
        Watch watch = new Watch(progress, what, conversations.size());
        GenerationOptions own = options.withPolicy(policy);
        for (List<List<Message>> some : parts(conversations)) {
            replies.addAll(demur.generateAll(some, Collections.nCopies(some.size(), own), NOBODY));
            watch.add(some.size());
        }
        return replies;
    }

    private static List<List<List<Message>>> parts(Collection<List<Message>> all) {
        List<List<Message>> list = List.copyOf(all);
        List<List<List<Message>>> parts = new ArrayList<>();
        for (int i = 0; i < list.size(); i += TOGETHER) {
            parts.add(list.subList(i, Math.min(list.size(), i + TOGETHER)));
        }
        return parts;
    }
}
