package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.calibration.Promise;
import dev.demur.policy.Calibration;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromiseIT {

    /** Hears what is logged. */
    private static final class Records extends Handler implements AutoCloseable {

        private final Logger logger = Logger.getLogger(AppliedPolicy.LOGGER);
        private final List<LogRecord> records = new ArrayList<>();

        Records() {
            logger.setLevel(Level.ALL);
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord logged) {
            records.add(logged);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
        }
    }

    @Test
    void a_policy_that_was_calibrated_for_the_model_names_its_promise() {
        Demur demur = Models.small();
        Promise balanced = DemurChatModel.builder().demur(demur).build().promise();
        assertThat(balanced.holds()).isTrue();
        assertThat(balanced.statement()).contains("at most 2 % of what should be answered", "confidence 95 %");
        assertThat(balanced.problem()).isNull();
        Promise strict = DemurModerationModel.builder()
                .demur(demur)
                .policy(demur.policy(Preset.STRICT))
                .build()
                .promise();
        assertThat(strict.statement()).contains("at most 5 % of");
    }

    @Test
    void a_policy_that_was_calibrated_for_another_model_warns_once_for_all_that_use_it(@TempDir Path folder)
            throws Exception {
        RefusalPolicy own = Models.small().policy();
        JsonObject calibration =
                JsonParser.parseString(own.calibration().toJson()).getAsJsonObject();
        calibration.addProperty("fingerprint", "sha256:of another model");
        Path file = folder.resolve("policy.json");
        Files.writeString(file, PolicyFile.write(own.withCalibration(Calibration.parse(calibration.toString()))));
        try (Demur demur = Demur.load(Models.file("demur-small.gguf"), LoadOptions.DEFAULTS);
                Records log = new Records()) {
            Promise promise = DemurInputGuardrail.builder()
                    .demur(demur)
                    .policyFile(file)
                    .build()
                    .promise();
            DemurModerationModel.builder().demur(demur).policyFile(file).build();
            DemurChatModel.builder().demur(demur).policyFile(file).build();

            assertThat(promise.holds()).isFalse();
            assertThat(promise.problem()).contains("the model (fingerprint) was sha256:of another model", "calibrate");
            assertThat(log.records).hasSize(1);
            assertThat(log.records.get(0).getLevel()).isEqualTo(Level.WARNING);
            assertThat(log.records.get(0).getMessage())
                    .contains(file.toString(), "its promises do not hold here", "fingerprint");
        }
    }

    @Test
    void a_policy_that_was_changed_promises_nothing_and_one_never_calibrated_neither() {
        Demur demur = Models.small();
        RefusalPolicy own = demur.policy();
        RefusalPolicy edited = own.withThreshold("safety", 0.123).withCalibration(own.calibration());
        Promise changed =
                DemurChatModel.builder().demur(demur).policy(edited).build().promise();
        assertThat(changed.problem()).startsWith("it was changed after it was calibrated");
        Promise none = DemurChatModel.builder()
                .demur(demur)
                .policy(own.withThreshold("safety", 0.2))
                .build()
                .promise();
        assertThat(none.holds()).isFalse();
        assertThat(none.problem()).isNull();
        assertThat(none).hasToString("promises nothing");
    }

    @Test
    void a_policy_for_another_readout_is_refused_when_something_is_built() {
        try (Demur tiny = Models.tiny(LoadOptions.DEFAULTS)) {
            DemurChatModel.Builder builder =
                    DemurChatModel.builder().demur(Models.small()).policy(tiny.policy());
            assertThatThrownBy(builder::build)
                    .isInstanceOf(PolicyException.class)
                    .hasMessageContaining("readout");
        }
    }

    @Test
    void thresholds_are_those_of_the_rule_threshold_alone() {
        RefusalPolicy policy = Models.small()
                .policy()
                .withRule(Rule.THRESHOLD)
                .withThreshold("safety", 0.25)
                .withoutThreshold("humanizing");
        PolicyThresholds thresholds = PolicyThresholds.of(policy);
        assertThat(thresholds.of("safety")).isEqualTo(0.25);
        assertThatThrownBy(() -> thresholds.of("humanizing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no threshold for 'humanizing'");
        assertThatThrownBy(() -> PolicyThresholds.of(policy.withRule(Rule.RELATIVE)))
                .hasMessageContaining("relative");
    }
}
