package dev.demur.spring.actuate;

import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.spring.DecisionListener;
import dev.demur.spring.DemurTemplate;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * Meters of what a template decides:
 *
 * <ul>
 *   <li>{@code demur.decisions}: decisions, by {@code decision} (refuse, respond, model) and {@code category} (none where
 *       nothing was refused)
 *   <li>{@code demur.decide}: time from a request to its decision, the wait for other requests included
 *   <li>{@code demur.coverage}: how much of the probability the labels had, from 0 to 1
 *   <li>{@code demur.coverage.low}: decisions that stood on less than half of it
 *   <li>{@code demur.queue}: requests that wait for their decision or are being decided
 *   <li>{@code demur.active}: requests under way
 *   <li>{@code demur.failures}: requests that failed, by {@code exception}
 *   <li>{@code demur.promise.holds}: 1 where the policy's promise holds for what is running, else 0
 * </ul>
 */
public final class DemurMeters implements DecisionListener {

    private static final String DECISIONS = "demur.decisions";
    private static final String NONE = "none";

    private final MeterRegistry registry;
    private final Timer decide;
    private final DistributionSummary coverage;
    private final Counter lowCoverage;

    /** Registers the meters, and listens to the template from now on. */
    public DemurMeters(MeterRegistry registry, DemurTemplate template) {
        this.registry = registry;
        this.decide = Timer.builder("demur.decide")
                .description("Time from a request to its decision, the wait for other requests included")
                .register(registry);
        this.coverage = DistributionSummary.builder("demur.coverage")
                .description("How much of the probability the labels had, from 0 to 1")
                .register(registry);
        this.lowCoverage = Counter.builder("demur.coverage.low")
                .description("Decisions that stood on less than half of the probability")
                .register(registry);
        Gauge.builder("demur.queue", template, DemurTemplate::queued)
                .description("Requests that wait for their decision or are being decided")
                .strongReference(true)
                .register(registry);
        Gauge.builder("demur.active", template, DemurTemplate::active)
                .description("Requests under way")
                .strongReference(true)
                .register(registry);
        Gauge.builder("demur.promise.holds", template, t -> t.promise().holds() ? 1 : 0)
                .description("1 where the policy's promise holds for what is running, else 0")
                .strongReference(true)
                .register(registry);
        // All of them from the start, so that a rate has a zero to begin at.
        decisions("respond", NONE);
        for (Category category : template.demur().labels().categories()) {
            decisions("refuse", category.id());
        }
        template.addListener(this);
    }

    private Counter decisions(String decision, String category) {
        return Counter.builder(DECISIONS)
                .description("Decisions by what was decided and the category that was refused")
                .tag("decision", decision)
                .tag("category", category)
                .register(registry);
    }

    @Override
    public void decided(Decision decision, Duration took) {
        String category =
                decision instanceof Decision.Refuse refuse ? refuse.category().id() : NONE;
        decisions(decision.kind(), category).increment();
        decide.record(took);
        coverage.record(decision.reading().coverage());
        if (decision.reading().hasLowCoverage()) {
            lowCoverage.increment();
        }
    }

    @Override
    public void failed(Throwable failure) {
        Counter.builder("demur.failures")
                .description("Requests that failed")
                .tag("exception", failure.getClass().getSimpleName())
                .register(registry)
                .increment();
    }
}
