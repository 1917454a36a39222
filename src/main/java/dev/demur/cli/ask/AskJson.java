package dev.demur.cli.ask;

import com.google.gson.JsonArray;
import com.google.gson.stream.JsonWriter;
import dev.demur.Generation;
import dev.demur.Timings;
import dev.demur.calibration.Provenance;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.Opening;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The object that {@code ask --json} prints. */
public final class AskJson {

    private static final double NANOS_PER_MILLISECOND = 1e6;

    private AskJson() {}

    /**
     * The object on one line; numbers read back as the same double.
     *
     * @param pieces gives the text of a token
     * @param readout what the probabilities were read by
     * @param provenance how what runs differs from what the policy was calibrated with
     * @param loadNanos how long the model took to load
     */
    public static String of(
            String prompt,
            Generation generation,
            IntFunction<String> pieces,
            ReadoutIdentity readout,
            Optional<Provenance> provenance,
            long loadNanos) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            json.beginObject();
            json.name("prompt").value(prompt);
            writeDecision(json.name("decision"), generation, pieces);
            writeProbabilities(json.name("probabilities"), generation.decision().reading());
            json.name("coverage").value(generation.decision().reading().coverage());
            json.name("text").value(generation.text());
            json.name("finishReason").value(generation.finishReason().id());
            json.name("processing").value(generation.processing().id());
            writeReadout(json.name("readout"), readout);
            writeProvenance(json.name("provenance"), provenance);
            writeTimings(json.name("timings"), generation.timings(), loadNanos);
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter throws none
        }
        return text.append('\n').toString();
    }

    private static void writeDecision(JsonWriter json, Generation generation, IntFunction<String> pieces)
            throws IOException {
        Decision decision = generation.decision();
        Integer token = token(generation.opening());
        json.beginObject();
        json.name("kind").value(decision.kind());
        json.name("category");
        if (decision instanceof Decision.Refuse refuse) {
            json.value(refuse.category().id());
        } else {
            json.nullValue();
        }
        json.name("token").value(token);
        json.name("tokenText").value(token == null ? null : pieces.apply(token));
        json.name("forced").value(decision.forced());
        json.name("rule").value(decision.rule().id());
        json.endObject();
    }

    /** The first token that a reply begins with after the decision; null where none is forced. */
    private static @Nullable Integer token(Opening opening) {
        if (opening instanceof Opening.Hidden hidden) {
            return hidden.token();
        }
        return opening instanceof Opening.Written written ? written.tokens().get(0) : null;
    }

    private static void writeReadout(JsonWriter json, ReadoutIdentity readout) throws IOException {
        json.beginObject();
        json.name("kind").value(readout.kind());
        json.name("checksum").value(readout.checksum());
        json.endObject();
    }

    private static void writeProbabilities(JsonWriter json, Reading reading) throws IOException {
        Labels labels = reading.labels();
        json.beginObject();
        for (int i = 0; i < labels.count(); i++) {
            json.name(labels.id(i)).value(reading.probability(i));
        }
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
