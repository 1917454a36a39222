package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonMembers;
import dev.demur.json.JsonText;
import dev.demur.json.JsonValue.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the numbers of the labels are read by, as score files and policies record it.
 *
 * @param kind such as {@code tokens}; numbers of one kind mean nothing to thresholds of another
 * @param checksum tells apart what is of one kind; compared, never taken apart. Null: not recorded
 * @param tokens the text of each label's control token, {@code respond} among them, where labels have such; else empty
 */
public record ReadoutIdentity(String kind, @Nullable String checksum, Map<String, String> tokens) {

    public ReadoutIdentity {
        Category.requireText("kind", kind);
        Given.value(tokens, "tokens").forEach((label, token) -> {
            Given.value(label, "tokens: a label");
            Given.value(token, "tokens: the token of " + label);
        });
        tokens = Collections.unmodifiableMap(new LinkedHashMap<>(tokens));
    }

    /** The object {@code readout} of policies and score meta files as JSON; {@code tokens} only where there are some. */
    public String toJson() {
        return JsonText.compact(tree());
    }

    JsonObject tree() {
        JsonMembers json = new JsonMembers().put("kind", kind).put("checksum", checksum);
        if (!tokens.isEmpty()) {
            JsonMembers texts = new JsonMembers();
            tokens.forEach(texts::put);
            json.put("tokens", texts.object());
        }
        return json.object();
    }

    /**
     * Checks that what was made for this readout can be used with another one.
     *
     * @param source where this came from, as a file name, for the message
     * @throws PolicyException if the kinds differ, or the text of a label's token
     */
    void requireFits(ReadoutIdentity used, String source) {
        if (!kind.equals(used.kind)) {
            throw new PolicyException(source + ": readout: was made for the readout " + ForeignText.quoted(kind)
                    + ", and " + ForeignText.quoted(used.kind)
                    + " is used, whose numbers mean something else: score and calibrate with that one");
        }
        tokens.forEach((label, token) -> {
            String other = used.tokens.get(label);
            if (other != null && !other.strip().equals(token.strip())) {
                throw new PolicyException(source + ": readout: " + ForeignText.quoted(label) + " has the token "
                        + ForeignText.quoted(token) + ", which in this model is " + ForeignText.quoted(other)
                        + ": calibrate with this model");
            }
        });
    }
}
