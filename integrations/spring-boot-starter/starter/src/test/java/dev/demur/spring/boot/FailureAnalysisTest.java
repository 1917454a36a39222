package dev.demur.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.demur.spring.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** What a person sees whose application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTest {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(DemurAutoConfiguration.class)
    static class Application {}

    private static void start(String... arguments) {
        assertThatThrownBy(() -> new SpringApplicationBuilder(Application.class)
                        .web(WebApplicationType.NONE)
                        .run(arguments))
                .isInstanceOf(Exception.class);
    }

    @Test
    void a_wrong_property_is_shown_with_its_value_its_origin_and_what_to_do(CapturedOutput output) {
        start("--demur.model=" + Models.tiny(), "--demur.thresholds.safty=0.5");
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Demur cannot start: 'safty' is no category of this model.")
                .contains("Property: demur.thresholds.safty")
                .contains("Value: 0.5")
                .contains("Origin: \"demur.thresholds.safty\" from property source \"commandLineArgs\"")
                .contains("Name one of humanizing, incomplete, indeterminate, safety, unsupported.")
                .doesNotContain("\tat dev.demur");
    }

    @Test
    void a_missing_model_is_told_in_the_same_way(CapturedOutput output) {
        start();
        assertThat(output)
                .contains("Demur cannot start: no model is named.")
                .contains("Value: not set")
                .contains("Set demur.model to the path of a GGUF file");
    }

    @Test
    void a_name_that_is_none_is_told_with_the_one_that_was_probably_meant(CapturedOutput output) {
        start("--demur.model=" + Models.tiny(), "--demur.presett=strict");
        assertThat(output)
                .contains("Demur cannot start: there is no such property.")
                .contains("Property: demur.presett")
                .contains("Did you mean demur.preset?");
        start("--demur.model=" + Models.tiny(), "--demur.chat.maxtoken=4");
        assertThat(output).contains("Did you mean demur.chat.max-tokens?");
        start("--demur.model=" + Models.tiny(), "--demur.binding=jni");
        assertThat(output).contains("start Java with -Ddemur.binding=VALUE");
    }

    @Test
    void spring_s_own_analysis_tells_of_values_that_cannot_be_converted(CapturedOutput output) {
        start("--demur.model=" + Models.tiny(), "--demur.preset=stern");
        assertThat(output)
                .contains("Property: demur.preset")
                .contains("BALANCED")
                .contains("STRICT");
    }
}
