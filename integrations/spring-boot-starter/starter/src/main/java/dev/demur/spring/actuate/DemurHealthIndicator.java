package dev.demur.spring.actuate;

import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.spring.DecisionListener;
import dev.demur.spring.DemurTemplate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the model decides. A decision that the application made lately is proof enough; else, and after a failure, a short
 * prompt is decided, which no meter counts. Up: it was decided. Down: that failed. Unknown: others keep the model busy for
 * longer than the time limit.
 *
 * <p>The details name the model, what it decides by, the policy and its promise. A promise that does not hold leaves the
 * status up: the application works, and the meter {@code demur.promise.holds} tells of it.
 */
public final class DemurHealthIndicator extends AbstractHealthIndicator implements DecisionListener {

    private static final List<Message> PROBE = List.of(Message.user("Hello"));

    private final DemurTemplate template;
    private final Duration fresh;
    private final Duration limit;
    private volatile @Nullable Long lastDecision; // of System.nanoTime; null: none since the last failure

    /**
     * A health indicator, which listens to the template from now on.
     *
     * @param fresh for how long a decision proves that the model decides
     * @param limit how long a check may wait for the model
     */
    public DemurHealthIndicator(DemurTemplate template, Duration fresh, Duration limit) {
        super("Demur cannot decide");
        this.template = template;
        this.fresh = fresh;
        this.limit = limit;
        template.addListener(this);
    }

    @Override
    public void decided(Decision decision, Duration took) {
        lastDecision = System.nanoTime();
    }

    @Override
    public void failed(Throwable failure) {
        lastDecision = null; // the next check finds out whether it was the model's fault or the request's
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Promise promise = template.promise();
        builder.withDetail("model", template.modelName())
                .withDetail("readout", template.demur().readout().description())
                .withDetail("policy", template.policySource())
                .withDetail("promise", promise.toString())
                .withDetail("promiseHolds", promise.holds())
                .withDetail("queued", template.queued());
        if (!template.demur().isOpen()) {
            throw new IllegalStateException("the model is closed");
        }
        Long last = lastDecision;
        if (last != null && System.nanoTime() - last < fresh.toNanos()) {
            builder.up();
            return;
        }
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Void> alarm = CompletableFuture.runAsync(
                cancellation::cancel, CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
        try {
            template.demur()
                    .decide(Request.of(PROBE).withPolicy(template.policy()).withCancellation(cancellation));
            lastDecision = System.nanoTime();
            builder.up();
        } catch (CancellationException e) {
            builder.unknown().withDetail("busy", "no decision within " + limit.toSeconds() + " s");
        } finally {
            alarm.cancel(false);
        }
    }
}
