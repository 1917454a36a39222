package dev.demur.monitor;

import org.jspecify.annotations.Nullable;

/** A rate that is counted and, where there is a promise of it, tested. */
final class Watch {

    private final Population population;
    private final @Nullable Double promised;
    private final Tally tally;
    private final @Nullable RateTest test;
    private @Nullable Long alarmAfter;

    /**
     * A rate as it was when it was kept.
     *
     * @param promised null: nothing is; then there is no test
     * @param alarmAfter how many labels there were when the alarm was raised; null: it was not
     */
    Watch(
            Population population,
            @Nullable Double promised,
            Tally tally,
            @Nullable RateTest test,
            @Nullable Long alarmAfter) {
        this.population = population;
        this.promised = promised;
        this.tally = tally;
        this.test = test;
        this.alarmAfter = alarmAfter;
    }

    /** One that is counted only. */
    static Watch counted(Population population) {
        return new Watch(population, null, new Tally(), null, null);
    }

    /** One that is tested. */
    static Watch tested(WatchedRate rate, double auditedBound) {
        return new Watch(rate.population(), rate.rate(), new Tally(), new RateTest(auditedBound), null);
    }

    /**
     * Takes account of an audited prompt.
     *
     * @param threshold the e-value from which on there is an alarm
     * @param labels how many audited prompts there were, this one included
     */
    void observe(Outcome outcome, AuditLabel label, double threshold, long labels) {
        boolean undecided = label.verdict() == AuditLabel.Verdict.UNDECIDED;
        boolean counts = population.has(label);
        if (counts) {
            tally.add(population.isFailure(outcome), outcome.isRefused());
        }
        if (test != null && (counts || undecided)) {
            test.observe(counts && population.isFailure(outcome));
            if (alarmAfter == null && test.bets().largest() >= threshold) {
                alarmAfter = labels;
            }
        }
    }

    Population population() {
        return population;
    }

    @Nullable
    Double promised() {
        return promised;
    }

    Tally tally() {
        return tally;
    }

    @Nullable
    RateTest test() {
        return test;
    }

    @Nullable
    Long alarmAfter() {
        return alarmAfter;
    }

    RateReport report(AuditPlan plan) {
        Double failures = tally.failureRate(plan);
        boolean refusal = population.kind() == WatchedRate.Kind.REFUSAL;
        Double observed = failures == null ? null : Double.valueOf(refusal ? 1 - failures : failures);
        return new RateReport(
                population.category(),
                population.kind(),
                population.nearMissesOnly(),
                promised,
                tally.prompts(),
                tally.failures(),
                observed,
                test == null ? null : Double.valueOf(test.bets().value()),
                test == null ? null : Double.valueOf(test.bets().largest()),
                alarmAfter);
    }
}
