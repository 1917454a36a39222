package dev.demur.readout.words;

import dev.demur.DemurException;
import dev.demur.json.JsonException;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.PlainJson;
import dev.demur.json.StrictJson;
import dev.demur.llama.Message;
import dev.demur.llama.TemplateVariables;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.readout.words.Frame.Asked;
import dev.demur.readout.words.Frame.Group;
import dev.demur.readout.words.Frame.Line;
import dev.demur.readout.words.Frame.Next;
import dev.demur.readout.words.Frame.Prompt;
import dev.demur.readout.words.Frame.Turns;
import dev.demur.readout.words.FrameText.Place;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Frames as JSON.
 *
 * <p>{@code {"version": 1, "name", "about", "prompt", "begins", "probabilities", "labels", "fold", "each"}}. {@code prompt} has
 * one of {@code template} ({@code {"variables": {…}}}: the conversation by the model's own chat template), {@code messages}
 * ({@code [{"role", "text"}]}: messages of the frame's own, by that template) and {@code text} (all of it), and {@code turns}
 * where these have the place {@code {{conversation}}}. {@code labels} are {@code {"id", "name", "spellings", "reply",
 * "opening", "then": {"begins", "labels"}}}; one has the id {@code respond}. {@code probabilities} is {@code labels} or
 * {@code vocabulary}. {@code fold} says which label counts as which other. {@code each} are categories, {@code {"id", "name",
 * "definition", "reply", "opening"}}, that are asked for one at a time; there then are two labels, {@code respond} and one for
 * the category. Only {@code version}, {@code name}, {@code prompt} and {@code labels}, and a label's {@code id} and {@code
 * spellings}, must be there. Anything else that is wrong is a {@link FrameException} that names source and field.
 */
public final class FrameFile {

    private static final int VERSION = 1;

    /** More than any frame needs, and little enough to read at once. */
    private static final int LARGEST = 1 << 20;

    private static final int DEEPEST = 32;
    private static final int LONGEST_TEXT = 200_000;
    private static final int LONGEST_WORD = 200;
    private static final int MOST_LABELS = 64;
    private static final int MOST_SPELLINGS = 32;
    private static final int MOST_LINES = 32;
    private static final String SPELLINGS = "spellings";

    private static final List<String> FIELDS =
            List.of("version", "name", "about", "prompt", "begins", "probabilities", "labels", "fold", "each");
    private static final List<String> SOURCES = List.of("template", "messages", "text");

    private final FrameFields fields;
    private final boolean asksEach;

    private FrameFile(FrameFields fields) {
        this.fields = fields;
        this.asksEach = fields.has("each");
    }

    /** Reads a file of at most 1 MiB; one that cannot be read is a FrameException too. */
    public static Frame read(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw new FrameException(file + ": there is no such frame file", e);
        } catch (IOException e) {
            throw new FrameException(file + ": the frame file cannot be read: " + e.getMessage(), e);
        }
        return parse(bytes, file.toString());
    }

    static Frame parse(byte[] bytes, String source) {
        if (bytes.length > LARGEST) {
            throw new FrameException(source + ": has more than " + LARGEST + " bytes, which no frame needs");
        }
        try {
            return parse(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString(),
                    source);
        } catch (CharacterCodingException e) {
            throw new FrameException(source + ": is not UTF-8 text", e);
        }
    }

    /**
     * The frame in a JSON text.
     *
     * @param source what messages call the text, as a file name
     */
    public static Frame parse(String json, String source) {
        JsonValue value;
        try {
            value = StrictJson.parse(json, DEEPEST);
        } catch (JsonException e) {
            throw new FrameException(source + ": " + e.getMessage(), e);
        }
        FrameFields fields = FrameFields.of(source, "", value, FIELDS);
        return new FrameFile(fields).frame((JsonObject) value);
    }

    private Frame frame(JsonObject json) {
        int version = fields.integer("version");
        if (version != VERSION) {
            throw fields.problem("version", version + " is not known here; " + VERSION + " is");
        }
        String name = fields.text("name", LONGEST_WORD);
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw fields.problem("name", "is blank or has control characters");
        }
        fields.textOrNull("about", LONGEST_TEXT);
        List<Group> groups = groups(fields, "labels", !asksEach);
        List<Asked> each = asksEach ? each() : List.of();
        Frame frame = new Frame(
                name,
                prompt(),
                text(fields, "begins"),
                amongLabels(),
                groups,
                fields.texts("fold", MOST_LABELS, LONGEST_WORD),
                each,
                FrameChecksum.of(json));
        checkLabels(frame);
        return frame;
    }

    private static String text(FrameFields in, String field) {
        String text = in.textOrNull(field, LONGEST_TEXT);
        return text == null ? "" : text;
    }

    private boolean amongLabels() {
        String probabilities = fields.textOrNull("probabilities", LONGEST_WORD);
        if (probabilities == null || probabilities.equals("labels")) {
            return true;
        }
        if (probabilities.equals("vocabulary")) {
            return false;
        }
        throw fields.problem("probabilities", "must be labels or vocabulary, not " + FrameFields.cut(probabilities));
    }

    // ---- what is asked

    private Prompt prompt() {
        FrameFields prompt = fields.object("prompt", List.of("template", "messages", "text", "turns"));
        List<String> given = SOURCES.stream().filter(prompt::has).toList();
        if (given.size() != 1) {
            throw fields.problem(
                    "prompt",
                    "must have one of " + String.join(", ", SOURCES)
                            + (given.isEmpty() ? "" : ", not " + String.join(" and ", given)));
        }
        return switch (given.get(0)) {
            case "template" -> template(prompt);
            case "messages" -> chat(prompt);
            default -> plain(prompt);
        };
    }

    private Prompt template(FrameFields prompt) {
        if (prompt.has("turns")) {
            throw prompt.problem("turns", "are for messages and text: the template has turns of its own");
        }
        FrameFields template = prompt.object("template", List.of("variables"));
        if (!template.has("variables")) {
            return new Frame.Template(Map.of());
        }
        if (!(template.required("variables") instanceof JsonObject object)) {
            throw template.problem("variables", "must be an object");
        }
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        object.members().forEach((variable, member) -> {
            if (TemplateVariables.RESERVED.contains(variable)) {
                throw template.problem("variables." + variable, "is Demur's own: a frame cannot give it");
            }
            variables.put(variable, PlainJson.of(member.value()));
        });
        return new Frame.Template(variables);
    }

    private Prompt chat(FrameFields prompt) {
        Set<Place> places = EnumSet.noneOf(Place.class);
        List<Line> lines = prompt.list("messages", 1, MOST_LINES, element -> {
            FrameFields line = element.object(List.of("role", "text"));
            Message.Role role = role(line, line.text("role", LONGEST_WORD), "role");
            FrameText text = places(line, "text", line.text("text", LONGEST_TEXT), places());
            places.addAll(text.places());
            return new Line(role, text);
        });
        if (lines.get(lines.size() - 1).role() != Message.Role.USER) {
            throw prompt.problem("messages", "must end with a message of the user, which the model answers");
        }
        return new Frame.Chat(lines, turns(prompt, places, "messages"));
    }

    private Prompt plain(FrameFields prompt) {
        FrameText text = places(prompt, "text", prompt.text("text", LONGEST_TEXT), places());
        return new Frame.Plain(text, turns(prompt, text.places(), "text"));
    }

    /** The places that a question may have. */
    private Set<Place> places() {
        return asksEach
                ? EnumSet.of(Place.LAST, Place.CONVERSATION, Place.REPLY, Place.DEFINITION, Place.NAME)
                : EnumSet.of(Place.LAST, Place.CONVERSATION, Place.REPLY);
    }

    private static FrameText places(FrameFields in, String field, String text, Set<Place> allowed) {
        return checked(in, field, () -> FrameText.parse(text, allowed));
    }

    /** What is wrong with a value, with its field. */
    private static <T> T checked(FrameFields in, String field, Supplier<T> value) {
        try {
            return value.get();
        } catch (FrameException e) {
            throw e;
        } catch (IllegalArgumentException | DemurException e) {
            throw in.problem(field, String.valueOf(e.getMessage()), e);
        }
    }

    private Turns turns(FrameFields prompt, Set<Place> places, String field) {
        if (places.stream().noneMatch(Place::isForeign)) {
            throw prompt.problem(field, "has no place for what is judged: {{last}}, {{conversation}} or {{reply}}");
        }
        if (asksEach && !places.contains(Place.DEFINITION) && !places.contains(Place.NAME)) {
            throw prompt.problem(field, "asks the same for each category: put {{definition}} or {{name}} into it");
        }
        if (places.contains(Place.CONVERSATION) != prompt.has("turns")) {
            throw prompt.problem(
                    "turns",
                    prompt.has("turns")
                            ? "are of no use without {{conversation}}"
                            : "is missing: {{conversation}} needs it, as {\"user\": \"User: {{text}}\\n\"}");
        }
        Map<Message.Role, FrameText> byRole = new EnumMap<>(Message.Role.class);
        Map<String, String> texts = prompt.texts("turns", Message.Role.values().length, LONGEST_TEXT);
        texts.forEach((role, text) -> {
            FrameText turn = places(prompt, "turns." + FrameFields.cut(role), text, EnumSet.of(Place.TEXT));
            if (!turn.places().contains(Place.TEXT)) {
                throw prompt.problem("turns." + FrameFields.cut(role), "has no place {{text}}");
            }
            byRole.put(role(prompt, role, "turns"), turn);
        });
        if (prompt.has("turns") && !byRole.containsKey(Message.Role.USER)) {
            throw prompt.problem("turns.user", "is missing");
        }
        return new Turns(byRole);
    }

    private static Message.Role role(FrameFields in, String id, String field) {
        for (Message.Role role : Message.Role.values()) {
            if (role.id().equals(id)) {
                return role;
            }
        }
        throw in.problem(field, FrameFields.cut(id) + " is no role: roles are system, user and assistant");
    }

    // ---- the words

    private static List<Group> groups(FrameFields in, String field, boolean mayGoOn) {
        List<String> known = mayGoOn
                ? List.of("id", "name", SPELLINGS, "reply", "opening", "then")
                : List.of("id", "name", SPELLINGS, "reply", "opening");
        return in.list(field, 2, MOST_LABELS, element -> {
            FrameFields group = element.object(known);
            String id = group.text("id", LONGEST_WORD);
            List<String> spellings = group.list(SPELLINGS, 1, MOST_SPELLINGS, word -> word.text(LONGEST_WORD));
            if (spellings.contains("")) {
                throw group.problem(SPELLINGS, "has an empty one");
            }
            String name = group.textOrNull("name", LONGEST_WORD);
            Next next = null;
            if (group.has("then")) {
                if (id.equals(Labels.RESPOND)) {
                    throw group.problem("then", "cannot follow respond, which is one label");
                }
                FrameFields then = group.object("then", List.of("begins", "labels"));
                next = new Next(text(then, "begins"), groups(then, "labels", false));
            }
            return checked(group, "id", () -> {
                        Group made =
                                new Group(id, name == null ? id : name, spellings, reply(group), opening(group), null);
                        if (!id.equals(Labels.RESPOND)) {
                            new Category(made.id(), made.name());
                        }
                        return made;
                    })
                    .withNext(next);
        });
    }

    private static @Nullable String reply(FrameFields in) {
        return notBlank(in, "reply");
    }

    private static @Nullable String opening(FrameFields in) {
        return notBlank(in, "opening");
    }

    private static @Nullable String notBlank(FrameFields in, String field) {
        String text = in.textOrNull(field, LONGEST_TEXT);
        if (text != null && text.isBlank()) {
            throw in.problem(field, "is blank");
        }
        return text;
    }

    private List<Asked> each() {
        return fields.list("each", 1, MOST_LABELS, element -> {
            FrameFields asked = element.object(List.of("id", "name", "definition", "reply", "opening"));
            String id = asked.text("id", LONGEST_WORD);
            String name = asked.textOrNull("name", LONGEST_WORD);
            String definition = asked.textOrNull("definition", LONGEST_TEXT);
            checked(asked, "id", () -> new Category(id, name == null ? id : name));
            return new Asked(
                    id, name == null ? id : name, definition == null ? "" : definition, reply(asked), opening(asked));
        });
    }

    private void checkLabels(Frame frame) {
        Set<String> ids = new HashSet<>();
        for (Group leaf : frame.leaves()) {
            if (!ids.add(leaf.id())) {
                throw fields.problem("labels", "two labels have the id " + FrameFields.cut(leaf.id()));
            }
        }
        if (frame.groups().stream().noneMatch(group -> group.id().equals(Labels.RESPOND))) {
            throw fields.problem("labels", "none has the id " + Labels.RESPOND + ", which stands for answering");
        }
        if (frame.leaves().stream()
                        .filter(leaf -> leaf.id().equals(Labels.RESPOND))
                        .count()
                > 1) {
            throw fields.problem("labels", "only one, at the first position, can have the id " + Labels.RESPOND);
        }
        if (asksEach && (frame.groups().size() != 2 || !frame.fold().isEmpty())) {
            throw fields.problem(
                    "labels",
                    "where categories are asked for one at a time there are two, respond and one for the category,"
                            + " and no fold");
        }
        frame.fold().forEach((from, to) -> checkFold(frame, from, to));
        checked(fields, asksEach ? "each" : "labels", frame::labels);
    }

    private void checkFold(Frame frame, String from, String to) {
        Set<String> ids = new HashSet<>();
        frame.leaves().forEach(leaf -> ids.add(leaf.id()));
        if (!ids.contains(from) || from.equals(Labels.RESPOND)) {
            throw fields.problem("fold", FrameFields.cut(from) + " is no category");
        }
        if (!ids.contains(to) || frame.fold().containsKey(to)) {
            throw fields.problem("fold." + FrameFields.cut(from), FrameFields.cut(to) + " is no label that remains");
        }
    }
}
