package dev.demur.evaluation;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.Request;
import dev.demur.arguments.Given;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.json.ForeignText;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.Rate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Has a model reply to scored prompts, and counts how often a {@link RefusalDetector} finds that the text says what was
 * decided.
 *
 * <p>Replies are greedy. For one thread at a time; the model stays the caller's.
 */
public final class TextEvaluator {

    private final Demur demur;
    private final ScoredPrompts prompts;
    private final Decisions decisions;
    private final GenerationOptions options;
    private final Map<String, Integer> rows = new HashMap<>();
    private final boolean[] done;
    private final Count[] counts;
    private int generated;
    private int decidedOtherwise;

    private static final class Count {
        int refusing;
        int answering;
        int empty;
        int fixed;
    }

    /**
     * For scores of this model.
     *
     * @param policy what decides, for the same model and at the scores' &tau;
     * @param maxTokens the most tokens of a reply, at least 1
     * @throws DemurException if the scores are of another model, template or readout
     * @throws dev.demur.policy.PolicyException as {@link ScoredPrompts#requireFits}
     */
    public TextEvaluator(Demur demur, ScoredPrompts prompts, RefusalPolicy policy, int maxTokens) {
        Given.value(demur, "demur");
        Given.value(prompts, "prompts");
        Given.value(policy, "policy");
        if (maxTokens < 1) {
            throw new IllegalArgumentException("max tokens is " + maxTokens + ": a reply to judge needs at least 1");
        }
        requireSameModel(prompts, demur);
        this.demur = demur;
        this.prompts = prompts;
        this.decisions = prompts.decide(policy);
        this.options = GenerationOptions.DEFAULTS.withPolicy(policy).withMaxTokens(maxTokens);
        this.done = new boolean[prompts.size()];
        this.counts = new Count[prompts.labels().respondIndex() + 2];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new Count();
        }
        for (int row = 0; row < prompts.size(); row++) {
            rows.put(prompts.id(row), row);
        }
    }

    private static void requireSameModel(ScoredPrompts prompts, Demur demur) {
        ScoreMeta meta = prompts.meta().orElse(null);
        if (meta == null) {
            return; // nothing tells what they are of, which reading them has warned of
        }
        List<String> other = new ArrayList<>();
        if (!meta.fingerprint().equals(demur.decidingModel().file().fingerprint())) {
            other.add("model");
        }
        if (!Objects.equals(meta.template(), demur.decidingTemplate())) {
            other.add("chat template");
        }
        if (meta.renderer() != null && !meta.renderer().equals(demur.decidingRenderer())) {
            other.add("renderer of the chat template");
        }
        if (!meta.labels().equals(demur.labels())
                || !meta.readout().equals(demur.readout().identity())) {
            other.add("readout");
        }
        if (!other.isEmpty()) {
            throw new DemurException("the scores were made with another " + String.join(" and another ", other)
                    + ": name what they were made with, or score the prompts again");
        }
    }

    /**
     * Has the model reply to a prompt.
     *
     * @throws DemurException if no row of the scores has its id, or it was given before, or its label or
     *     {@code expected} is another one than in the scores
     * @throws dev.demur.PromptTooLongException if the prompt does not fit the context
     * @throws dev.demur.QueueFullException as {@link Demur#generate}
     * @throws dev.demur.llama.LlamaException as {@link Demur#generate}
     */
    public void add(LabelledPrompt prompt) {
        int row = row(Given.value(prompt, "prompt"));
        String system = prompts.meta().map(ScoreMeta::system).orElse(null);
        Message user = Message.user(prompt.text());
        List<Message> messages = system == null ? List.of(user) : List.of(Message.system(system), user);
        Generation generation = demur.generate(Request.of(messages, options));
        int chosen = index(generation.decision());
        decidedOtherwise += chosen == place(decisions.chosen(row)) ? 0 : 1;
        generated++;
        done[row] = true;
        Count count = counts[chosen];
        if (generation.finishReason() == FinishReason.FIXED_REPLY) {
            count.fixed++;
        } else if (generation.text().isBlank()) {
            count.empty++;
        } else if (RefusalDetector.refuses(generation.text())) {
            count.refusing++;
        } else {
            count.answering++;
        }
    }

    private int row(LabelledPrompt prompt) {
        String id = ForeignText.quoted(prompt.id());
        Integer row = rows.get(prompt.id());
        if (row == null) {
            throw new DemurException("id " + id + " is not among the scores: give the data that were scored");
        }
        if (done[row]) {
            throw new DemurException("id " + id + " is there twice");
        }
        boolean sameLabel = Objects.equals(prompts.label(row).orElse(null), prompt.category());
        if (!sameLabel || prompts.shouldRefuse(row) != prompt.shouldRefuse()) {
            throw new DemurException("id " + id + " has another label in the scores: give the data that were scored");
        }
        return row;
    }

    private int index(Decision decision) {
        Labels labels = prompts.labels();
        if (decision instanceof Decision.Refuse refuse) {
            return labels.indexOf(refuse.category().id());
        }
        return labels.respondIndex() + (decision instanceof Decision.Respond ? 0 : 1);
    }

    private int place(int chosen) {
        return chosen == LabelNumbers.NO_LABEL ? counts.length - 1 : chosen;
    }

    /** What was counted so far, with intervals of this confidence. */
    public TextEvaluation result(double confidence) {
        Labels labels = prompts.labels();
        List<TextAgreement> all = new ArrayList<>();
        int agreeing = 0;
        int judged = 0;
        for (int i = 0; i < counts.length; i++) {
            Count count = counts[i];
            int agrees = i < labels.respondIndex() ? count.refusing : count.answering;
            boolean decided = i <= labels.respondIndex();
            int of = decided ? count.refusing + count.answering : 0;
            agreeing += decided ? agrees : 0;
            judged += of;
            all.add(new TextAgreement(
                    name(i),
                    count.refusing,
                    count.answering,
                    count.empty,
                    count.fixed,
                    Rate.of(decided ? agrees : 0, of, confidence)));
        }
        return new TextEvaluation(
                all, Rate.of(agreeing, judged, confidence), options.maxTokens(), generated, decidedOtherwise);
    }

    private String name(int index) {
        return index < prompts.labels().count() ? prompts.labels().id(index) : TextAgreement.MODEL;
    }
}
