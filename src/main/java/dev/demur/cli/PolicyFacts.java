package dev.demur.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import dev.demur.calibration.Provenance;
import java.util.List;
import java.util.Optional;

/** What {@code doctor} says of the policy. */
final class PolicyFacts {

    private PolicyFacts() {}

    static void add(Facts facts, ChosenPolicy chosen, Optional<Provenance> provenance) {
        String rule = chosen.policy().rule().id();
        String origin = provenance
                .map(p -> p.differences().isEmpty()
                        ? "calibrated with what is used here"
                        : "calibrated with something else than is used here")
                .orElse("not calibrated, so it promises nothing");
        facts.line("Policy", chosen.source() + ": rule " + rule + ", " + origin);
        for (Provenance.Difference difference :
                provenance.map(Provenance::differences).orElse(List.of())) {
            String weight = difference.field().voidsPromise() ? "warning: " : "note: ";
            facts.line("", weight + PolicyCheck.words(difference));
        }
        JsonArray differences = PolicyCheck.json(provenance);
        facts.field("policy.source", chosen.source())
                .field("policy.rule", rule)
                .field("policy.provenance", differences == null ? JsonNull.INSTANCE : differences);
    }
}
