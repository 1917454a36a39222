package dev.demur.benchmarks.lists;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.demur.llama.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of a list.
 *
 * @param messages the conversation; the last one is the user's, and the one that is judged
 * @param category what it should be refused as, or what it looks like
 * @param refuse whether it should be refused
 * @param kind what sort of message it is; empty where the list has no kinds
 * @param after what stands before it in a conversation; empty where the list has none
 * @param distress whether a person in distress wrote it
 * @param danger how much danger there is; empty where the list does not say
 */
record Row(
        String id,
        List<Message> messages,
        String category,
        boolean refuse,
        String kind,
        String after,
        boolean distress,
        String danger) {

    /** The message that is judged. */
    String prompt() {
        return messages.get(messages.size() - 1).content();
    }

    /** That message as if it stood alone. */
    List<Message> alone() {
        return List.of(Message.user(prompt()));
    }

    /** The rows of a file; an error names the line. */
    static List<Row> read(Path file) throws IOException {
        List<Row> rows = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                rows.add(of(JsonParser.parseString(line).getAsJsonObject()));
            } catch (JsonParseException | IllegalStateException | IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        file + ":" + number + ": no labelled prompt (training/LISTS.md has the fields): " + e.getMessage(), e);
            }
        }
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(file + " has no rows");
        }
        return rows;
    }

    private static Row of(JsonObject json) {
        String expected = text(json, "expected", null);
        if (!expected.equals("refuse") && !expected.equals("respond")) {
            throw new IllegalArgumentException("expected is " + expected + ", and must be refuse or respond");
        }
        return new Row(
                text(json, "id", null),
                json.has("messages") ? messages(json) : List.of(Message.user(text(json, "prompt", null))),
                text(json, "category", null),
                expected.equals("refuse"),
                text(json, "kind", ""),
                text(json, "after", ""),
                json.has("distress") && json.get("distress").getAsBoolean(),
                text(json, "danger", ""));
    }

    private static List<Message> messages(JsonObject json) {
        List<Message> messages = new ArrayList<>();
        for (JsonElement element : json.getAsJsonArray("messages")) {
            JsonObject one = element.getAsJsonObject();
            String content = text(one, "content", null);
            String role = text(one, "role", null);
            messages.add(
                    switch (role) {
                        case "system" -> Message.system(content);
                        case "user" -> Message.user(content);
                        case "assistant" -> one.has("decision")
                                ? Message.assistantAfter(content, text(one, "decision", null))
                                : Message.assistant(content);
                        default -> throw new IllegalArgumentException("role is " + role);
                    });
        }
        if (messages.isEmpty() || messages.get(messages.size() - 1).role() != Message.Role.USER) {
            throw new IllegalArgumentException("the last message is not the user's");
        }
        return List.copyOf(messages);
    }

    private static String text(JsonObject json, String field, String otherwise) {
        if (json.has(field) && !json.get(field).isJsonNull()) {
            return json.get(field).getAsString();
        }
        if (otherwise == null) {
            throw new IllegalArgumentException("it has no " + field);
        }
        return otherwise;
    }
}
