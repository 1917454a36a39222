package dev.demur.monitor;

import com.google.gson.JsonObject;
import dev.demur.arguments.Given;
import dev.demur.calibration.PolicyBinding;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether what a policy promises holds for the prompts that it decides, and whether its probabilities drift.
 *
 * <p>It is told every decision. Of a sample that an {@link AuditPlan} draws it is told, sooner or later, what would have been
 * right. From that it raises an alarm as soon as a promise is found broken. While all promises hold, the probability that it
 * ever raises one is at most {@link MonitorOptions#level}, however long it watches and however often it is looked at.
 *
 * <p>What the labels must be for that: of all decisions, in their order, those that a lot selected, none left out. {@link
 * #observe(String, Decision)} draws the lot. Complaints, or the refusals that somebody happened to look at, are no such sample.
 * Prompts that repeat each other count as often as they come, for the rate is that of the traffic.
 *
 * <p>{@link #save} keeps everything in a file, and {@link #read} takes it up again as if nothing had happened in between. Safe
 * for any number of threads.
 */
public final class Monitor {

    private final RefusalPolicy policy;
    private final Labels labels;
    private final Rules rules;
    private final MonitorOptions options;
    private final List<Watch> watches;
    private final List<Drift> drifts;
    private final Audits audits;
    private final int promises;
    private long decisions;
    private long labelled;
    private double largest;
    private @Nullable Long alarmAfter;

    /** All that changes, as it was when it was kept. */
    record State(
            List<Watch> watches,
            List<Drift> drifts,
            Audits audits,
            long decisions,
            long labelled,
            double largest,
            @Nullable Long alarmAfter) {}

    Monitor(RefusalPolicy policy, Labels labels, MonitorOptions options, State state) {
        this.policy = policy;
        this.labels = labels;
        this.rules = policy.bind(labels);
        this.options = options;
        this.watches = List.copyOf(state.watches);
        this.drifts = List.copyOf(state.drifts);
        this.audits = state.audits;
        this.promises =
                (int) watches.stream().filter(watch -> watch.test() != null).count();
        this.decisions = state.decisions;
        this.labelled = state.labelled;
        this.largest = state.largest;
        this.alarmAfter = state.alarmAfter;
    }

    /**
     * Begins to watch.
     *
     * @param labels the labels of the model that the policy decides for
     * @throws MonitorException if the policy promises nothing and there are no limits besides, with the reason
     * @throws dev.demur.policy.PolicyException if the policy has a category that is not among the labels
     */
    public static Monitor of(RefusalPolicy policy, Labels labels, MonitorOptions options) {
        Given.value(policy, "policy");
        Given.value(labels, "labels");
        Given.value(options, "options");
        List<Watch> watches = watches(policy, labels, options);
        List<Drift> drifts = new ArrayList<>();
        for (int i = 0; i <= labels.respondIndex(); i++) { // in the place of respond the coverage
            String number = i == labels.respondIndex() ? Drift.COVERAGE : labels.id(i);
            drifts.add(new Drift(number, new DriftTest(options.seed() + i), null));
        }
        Audits audits = new Audits(options.mostWaiting(), 0);
        return new Monitor(policy, labels, options, new State(watches, drifts, audits, 0, 0, 1, null));
    }

    /** What is promised and limited, then every other rate, which is counted only. */
    private static List<Watch> watches(RefusalPolicy policy, Labels labels, MonitorOptions options) {
        List<WatchedRate> rates = new ArrayList<>(WatchedRate.promisedBy(policy));
        rates.addAll(options.limits());
        if (rates.isEmpty()) {
            throw new MonitorException(reason(policy) + ": calibrate it (Calibrator), or set a limit to watch"
                    + " (WatchedRate.falseRefusalAtMost)");
        }
        List<Watch> watches = new ArrayList<>();
        Set<Population> seen = new LinkedHashSet<>();
        for (WatchedRate rate : rates) {
            String category = rate.category();
            if (category != null && labels.indexOf(category) < 0) {
                throw new IllegalArgumentException(
                        "limits: " + category + " is no category of this model, which has " + labels.categoryIds());
            }
            seen.add(rate.population());
            watches.add(Watch.tested(rate, rate.auditedBound(options.audit(), policy.rule())));
        }
        List<@Nullable String> categories = new ArrayList<>();
        categories.add(null);
        boolean own = policy.rule() != Rule.SUM && policy.rule() != Rule.LOGIT_BIAS;
        labels.categories().stream().filter(category -> own).forEach(category -> categories.add(category.id()));
        for (String category : categories) {
            for (WatchedRate.Kind kind : WatchedRate.Kind.values()) {
                Population population = new Population(category, kind, false);
                if (seen.add(population)) {
                    watches.add(Watch.counted(population));
                }
            }
        }
        return watches;
    }

    private static String reason(RefusalPolicy policy) {
        if (policy.calibration() == null) {
            return "the policy was not calibrated, and so promises nothing that could be watched";
        }
        return PolicyBinding.of(policy) == PolicyBinding.CHANGED
                ? "the policy was changed after it was calibrated, and so promises nothing that could be watched"
                : "the policy's calibration promises nothing that could be watched";
    }

    /** The policy that is watched. */
    public RefusalPolicy policy() {
        return policy;
    }

    /** The labels of the model that it decides for. */
    public Labels labels() {
        return labels;
    }

    /** How it is watched. */
    public MonitorOptions options() {
        return options;
    }

    /**
     * Learns how the probabilities of other prompts are distributed, such as those of a score file; drift is then told against
     * these too. Only for prompts from where the decided ones come, in the same shares: labelled data mostly has more to
     * refuse. Without this the first decisions are what later ones are compared with.
     *
     * @throws IllegalStateException if a decision was observed already
     * @throws IllegalArgumentException if the prompts are of other labels, or were scored with another &tau;
     */
    public synchronized void learn(ScoredPrompts prompts) {
        Given.value(prompts, "prompts");
        if (decisions > 0) {
            throw new IllegalStateException("what drift is told against must be learned before the first decision");
        }
        if (!prompts.labels().categoryIds().equals(labels.categoryIds())
                || prompts.temperature() != policy.temperature()) {
            throw new IllegalArgumentException("prompts: they were scored for the categories "
                    + prompts.labels().categoryIds() + " with the temperature " + prompts.temperature()
                    + ", and watched are " + labels.categoryIds() + " with " + policy.temperature());
        }
        for (int row = 0; row < prompts.size(); row++) {
            for (int i = 0; i < drifts.size(); i++) {
                boolean isCoverage = i == labels.respondIndex();
                double number = isCoverage ? prompts.coverage(row) : prompts.probability(row, i);
                drifts.get(i).test().learn(number);
            }
        }
    }

    /**
     * Observes a decision that is not audited.
     *
     * @throws IllegalArgumentException if it was not made by a policy with this rule and &tau; for these labels; so do all below
     */
    public synchronized void observe(Decision decision) {
        requireMine(decision);
        drift(decision);
    }

    /**
     * Observes a decision, and draws whether it is audited.
     *
     * @param id of the request; a running number or a random one, which does not depend on the prompt
     * @return whether it awaits a label: then have somebody say what should have become of the prompt, and tell {@link #label}
     * @throws IllegalArgumentException if the id awaits a label already
     */
    public synchronized boolean observe(String id, Decision decision) {
        boolean selected = options.audit().selects(id, decision);
        if (selected) {
            observeAudited(id, decision);
        } else {
            observe(decision);
        }
        return selected;
    }

    /**
     * Observes a decision that was selected already, by the lot of this monitor's {@link MonitorOptions#audit}.
     *
     * @throws IllegalArgumentException if the id awaits a label already
     */
    public synchronized void observeAudited(String id, Decision decision) {
        Given.value(id, "id");
        requireMine(decision);
        audits.add(id, Outcome.of(decision, rules), null);
        drift(decision);
        takeAccount();
    }

    /**
     * Observes an audited decision whose label is there already.
     *
     * @throws IllegalArgumentException if the label has a category that the model does not have
     */
    public synchronized void observe(Decision decision, AuditLabel label) {
        requireMine(decision);
        requireKnown(label);
        audits.add(null, Outcome.of(decision, rules), label);
        drift(decision);
        takeAccount();
    }

    /**
     * Gives an audited decision its label. Labels may come in any order; they are taken account of in the order of the
     * decisions, as soon as no earlier one is missing.
     *
     * @param id of the request that was audited
     * @throws IllegalArgumentException if it awaits no label, or the label has a category that the model does not have
     */
    public synchronized void label(String id, AuditLabel label) {
        Given.value(id, "id");
        requireKnown(label);
        audits.label(id, label);
        takeAccount();
    }

    private void requireMine(Decision decision) {
        Reading reading = Given.value(decision, "decision").reading();
        if (decision.rule() != policy.rule()
                || reading.temperature() != policy.temperature()
                || !reading.labels().categoryIds().equals(labels.categoryIds())) {
            throw new IllegalArgumentException("decision: it was made by the rule "
                    + decision.rule().id() + " with the temperature " + reading.temperature() + " between "
                    + reading.labels().categoryIds() + ", and watched is "
                    + policy.rule().id() + " with "
                    + policy.temperature() + " between " + labels.categoryIds());
        }
    }

    private void requireKnown(AuditLabel label) {
        String category = Given.value(label, "label").category();
        if (category != null && labels.indexOf(category) < 0) {
            throw new IllegalArgumentException(
                    "label: " + category + " is no category of this model, which has " + labels.categoryIds());
        }
    }

    private void drift(Decision decision) {
        decisions++;
        double threshold = drifts.size() / options.driftLevel();
        for (int i = 0; i < drifts.size(); i++) {
            boolean isCoverage = i == labels.respondIndex();
            Reading reading = decision.reading();
            drifts.get(i).observe(isCoverage ? reading.coverage() : reading.probability(i), threshold);
        }
    }

    private void takeAccount() {
        for (Audits.Audit audit = audits.next(); audit != null; audit = audits.next()) {
            AuditLabel label = Given.value(audit.label(), "label");
            labelled++;
            for (Watch watch : watches) {
                watch.observe(audit.outcome(), label, promises / options.level(), labelled);
            }
            largest = Math.max(largest, mean());
            if (alarmAfter == null && largest >= 1 / options.level()) {
                alarmAfter = labelled;
            }
        }
    }

    /** The mean of the e-values of all promises, which is one that all of them hold. */
    private double mean() {
        double sum = 0;
        for (Watch watch : watches) {
            RateTest test = watch.test();
            sum += test == null ? 0 : test.bets().value() / promises;
        }
        return sum;
    }

    /** Whether an audited decision with this id awaits its label. */
    public synchronized boolean awaits(String id) {
        return audits.awaits(Given.value(id, "id"));
    }

    /** The ids of the audited decisions that await their labels, the earliest first. */
    public synchronized List<String> awaiting() {
        return audits.unlabelled();
    }

    /** What is known by now. */
    public synchronized MonitorReport report() {
        return new MonitorReport(
                options.level(),
                options.driftLevel(),
                decisions,
                labelled,
                audits.size(),
                audits.first(),
                audits.overdue(),
                mean(),
                largest,
                alarmAfter,
                watches.stream().map(watch -> watch.report(options.audit())).toList(),
                drifts.stream().map(Drift::report).toList());
    }

    /** All that changes, to be written down while nothing does. */
    synchronized JsonObject toJson() {
        return MonitorJson.of(this, state());
    }

    State state() {
        return new State(watches, drifts, audits, decisions, labelled, largest, alarmAfter);
    }

    /**
     * Writes everything that is known to a file, as a whole or not at all; one that is there is replaced.
     *
     * @throws MonitorException if it cannot be written
     */
    public void save(Path file) {
        Given.value(file, "file");
        new MonitorFile(this, null).write(file);
    }

    /**
     * Goes on where {@link #save} was.
     *
     * @param policy the policy that was watched
     * @throws MonitorException naming file and field, if it is no such file, or of another policy
     */
    public static Monitor read(Path file, RefusalPolicy policy) {
        Given.value(policy, "policy");
        return MonitorFile.read(file, policy).monitor();
    }
}
