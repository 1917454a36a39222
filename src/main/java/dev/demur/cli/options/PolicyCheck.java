package dev.demur.cli.options;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.calibration.Promise;
import dev.demur.calibration.Provenance;
import dev.demur.cli.terminal.Terminal;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** Tells a person, or a program, how what runs differs from what a policy was calibrated with. */
public final class PolicyCheck {

    public static final String STRICT = "--strict-policy";

    private PolicyCheck() {}

    public static OptionSpec strictOption() {
        return Options.flag(
                STRICT,
                "Fails if anything differs from what the policy was calibrated with, even the llama.cpp or the device."
                        + " Without this option only a difference that voids the promise is reported, as a warning.");
    }

    /**
     * Warns of differences that void the promise, or under {@code --strict-policy} fails over any.
     *
     * @param source where the policy came from
     * @throws DemurException naming the fields that differ
     */
    public static void show(Optional<Provenance> provenance, String source, boolean strict, Terminal terminal) {
        requireStrict(provenance, source, strict);
        List<Provenance.Difference> warnings =
                provenance.map(Provenance::warnings).orElse(List.of());
        if (!warnings.isEmpty()) {
            Warning.show(
                    terminal,
                    source + ": its promises do not hold here, because " + Promise.why(warnings) + ": "
                            + Promise.ADVICE);
        }
    }

    /**
     * Only the second half of {@link #show}.
     *
     * @throws DemurException naming the fields that differ
     */
    public static void requireStrict(Optional<Provenance> provenance, String source, boolean strict) {
        List<Provenance.Difference> differences =
                provenance.map(Provenance::differences).orElse(List.of());
        if (strict && !differences.isEmpty()) {
            throw new DemurException(source + ": " + Promise.why(differences) + ", which " + STRICT + " forbids: "
                    + Promise.ADVICE + ", or leave out " + STRICT);
        }
    }

    /** Warns where a promise is stated although nothing tells whether the policy is still the one that it is about. */
    public static void warnOfUnknown(Optional<Provenance> provenance, String source, Terminal terminal) {
        provenance.stream()
                .flatMap(p -> p.differences().stream())
                .filter(Provenance.Difference::isUnknown)
                .findFirst()
                .ifPresent(unknown -> Warning.show(terminal, source + ": " + unknown.sentence()));
    }

    /** Warns of categories that are not refused because the policy does not name them. */
    public static void warnOfUnnamed(RefusalPolicy policy, Labels labels, String source, Terminal terminal) {
        String warning = unnamed(policy, labels);
        if (warning != null) {
            Warning.show(terminal, source + ": " + warning);
        }
    }

    /** What becomes of the categories that a policy does not name; null where it names all, or they are refused all the same. */
    public static @Nullable String unnamed(RefusalPolicy policy, Labels labels) {
        if (policy.rule() == Rule.SUM || policy.rule() == Rule.LOGIT_BIAS) {
            return null;
        }
        String others = labels.categories().stream()
                .map(Category::id)
                .filter(id -> policy.category(id).isEmpty())
                .collect(Collectors.joining(", "));
        if (others.isEmpty()) {
            return null;
        }
        return "does not name " + others + ", so that "
                + (policy.rule() == Rule.TOP_CATEGORY
                        ? "where one of these is the likeliest the decision is left to the model"
                        : "it never refuses these")
                + ": add them with a threshold, or with none to be left out on purpose";
    }

    /** The differences as JSON; null where the policy has no calibration. */
    public static @Nullable JsonArray json(Optional<Provenance> provenance) {
        if (provenance.isEmpty()) {
            return null;
        }
        JsonArray array = new JsonArray();
        for (Provenance.Difference difference : provenance.get().differences()) {
            JsonObject json = new JsonObject();
            json.addProperty("field", difference.field().id());
            json.addProperty("calibrated", difference.calibrated());
            json.addProperty("used", difference.used());
            json.addProperty("voidsPromise", difference.voidsPromise());
            array.add(json);
        }
        return array;
    }
}
