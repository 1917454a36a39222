package dev.demur.cli.serve;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the messages of a conversation as OpenAI's API has them. */
final class ChatMessages {

    private static final Set<String> FIELDS = Set.of(
            "role",
            "content",
            "name",
            "refusal",
            "annotations",
            "audio",
            "tool_calls",
            "function_call",
            DecisionJson.FIELD);
    private static final Set<String> DECISION_FIELDS = Set.of("kind", "category", "forced", "rule");

    private final Labels labels;

    /** For a model with these labels, of which past answers may tell. */
    ChatMessages(Labels labels) {
        this.labels = labels;
    }

    /** The conversation, which ends with the message to answer. */
    List<Message> read(@Nullable JsonArray array, String place) {
        if (array == null) {
            throw ApiException.badRequest(
                    place, "missing_required_parameter", place + " is missing: it must be an array of messages");
        }
        if (array.values().isEmpty()) {
            throw ApiException.badRequest(place, place + " is empty: send the message to answer");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < array.values().size(); i++) {
            messages.add(read(Fields.of(array.values().get(i), place + "[" + i + "]")));
        }
        if (messages.get(messages.size() - 1).role() == Message.Role.ASSISTANT) {
            throw ApiException.badRequest(
                    place,
                    place + " ends with a message of the assistant: end with the user's message, which is answered");
        }
        return messages;
    }

    private Message read(Fields fields) {
        String role = fields.requiredText("role");
        if (role.equals("tool") || role.equals("function")) { // before the fields that only such messages have
            throw ApiException.unsupported(
                    fields.place("role"), "tools are not supported: leave the messages of the role " + role + " out");
        }
        fields.requireKnown(FIELDS);
        for (String field : List.of("tool_calls", "function_call")) {
            if (fields.value(field) instanceof JsonArray none && none.values().isEmpty()) {
                continue;
            }
            if (fields.has(field)) {
                throw ApiException.unsupported(fields.place(field), "tools are not supported: leave the message out");
            }
        }
        if (fields.has("audio")) {
            throw ApiException.unsupported(fields.place("audio"), "only text is supported, no audio");
        }
        String content = content(fields);
        return switch (role) {
            case "system", "developer" -> Message.system(content);
            case "user" -> Message.user(content);
            case "assistant" -> assistant(fields, content);
            default ->
                throw ApiException.badRequest(
                        fields.place("role"),
                        fields.place("role") + " is " + Quoted.of(role)
                                + ": it must be system, developer, user or assistant");
        };
    }

    private String content(Fields fields) {
        JsonValue value = fields.value("content");
        if (value instanceof JsonString text) {
            return text.value();
        }
        if (value instanceof JsonArray parts) {
            return text(parts, fields.place("content"));
        }
        if (value != null) {
            throw fields.wrong("content", value, "a string, or an array of parts");
        }
        String refusal = fields.text("refusal");
        if (refusal != null) {
            return refusal;
        }
        throw fields.missing("content", "a string, or an array of parts");
    }

    /** The text of a message's parts, a line for each. */
    static String text(JsonArray parts, String place) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < parts.values().size(); i++) {
            Fields part = Fields.of(parts.values().get(i), place + "[" + i + "]");
            String type = part.requiredText("type");
            if (type.equals("text") || type.equals("refusal")) {
                texts.add(part.requiredText(type));
            } else {
                throw ApiException.unsupported(
                        part.place("type"),
                        part.place("type") + " is " + Quoted.of(type)
                                + ": only text is supported, no images, sounds or files");
            }
        }
        if (texts.isEmpty()) {
            throw ApiException.badRequest(place, place + " is an empty array: send a text");
        }
        return String.join("\n", texts);
    }

    /** A past answer; if it comes back as this server sent it, it has the decision before it too. */
    private Message assistant(Fields fields, String content) {
        Fields extension = fields.object(DecisionJson.FIELD);
        Fields decision = extension == null ? null : extension.object(DecisionJson.DECISION);
        if (decision == null) {
            return Message.assistant(content);
        }
        decision.requireKnown(DECISION_FIELDS);
        String kind = decision.requiredText("kind");
        switch (kind) {
            case "model":
                return Message.assistant(content);
            case Labels.RESPOND:
                return Message.assistantAfter(content, Labels.RESPOND);
            case "refuse":
                String category = decision.requiredText("category");
                if (labels.indexOf(category) < 0) {
                    throw ApiException.badRequest(
                            decision.place("category"),
                            decision.place("category") + " is " + Quoted.of(category)
                                    + ", which this model does not have: it has " + labels.categoryIds());
                }
                return Message.assistantAfter(content, category);
            default:
                throw ApiException.badRequest(
                        decision.place("kind"),
                        decision.place("kind") + " is " + Quoted.of(kind) + ": it must be refuse, respond or model");
        }
    }
}
