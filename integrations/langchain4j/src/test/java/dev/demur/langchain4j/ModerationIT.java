package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.demur.policy.Reading;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.moderation.Moderation;
import dev.langchain4j.model.moderation.ModerationRequest;
import dev.langchain4j.model.moderation.ModerationResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModerationIT {

    private static DemurModerationModel model() {
        return DemurModerationModel.builder().demur(Models.small()).build();
    }

    private static ModerationResponse moderate(String... texts) {
        return model().moderate(
                        ModerationRequest.builder().texts(List.of(texts)).build());
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> decisions(ModerationResponse response) {
        return (List<Map<String, Object>>) response.metadata().get(DemurModerationModel.DECISIONS);
    }

    @Test
    void one_of_two_texts_is_flagged_with_the_numbers_of_both() {
        ModerationResponse response = moderate(Models.FINE, Models.REFUSED);
        assertThat(response.moderation()).isEqualTo(Moderation.flagged(Models.REFUSED));
        List<Map<String, Object>> decisions = decisions(response);
        assertThat(decisions.get(0)).containsEntry("kind", "respond").doesNotContainKey("category");
        assertThat(decisions.get(1))
                .containsEntry("kind", "refuse")
                .containsEntry("category", "safety")
                .containsEntry("rule", Models.small().policy().rule().id());
        Reading reading = Models.small().decide(Models.REFUSED).reading();
        Map<?, ?> scores = (Map<?, ?>) response.metadata().get(DemurModerationModel.SCORES);
        assertThat((Double) scores.get("safety")).isCloseTo(reading.probability("safety"), within(1e-3));
        assertThat(((Map<?, ?>) decisions.get(1).get("probabilities")).keySet().toString())
                .contains("safety", "respond");
        assertThat(response.metadata()).containsEntry(DemurModerationModel.PROMISE, model().promise());
    }

    @Test
    void a_text_alone_has_the_numbers_of_its_decision() {
        ModerationResponse response = moderate(Models.FINE);
        assertThat(response.moderation().flagged()).isFalse();
        assertThat(((Map<?, ?>) decisions(response).get(0).get("probabilities")).get("respond"))
                .isEqualTo(Models.small().decide(Models.FINE).reading().probability("respond"));
        assertThat(model().moderate(Models.REFUSED).content().flagged()).isTrue();
    }

    @Test
    void another_model_is_refused_by_name() {
        ModerationRequest request = ModerationRequest.builder()
                .texts(List.of("hello"))
                .modelName("another")
                .build();
        assertThatThrownBy(() -> model().moderate(request))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("modelName");
    }
}
