package dev.demur.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MonitorTest {

    private static final AuditLabel ANSWER = AuditLabel.shouldAnswer();
    private static final AuditLabel REFUSE = AuditLabel.shouldRefuse("a");

    private static Monitor monitor(RefusalPolicy policy) {
        return Monitor.of(policy, Simulated.LABELS, MonitorOptions.DEFAULTS);
    }

    private static Monitor monitor(RefusalPolicy policy, UnaryOperator<MonitorOptions> options) {
        return Monitor.of(policy, Simulated.LABELS, options.apply(MonitorOptions.DEFAULTS));
    }

    private static RateReport rate(Monitor monitor, @Nullable String category, WatchedRate.Kind kind) {
        return monitor.report().rates().stream()
                .filter(rate -> rate.kind() == kind && Objects.equals(rate.category(), category))
                .findFirst()
                .orElseThrow();
    }

    private static RateReport falseRefusals(Monitor monitor) {
        return rate(monitor, null, WatchedRate.Kind.FALSE_REFUSAL);
    }

    @Test
    void wrong_refusals_raise_the_alarm_and_right_ones_do_not() {
        Monitor wrong = monitor(Simulated.joint("false-refusal", 0.05));
        Monitor right = monitor(Simulated.joint("false-refusal", 0.05));
        for (int i = 0; i < 20; i++) {
            wrong.observe(Simulated.refusedAsA(), ANSWER);
            right.observe(Simulated.refusedAsA(), REFUSE);
        }
        RateReport broken = falseRefusals(wrong);
        assertTrue(broken.isAlarm() && wrong.report().isAlarm(), broken.toString());
        assertEquals(20, broken.failures());
        assertEquals(1.0, broken.observed());
        Long after = broken.alarmAfter();
        assertTrue(after != null && after <= 5, "the alarm came after " + after);
        assertFalse(right.report().isAlarm());
        assertEquals(1, right.report().eValue());
        assertNull(falseRefusals(right).observed());
        assertEquals(1.0, rate(right, null, WatchedRate.Kind.REFUSAL).observed());
    }

    @Test
    void an_alarm_stays_when_the_rate_is_right_again() {
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05));
        for (int i = 0; i < 10; i++) {
            monitor.observe(Simulated.refusedAsA(), ANSWER);
        }
        double before = falseRefusals(monitor).eValue();
        for (int i = 0; i < 2_000; i++) {
            monitor.observe(Simulated.answered(), ANSWER);
        }
        RateReport report = falseRefusals(monitor);
        assertTrue(report.isAlarm());
        assertTrue(report.eValue() < 1 && report.largest() >= before, report.toString());
    }

    @Test
    void a_promised_refusal_rate_is_broken_by_answers_that_should_have_been_refused() {
        Monitor monitor = monitor(Simulated.joint("refusal", 0.9));
        for (int i = 0; i < 40; i++) {
            monitor.observe(Simulated.answered(), i % 2 == 0 ? REFUSE : ANSWER);
        }
        RateReport refusals = rate(monitor, null, WatchedRate.Kind.REFUSAL);
        assertTrue(refusals.isAlarm(), refusals.toString());
        assertEquals(0.9, refusals.promised());
        assertNull(falseRefusals(monitor).eValue());
        assertEquals(0.0, falseRefusals(monitor).observed());
    }

    @Test
    void promises_of_categories_are_told_apart_and_share_the_level() {
        Monitor monitor = monitor(Simulated.perCategory(0.05));
        int until = 0;
        while (!rate(monitor, "a", WatchedRate.Kind.FALSE_REFUSAL).isAlarm()) {
            monitor.observe(Simulated.refusedAsA(), ANSWER);
            until++;
        }
        assertFalse(rate(monitor, "b", WatchedRate.Kind.FALSE_REFUSAL).isAlarm());
        MonitorReport report = monitor.report();
        assertEquals(2, report.promises());
        double largest = rate(monitor, "a", WatchedRate.Kind.FALSE_REFUSAL).largest();
        assertTrue(largest >= 2 / report.level(), "" + largest);
        assertTrue(until > 2, "alarm after " + until);
        Long all = report.alarmAfter();
        assertNotNull(all);
        assertTrue(all <= until, "the alarm of all came after that of one");
    }

    /** By its own threshold, whatever becomes of the prompt: a prompt may reach two, and is refused as one. */
    @Test
    void a_category_s_rate_goes_by_its_threshold_and_not_by_what_the_prompt_is_refused_as() {
        RefusalPolicy low = RefusalPolicy.defaults(Simulated.LABELS, null, Rule.THRESHOLD)
                .withThreshold("a", 0.1)
                .withThreshold("b", 0.1);
        Monitor monitor = Monitor.of(
                low, Simulated.LABELS, MonitorOptions.DEFAULTS.withLimit(WatchedRate.falseRefusalAtMost("b", 0.05)));
        Decision both = low.decide(Simulated.decision(0.6, 0.3).reading());
        assertEquals("a", ((Decision.Refuse) both).category().id());
        monitor.observe(both, ANSWER);
        assertEquals(1, rate(monitor, "b", WatchedRate.Kind.FALSE_REFUSAL).failures());
    }

    @Test
    void near_misses_count_where_the_promise_is_about_them_and_nowhere_else() {
        Monitor monitor = monitor(Simulated.nearMisses(0.05));
        monitor.observe(Simulated.refusedAsA(), ANSWER);
        monitor.observe(Simulated.refusedAsA(), AuditLabel.nearMiss("b"));
        monitor.observe(Simulated.refusedAsA(), AuditLabel.nearMiss("a"));
        List<RateReport> near = monitor.report().rates().stream()
                .filter(RateReport::nearMissesOnly)
                .toList();
        assertEquals(2, near.size());
        assertEquals(List.of(1L, 1L), near.stream().map(RateReport::prompts).toList());
        assertEquals(List.of(1L, 0L), near.stream().map(RateReport::failures).toList());
        assertEquals(3, falseRefusals(monitor).prompts());
    }

    /** In the order of the labels those that are easily told would come first, and these are not like the others. */
    @Test
    void labels_are_taken_account_of_in_the_order_of_the_decisions() {
        Random random = new Random(5);
        Monitor late = monitor(Simulated.joint("false-refusal", 0.05));
        Monitor atOnce = monitor(Simulated.joint("false-refusal", 0.05));
        List<Integer> order = new ArrayList<>();
        List<AuditLabel> labels = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Decision decision = random.nextInt(10) == 0 ? Simulated.refusedAsA() : Simulated.answered();
            AuditLabel label = random.nextInt(5) == 0 ? REFUSE : ANSWER;
            labels.add(label);
            order.add(i);
            late.observeAudited("r" + i, decision);
            atOnce.observe(decision, label);
        }
        Collections.shuffle(order, random);
        assertEquals(200, late.report().waiting());
        assertEquals("r0", late.report().firstWaiting());
        order.forEach(i -> late.label("r" + i, labels.get(i)));
        assertEquals(atOnce.report(), late.report());
    }

    @Test
    void what_has_no_label_for_too_long_counts_as_undecided_and_in_favour_of_the_promise() {
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05), options -> options.withMostWaiting(2));
        monitor.observeAudited("lost", Simulated.refusedAsA());
        monitor.observeAudited("second", Simulated.refusedAsA());
        monitor.label("second", ANSWER);
        assertEquals(0, monitor.report().labels());
        assertTrue(monitor.awaits("lost"));
        monitor.observeAudited("third", Simulated.refusedAsA());
        MonitorReport report = monitor.report();
        assertEquals(2, report.labels());
        assertEquals(1, report.overdue());
        assertFalse(monitor.awaits("lost"));
        assertThrows(IllegalArgumentException.class, () -> monitor.label("lost", ANSWER));
        assertEquals(1, falseRefusals(monitor).prompts());

        Monitor undecided = monitor(Simulated.joint("false-refusal", 0.05));
        undecided.observe(Simulated.refusedAsA(), AuditLabel.undecided());
        assertTrue(undecided.report().eValue() < 1, "" + undecided.report().eValue());
    }

    @Test
    void only_what_was_audited_can_be_labelled_and_only_once() {
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05));
        monitor.observe(Simulated.answered());
        assertThrows(IllegalArgumentException.class, () -> monitor.label("r1", ANSWER));
        monitor.observeAudited("r1", Simulated.answered());
        assertThrows(IllegalArgumentException.class, () -> monitor.observeAudited("r1", Simulated.answered()));
        assertThrows(IllegalArgumentException.class, () -> monitor.label("r1", AuditLabel.nearMiss("c")));
        monitor.label("r1", ANSWER);
        assertThrows(IllegalArgumentException.class, () -> monitor.label("r1", ANSWER));
        assertEquals(1, monitor.report().labels());
        assertEquals(2, monitor.report().decisions());
    }

    @Test
    void the_lot_takes_the_share_of_refusals_and_of_answers_that_it_was_told() {
        AuditPlan plan = new AuditPlan(0.5, 0.02);
        int refused = 0;
        int answered = 0;
        for (int i = 0; i < 20_000; i++) {
            refused += plan.selects("r" + i, Simulated.refusedAsA()) ? 1 : 0;
            answered += plan.selects("r" + i, Simulated.answered()) ? 1 : 0;
        }
        assertEquals(10_000, refused, 350);
        assertEquals(400, answered, 95);
        assertTrue(AuditPlan.ALL.selects("any", Simulated.answered()));
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05), options -> options.withAudit(plan));
        int waiting = 0;
        for (int i = 0; i < 1_000; i++) {
            waiting += monitor.observe("r" + i, Simulated.answered()) ? 1 : 0;
        }
        assertEquals(waiting, monitor.report().waiting());
        assertTrue(waiting > 0 && waiting < 60, "" + waiting);
        assertThrows(IllegalArgumentException.class, () -> new AuditPlan(1, 0));
    }

    /** Of prompts to answer 5 % are refused; all refusals are audited, and a tenth of the answers. */
    @Test
    void the_observed_rate_is_that_of_the_traffic_whatever_the_audit_prefers() {
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.08), o -> o.withAudit(new AuditPlan(1, 0.1)));
        for (int i = 0; i < 145; i++) {
            monitor.observe(10 * i % 29 < 10 ? Simulated.refusedAsA() : Simulated.answered(), ANSWER);
        }
        RateReport report = falseRefusals(monitor);
        assertEquals(0.05, report.observed(), 1e-12);
        assertEquals(145, report.prompts());
        assertFalse(report.isAlarm(), "a third of the audited prompts, and a twentieth of the traffic");
    }

    @Test
    void the_bound_among_audited_prompts_has_odds_that_differ_by_the_ratio_of_the_shares() {
        AuditPlan plan = new AuditPlan(1, 0.25);
        WatchedRate joint = WatchedRate.falseRefusalAtMost(null, 0.2);
        assertEquals(0.5, joint.auditedBound(plan, Rule.THRESHOLD), 1e-12);
        assertEquals(0.2, joint.auditedBound(AuditPlan.uniform(0.01), Rule.THRESHOLD), 1e-12);
        WatchedRate refusals = WatchedRate.refusalAtLeast(null, 0.8);
        assertEquals(1.0 / 17, refusals.auditedBound(plan, Rule.THRESHOLD), 1e-12);
        // What does not reach the threshold of one category may be refused as another, and audited like a refusal.
        assertEquals(0.2, WatchedRate.refusalAtLeast("a", 0.8).auditedBound(plan, Rule.THRESHOLD), 1e-12);
        assertEquals(0.5, WatchedRate.refusalAtLeast("a", 0.8).auditedBound(plan, Rule.TOP_CATEGORY), 1e-12);
    }

    @Test
    void the_promise_is_the_one_in_the_policy_s_statement() {
        assertEquals(
                List.of(WatchedRate.falseRefusalAtMost(null, 0.05)),
                WatchedRate.promisedBy(Simulated.joint("false-refusal", 0.05)));
        assertEquals(List.of(), WatchedRate.promisedBy(Simulated.joint("max-f1", 0.05)));
    }

    @Test
    void a_policy_that_promises_nothing_cannot_be_watched_unless_there_is_a_limit_of_one_s_own() {
        RefusalPolicy plain = RefusalPolicy.defaults(Simulated.LABELS, null, Rule.THRESHOLD);
        String never =
                assertThrows(MonitorException.class, () -> monitor(plain)).getMessage();
        assertTrue(never.contains("was not calibrated"), never);
        RefusalPolicy changed = Simulated.joint("false-refusal", 0.05);
        RefusalPolicy edited = changed.withThreshold("a", 0.2).withCalibration(changed.calibration());
        String after =
                assertThrows(MonitorException.class, () -> monitor(edited)).getMessage();
        assertTrue(after.contains("was changed after"), after);
        Monitor limited = monitor(plain, o -> o.withLimit(WatchedRate.falseRefusalAtMost("a", 0.1)));
        assertEquals(1, limited.report().promises());
        String unknown = assertThrows(
                        IllegalArgumentException.class,
                        () -> monitor(plain, o -> o.withLimit(WatchedRate.falseRefusalAtMost("c", 0.1))))
                .getMessage();
        assertTrue(unknown.contains("c is no category"), unknown);
    }

    @Test
    void decisions_by_something_else_are_refused() {
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05));
        RefusalPolicy other = RefusalPolicy.defaults(Simulated.LABELS, null, Rule.RELATIVE);
        Decision decision = other.decide(Simulated.answered().reading());
        String message = assertThrows(IllegalArgumentException.class, () -> monitor.observe(decision))
                .getMessage();
        assertTrue(message.contains("relative") && message.contains("threshold"), message);
    }

    @Test
    void drift_is_seen_without_a_label_and_in_the_number_that_drifts() {
        Random random = new Random(9);
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05));
        for (int i = 0; i < 2_000; i++) {
            monitor.observe(Simulated.decision(0.1 * random.nextDouble(), 0.1 * random.nextDouble()));
        }
        assertFalse(monitor.report().isDrift());
        for (int i = 0; i < 400; i++) {
            monitor.observe(Simulated.decision(0.1 + 0.1 * random.nextDouble(), 0.1 * random.nextDouble()));
        }
        MonitorReport report = monitor.report();
        assertTrue(report.isDrift());
        assertEquals(
                List.of("a"),
                report.drift().stream()
                        .filter(DriftReport::isAlarm)
                        .map(DriftReport::number)
                        .toList());
        assertFalse(report.isAlarm());
    }

    @Test
    void drift_is_told_against_what_was_learned_before() {
        Monitor monitor = monitor(Simulated.joint("false-refusal", 0.05));
        var rows = ScoredPrompts.builder(Simulated.LABELS, 1);
        Random random = new Random(9);
        for (int i = 0; i < 500; i++) {
            double a = 0.1 * random.nextDouble();
            rows.add("r" + i, null, false, new double[] {a, 0.05, 0.95 - a}, 2);
        }
        monitor.learn(rows.build());
        for (int i = 0; i < 100; i++) {
            monitor.observe(Simulated.decision(0.1 + 0.1 * random.nextDouble(), 0.05));
        }
        assertTrue(monitor.report().isDrift());
        assertThrows(IllegalStateException.class, () -> monitor.learn(rows.build()));
    }
}
