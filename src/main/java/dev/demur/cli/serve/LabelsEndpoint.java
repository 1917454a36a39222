package dev.demur.cli.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.monitor.AuditLabel;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code /v1/labels}: which decisions await a label (GET), and a label (POST). */
final class LabelsEndpoint {

    private static final String NONE = "none"; // as data files have it

    private final PromiseWatch watch;

    private LabelsEndpoint(PromiseWatch watch) {
        this.watch = watch;
    }

    static LabelsEndpoint of(ServedModel model) {
        PromiseWatch watch = model.policy().watch();
        if (watch == null) {
            throw ApiException.notFound(
                    null, "no_monitor", "nothing is watched here, and no label is awaited: start with --monitor FILE");
        }
        return new LabelsEndpoint(watch);
    }

    void list(Exchange exchange) {
        JsonArray awaiting = new JsonArray();
        watch.awaiting().forEach(awaiting::add);
        JsonObject json = new JsonObject();
        json.add("awaiting", awaiting);
        exchange.json(200, json);
    }

    void take(Fields fields, Exchange exchange) {
        fields.requireKnown(Set.of("id", "expected", "category"));
        String id = fields.requiredText("id");
        AuditLabel label = label(fields.requiredText("expected"), category(fields));
        watch.label(id, label, failure -> {
            if (failure != null) {
                exchange.fail(failure);
                return;
            }
            JsonObject json = new JsonObject();
            json.addProperty("id", id);
            json.addProperty("awaiting", watch.awaiting().size());
            exchange.json(200, json);
        });
    }

    private @Nullable String category(Fields fields) {
        String category = fields.text("category");
        if (category == null || category.equals(NONE)) {
            return null;
        }
        if (watch.labels().indexOf(category) < 0) {
            throw ApiException.badRequest(
                    "category",
                    "category is " + Quoted.of(category) + ": it must be one of "
                            + watch.labels().categoryIds() + ", or " + NONE);
        }
        return category;
    }

    private static AuditLabel label(String expected, @Nullable String category) {
        AuditLabel.Verdict verdict = AuditLabel.Verdict.of(expected);
        if (verdict == null) {
            throw ApiException.badRequest(
                    "expected",
                    "expected is " + Quoted.of(expected) + ": it must be one of "
                            + Arrays.stream(AuditLabel.Verdict.values())
                                    .map(AuditLabel.Verdict::id)
                                    .collect(Collectors.joining(", ")));
        }
        try {
            return new AuditLabel(verdict, category);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("category", String.valueOf(e.getMessage()));
        }
    }
}
