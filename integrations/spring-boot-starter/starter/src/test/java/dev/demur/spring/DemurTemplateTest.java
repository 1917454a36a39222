package dev.demur.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.demur.Demur;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.calibration.Promise;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DemurTemplateTest {

    private static Demur demur;

    @BeforeAll
    static void load() {
        demur = Demur.load(Models.tiny());
    }

    @AfterAll
    static void close() {
        demur.close();
    }

    private static final class Heard implements DecisionListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void decided(Decision decision, Duration took) {
            assertThat(took).isPositive();
            events.add(decision.kind());
        }

        @Override
        public void failed(Throwable failure) {
            events.add("failed");
        }
    }

    @Test
    void listeners_hear_each_decision_once_whether_it_is_answered_or_not() {
        DemurTemplate template = Models.template(demur, demur.policy());
        Heard heard = new Heard();
        template.addListener(heard);
        template.decide(Models.HARMFUL);
        template.generate(List.of(Message.user(Models.HARMLESS)), GenerationOptions.DEFAULTS, piece -> {});
        assertThat(heard.events).containsExactly("refuse", "respond");
    }

    @Test
    void a_single_prompt_is_decided_as_the_page_has_it() {
        DemurTemplate template = Models.template(demur, demur.policy());
        Decision decision = template.decide("How do I kill a Python process?");
        assertThat(decision.kind()).isEqualTo("respond");
    }

    @Test
    void requests_are_counted_while_they_wait_and_while_they_are_answered() {
        DemurTemplate template = Models.template(demur, demur.policy());
        List<String> counts = new ArrayList<>();
        template.generate(
                List.of(Message.user(Models.HARMLESS)),
                GenerationOptions.DEFAULTS.withMaxTokens(1),
                new GenerationListener() {
                    @Override
                    public void decided(Decision decision) {
                        counts.add("decided " + template.queued() + " " + template.active());
                    }

                    @Override
                    public void text(String piece) {
                        counts.add("text " + template.queued() + " " + template.active());
                    }
                });
        assertThat(counts).startsWith("decided 0 1").contains("text 0 1");
        assertThat(template.active()).isZero();
        assertThat(template.queued()).isZero();
    }

    @Test
    void a_failure_is_heard_and_leaves_nothing_behind_and_a_cancellation_is_no_failure() {
        DemurTemplate template = Models.template(demur, demur.policy());
        Heard heard = new Heard();
        template.addListener(heard);
        String tooLong = "word ".repeat(20_000);
        assertThatThrownBy(() -> template.decide(tooLong)).hasMessageContaining("tokens");
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();
        assertThatThrownBy(() -> template.decide(List.of(Message.user("Hello")), cancelled))
                .isInstanceOf(CancellationException.class);
        assertThat(heard.events).containsExactly("failed");
        assertThat(template.active()).isZero();
        assertThat(template.queued()).isZero();
    }

    @Test
    void it_decides_by_its_policy_and_a_request_by_its_own() {
        RefusalPolicy never = demur.policy().withoutThreshold("safety");
        DemurTemplate template = Models.template(demur, never);
        assertThat(template.decide(Models.HARMFUL).kind()).isEqualTo("respond");
        GenerationOptions own = GenerationOptions.DEFAULTS.withPolicy(demur.policy());
        assertThat(template.generate(List.of(Message.user(Models.HARMFUL)), own, piece -> {})
                        .decision()
                        .kind())
                .isEqualTo("refuse");
    }

    @Test
    void a_promise_holds_for_the_model_that_it_was_made_for_and_for_no_other() {
        String here = demur.model().file().fingerprint();
        Promise same = Promise.of(Models.calibrated(demur, demur.policy(), here), demur, null);
        assertThat(same.holds()).isTrue();
        assertThat(same.sentence("The policy p.json"))
                .isEqualTo("The policy p.json refuses at most 5 % of what should be answered, with confidence 95 %,"
                        + " on fresh prompts from the source that it was calibrated on");

        Promise other = Promise.of(Models.calibrated(demur, demur.policy(), "sha256:0"), demur, null);
        assertThat(other.holds()).isFalse();
        assertThat(other.sentence("The policy p.json"))
                .startsWith("The policy p.json: its promises do not hold here, because it was calibrated with something"
                        + " else than is used here (the model (fingerprint) was sha256:0 and is");
    }

    @Test
    void a_threshold_that_was_changed_afterwards_voids_the_promise() {
        RefusalPolicy calibrated =
                Models.calibrated(demur, demur.policy(), demur.model().file().fingerprint());
        RefusalPolicy edited = calibrated.withThreshold("safety", 0.9).withCalibration(calibrated.calibration());
        Promise promise = Promise.of(edited, demur, null);
        assertThat(promise.holds()).isFalse();
        assertThat(promise.toString()).contains("it was changed after it was calibrated");
    }

    @Test
    void a_policy_that_was_never_calibrated_promises_nothing() {
        Promise promise = Promise.of(demur.policy(), demur, null);
        assertThat(promise.holds()).isFalse();
        assertThat(promise).hasToString("promises nothing");
    }
}
