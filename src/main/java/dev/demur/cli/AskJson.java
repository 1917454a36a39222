package dev.demur.cli;

import com.google.gson.JsonArray;
import com.google.gson.stream.JsonWriter;
import dev.demur.Generation;
import dev.demur.Timings;
import dev.demur.calibration.Provenance;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.Readout;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The object that {@code ask --json} prints. */
final class AskJson {

    private static final double NANOS_PER_MILLISECOND = 1e6;

    private AskJson() {}

    /**
     * The object on one line; numbers read back as the same double.
     *
     * @param tokenText the text of the decision's token
     * @param provenance how what runs differs from what the policy was calibrated with
     * @param loadNanos how long the model took to load
     */
    static String of(
            String prompt, Generation generation, String tokenText, Optional<Provenance> provenance, long loadNanos) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            json.beginObject();
            json.name("prompt").value(prompt);
            writeDecision(json.name("decision"), generation.decision(), tokenText);
            writeProbabilities(json.name("probabilities"), generation.decision().readout());
            json.name("coverage").value(generation.decision().readout().coverage());
            json.name("text").value(generation.text());
            json.name("finishReason").value(generation.finishReason().id());
            json.name("processing").value(generation.processing().id());
            writeProvenance(json.name("provenance"), provenance);
            writeTimings(json.name("timings"), generation.timings(), loadNanos);
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter throws none
        }
        return text.append('\n').toString();
    }

    private static void writeDecision(JsonWriter json, Decision decision, String tokenText) throws IOException {
        json.beginObject();
        json.name("kind").value(decision.kind());
        json.name("category");
        if (decision instanceof Decision.Refuse refuse) {
            json.value(refuse.category().id());
        } else {
            json.nullValue();
        }
        json.name("token").value(decision.token());
        json.name("tokenText").value(tokenText);
        json.name("forced").value(decision.forced());
        json.name("rule").value(decision.rule().id());
        json.endObject();
    }

    private static void writeProbabilities(JsonWriter json, Readout readout) throws IOException {
        ControlTokens tokens = readout.tokens();
        json.beginObject();
        for (int i = 0; i < tokens.respondIndex(); i++) {
            json.name(tokens.categories().get(i).id()).value(readout.probability(i));
        }
        json.name("respond").value(readout.probability(tokens.respondIndex()));
        json.endObject();
    }

    private static void writeProvenance(JsonWriter json, Optional<Provenance> provenance) throws IOException {
        JsonArray differences = PolicyCheck.json(provenance);
        if (differences == null) {
            json.nullValue();
        } else {
            json.jsonValue(differences.toString());
        }
    }

    private static void writeTimings(JsonWriter json, Timings timings, long loadNanos) throws IOException {
        json.beginObject();
        json.name("loadMilliseconds").value(loadNanos / NANOS_PER_MILLISECOND);
        json.name("promptTokens").value(timings.promptTokens());
        json.name("promptMilliseconds").value(timings.promptNanos() / NANOS_PER_MILLISECOND);
        json.name("promptTokensPerSecond").value(timings.promptTokensPerSecond());
        json.name("firstTokenMilliseconds").value(timings.firstTokenNanos() / NANOS_PER_MILLISECOND);
        json.name("generatedTokens").value(timings.generatedTokens());
        json.name("generationMilliseconds").value(timings.generationNanos() / NANOS_PER_MILLISECOND);
        json.name("generatedTokensPerSecond").value(timings.generatedTokensPerSecond());
        json.endObject();
    }
}
