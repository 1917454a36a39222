package dev.demur.cli.serve;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonNull;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A question of {@code POST /v1/systemone}: one of its three types. */
sealed interface Question {

    /** The fewest and the most levels of a scale. */
    int FEWEST_LEVELS = 2;

    int MOST_LEVELS = 10;

    /** Its name in the request. */
    String name();

    /** What is asked. */
    String instructions();

    /** Where it stands in the request, for messages. */
    default String place() {
        return "questions." + name();
    }

    /**
     * Yes or no.
     *
     * @param whenTrue what yes means; null: that is clear
     * @param whenFalse what no means; null: that is clear
     */
    record YesNo(
            String name,
            String instructions,
            @Nullable String whenTrue,
            @Nullable String whenFalse) implements Question {}

    /**
     * One of several options.
     *
     * @param options what each means, by its key; empty text where the key says it
     */
    record Choice(String name, String instructions, Map<String, String> options) implements Question {}

    /**
     * A level of a scale.
     *
     * @param levels what each means, from the lowest on
     */
    record Scale(String name, String instructions, List<String> levels) implements Question {}

    /** Reads one. */
    static Question read(String name, JsonValue value) {
        Fields fields = Fields.of(value, "questions." + name);
        fields.requireKnown(Set.of("type", "instructions", "criteria"));
        String type = fields.requiredText("type");
        JsonValue asked = fields.value("instructions");
        if (asked == null) {
            throw fields.missing("instructions", "what is asked");
        }
        String instructions = JsonText.orText(asked);
        if (instructions.isBlank()) {
            throw ApiException.badRequest(
                    fields.place("instructions"), fields.place("instructions") + " is blank: say what is asked");
        }
        return switch (type) {
            case "noul" -> yesNo(name, instructions, fields);
            case "choice" -> choice(name, instructions, fields);
            case "score" -> scale(name, instructions, fields);
            default ->
                throw ApiException.badRequest(
                        fields.place("type"),
                        fields.place("type") + " is " + Quoted.of(type) + ": it must be noul, choice or score");
        };
    }

    private static YesNo yesNo(String name, String instructions, Fields fields) {
        Fields criteria = fields.object("criteria");
        if (criteria == null) {
            return new YesNo(name, instructions, null, null);
        }
        criteria.requireKnown(Set.of("true", "false"));
        return new YesNo(name, instructions, meaning(criteria, "true"), meaning(criteria, "false"));
    }

    private static @Nullable String meaning(Fields criteria, String name) {
        JsonValue value = criteria.value(name);
        return value == null ? null : JsonText.orText(value);
    }

    private static Choice choice(String name, String instructions, Fields fields) {
        Fields criteria = fields.object("criteria");
        if (criteria == null) {
            throw fields.missing("criteria", "an object with a description, or null, for each option");
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (String key : criteria.names()) {
            String meaning = meaning(criteria, key);
            options.put(key, meaning == null ? "" : meaning);
        }
        requireCount(fields, options.size(), AnswerWords.MOST_OPTIONS, "options");
        return new Choice(name, instructions, options);
    }

    private static Scale scale(String name, String instructions, Fields fields) {
        JsonArray criteria = fields.array("criteria");
        if (criteria == null) {
            throw fields.missing("criteria", "an array with a description of each level, from the lowest on");
        }
        requireCount(fields, criteria.values().size(), MOST_LEVELS, "levels");
        List<String> levels = new ArrayList<>();
        for (JsonValue level : criteria.values()) {
            if (level instanceof JsonNull) {
                throw fields.wrong("criteria", level, "an array with a description of each level");
            }
            levels.add(JsonText.orText(level));
        }
        return new Scale(name, instructions, levels);
    }

    private static void requireCount(Fields fields, int count, int most, String what) {
        if (count < FEWEST_LEVELS || count > most) {
            throw ApiException.badRequest(
                    fields.place("criteria"),
                    fields.place("criteria") + " has " + count + " " + what + ": it must have " + FEWEST_LEVELS + " to "
                            + most);
        }
    }
}
