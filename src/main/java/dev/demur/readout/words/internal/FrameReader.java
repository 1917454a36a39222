package dev.demur.readout.words.internal;

import dev.demur.json.ForeignText;
import dev.demur.json.JsonFields;
import dev.demur.json.PlainJson;
import dev.demur.llama.Message;
import dev.demur.llama.internal.TemplateVariables;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.readout.words.FrameException;
import dev.demur.readout.words.internal.FrameSpec.Asked;
import dev.demur.readout.words.internal.FrameSpec.Group;
import dev.demur.readout.words.internal.FrameSpec.Line;
import dev.demur.readout.words.internal.FrameSpec.Next;
import dev.demur.readout.words.internal.FrameSpec.Prompt;
import dev.demur.readout.words.internal.FrameSpec.Turns;
import dev.demur.readout.words.internal.FrameText.Place;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a frame from JSON; {@link dev.demur.readout.words.FrameFile} says what each field means. */
public final class FrameReader {

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

    private final JsonFields fields;
    private final boolean asksEach;

    private FrameReader(JsonFields fields) {
        this.fields = fields;
        this.asksEach = fields.has("each");
    }

    /** As {@link dev.demur.readout.words.FrameFile#read}. */
    public static FrameSpec read(Path file) {
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

    /**
     * The frame in a JSON file.
     *
     * @param source what messages call it
     */
    public static FrameSpec parse(byte[] bytes, String source) {
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

    /** As {@link dev.demur.readout.words.FrameFile#parse}. */
    public static FrameSpec parse(String json, String source) {
        JsonFields fields = JsonFields.parse(json, DEEPEST, source, FrameException::new);
        return new FrameReader(fields.only(FIELDS)).frame();
    }

    private FrameSpec frame() {
        long version = fields.whole("version");
        if (version != VERSION) {
            throw fields.error("version", version + " is not known here; " + VERSION + " is");
        }
        String name = fields.string("name", LONGEST_WORD);
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw fields.error("name", "is blank or has control characters");
        }
        fields.stringIfThere("about", LONGEST_TEXT);
        List<Group> groups = groups(fields, "labels", !asksEach);
        List<Asked> each = asksEach ? each() : List.of();
        FrameSpec frame = new FrameSpec(
                name,
                prompt(),
                text(fields, "begins"),
                amongLabels(),
                groups,
                fields.has("fold") ? fields.stringsByName("fold", MOST_LABELS, LONGEST_WORD) : Map.of(),
                each,
                FrameChecksum.of(fields.json()));
        checkLabels(frame);
        return frame;
    }

    private static String text(JsonFields in, String field) {
        String text = in.stringIfThere(field, LONGEST_TEXT);
        return text == null ? "" : text;
    }

    private boolean amongLabels() {
        String probabilities = fields.stringIfThere("probabilities", LONGEST_WORD);
        if (probabilities == null || probabilities.equals("labels")) {
            return true;
        }
        if (probabilities.equals("vocabulary")) {
            return false;
        }
        throw fields.error("probabilities", "must be labels or vocabulary, not " + ForeignText.escaped(probabilities));
    }

    // ---- what is asked

    private Prompt prompt() {
        JsonFields prompt = fields.object("prompt").only(List.of("template", "messages", "text", "turns"));
        List<String> given = SOURCES.stream().filter(prompt::has).toList();
        if (given.size() != 1) {
            throw fields.error(
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

    private Prompt template(JsonFields prompt) {
        if (prompt.has("turns")) {
            throw prompt.error("turns", "are for messages and text: the template has turns of its own");
        }
        JsonFields template = prompt.object("template").only(List.of("variables"));
        if (!template.has("variables")) {
            return new FrameSpec.Template(Map.of());
        }
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        template.object("variables").json().members().forEach((variable, member) -> {
            if (TemplateVariables.RESERVED.contains(variable)) {
                throw template.error("variables." + variable, "is Demur's own: a frame cannot give it");
            }
            variables.put(variable, PlainJson.of(member.value()));
        });
        return new FrameSpec.Template(variables);
    }

    private Prompt chat(JsonFields prompt) {
        Set<Place> places = EnumSet.noneOf(Place.class);
        List<Line> lines = new ArrayList<>();
        for (JsonFields line : prompt.objects("messages", 1, MOST_LINES)) {
            line.only(List.of("role", "text"));
            Message.Role role = role(line, line.string("role", LONGEST_WORD), "role");
            FrameText text = places(line, "text", line.string("text", LONGEST_TEXT), places());
            places.addAll(text.places());
            lines.add(new Line(role, text));
        }
        if (lines.get(lines.size() - 1).role() != Message.Role.USER) {
            throw prompt.error("messages", "must end with a message of the user, which the model answers");
        }
        return new FrameSpec.Chat(lines, turns(prompt, places, "messages"));
    }

    private Prompt plain(JsonFields prompt) {
        FrameText text = places(prompt, "text", prompt.string("text", LONGEST_TEXT), places());
        return new FrameSpec.Plain(text, turns(prompt, text.places(), "text"));
    }

    /** The places that a question may have. */
    private Set<Place> places() {
        return asksEach
                ? EnumSet.of(Place.LAST, Place.CONVERSATION, Place.REPLY, Place.DEFINITION, Place.NAME)
                : EnumSet.of(Place.LAST, Place.CONVERSATION, Place.REPLY);
    }

    private static FrameText places(JsonFields in, String field, String text, Set<Place> allowed) {
        return in.checked(field, () -> FrameText.parse(text, allowed));
    }

    private Turns turns(JsonFields prompt, Set<Place> places, String field) {
        if (places.stream().noneMatch(Place::isForeign)) {
            throw prompt.error(field, "has no place for what is judged: {{last}}, {{conversation}} or {{reply}}");
        }
        if (asksEach && !places.contains(Place.DEFINITION) && !places.contains(Place.NAME)) {
            throw prompt.error(field, "asks the same for each category: put {{definition}} or {{name}} into it");
        }
        if (places.contains(Place.CONVERSATION) != prompt.has("turns")) {
            throw prompt.error(
                    "turns",
                    prompt.has("turns")
                            ? "are of no use without {{conversation}}"
                            : "is missing: {{conversation}} needs it, as {\"user\": \"User: {{text}}\\n\"}");
        }
        Map<Message.Role, FrameText> byRole = new EnumMap<>(Message.Role.class);
        Map<String, String> texts = prompt.has("turns")
                ? prompt.stringsByName("turns", Message.Role.values().length, LONGEST_TEXT)
                : Map.of();
        texts.forEach((role, text) -> {
            FrameText turn = places(prompt, "turns." + ForeignText.escaped(role), text, EnumSet.of(Place.TEXT));
            if (!turn.places().contains(Place.TEXT)) {
                throw prompt.error("turns." + ForeignText.escaped(role), "has no place {{text}}");
            }
            byRole.put(role(prompt, role, "turns"), turn);
        });
        if (prompt.has("turns") && !byRole.containsKey(Message.Role.USER)) {
            throw prompt.error("turns.user", "is missing");
        }
        return new Turns(byRole);
    }

    private static Message.Role role(JsonFields in, String id, String field) {
        for (Message.Role role : Message.Role.values()) {
            if (role.id().equals(id)) {
                return role;
            }
        }
        throw in.error(field, ForeignText.escaped(id) + " is no role: roles are system, user and assistant");
    }

    // ---- the words

    private static List<Group> groups(JsonFields in, String field, boolean mayGoOn) {
        List<String> known = mayGoOn
                ? List.of("id", "name", SPELLINGS, "reply", "opening", "then")
                : List.of("id", "name", SPELLINGS, "reply", "opening");
        List<Group> groups = new ArrayList<>();
        for (JsonFields group : in.objects(field, 2, MOST_LABELS)) {
            groups.add(group(group.only(known)));
        }
        return groups;
    }

    private static Group group(JsonFields group) {
        String id = group.string("id", LONGEST_WORD);
        List<String> spellings = group.strings(SPELLINGS, 1, MOST_SPELLINGS, LONGEST_WORD);
        if (spellings.contains("")) {
            throw group.error(SPELLINGS, "has an empty one");
        }
        String name = group.stringIfThere("name", LONGEST_WORD);
        Next next = null;
        if (group.has("then")) {
            if (id.equals(Labels.RESPOND)) {
                throw group.error("then", "cannot follow respond, which is one label");
            }
            JsonFields then = group.object("then").only(List.of("begins", "labels"));
            next = new Next(text(then, "begins"), groups(then, "labels", false));
        }
        return group.checked("id", () -> {
                    Group made = new Group(id, name == null ? id : name, spellings, reply(group), opening(group), null);
                    if (!id.equals(Labels.RESPOND)) {
                        new Category(made.id(), made.name());
                    }
                    return made;
                })
                .withNext(next);
    }

    private static @Nullable String reply(JsonFields in) {
        return notBlank(in, "reply");
    }

    private static @Nullable String opening(JsonFields in) {
        return notBlank(in, "opening");
    }

    private static @Nullable String notBlank(JsonFields in, String field) {
        String text = in.stringIfThere(field, LONGEST_TEXT);
        if (text != null && text.isBlank()) {
            throw in.error(field, "is blank");
        }
        return text;
    }

    private List<Asked> each() {
        List<Asked> each = new ArrayList<>();
        for (JsonFields asked : fields.objects("each", 1, MOST_LABELS)) {
            asked.only(List.of("id", "name", "definition", "reply", "opening"));
            String id = asked.string("id", LONGEST_WORD);
            String name = asked.stringIfThere("name", LONGEST_WORD);
            String definition = asked.stringIfThere("definition", LONGEST_TEXT);
            asked.checked("id", () -> new Category(id, name == null ? id : name));
            each.add(new Asked(
                    id, name == null ? id : name, definition == null ? "" : definition, reply(asked), opening(asked)));
        }
        return each;
    }

    private void checkLabels(FrameSpec frame) {
        Set<String> ids = new HashSet<>();
        for (Group leaf : frame.leaves()) {
            if (!ids.add(leaf.id())) {
                throw fields.error("labels", "two labels have the id " + ForeignText.escaped(leaf.id()));
            }
        }
        if (frame.groups().stream().noneMatch(group -> group.id().equals(Labels.RESPOND))) {
            throw fields.error("labels", "none has the id " + Labels.RESPOND + ", which stands for answering");
        }
        if (frame.leaves().stream()
                        .filter(leaf -> leaf.id().equals(Labels.RESPOND))
                        .count()
                > 1) {
            throw fields.error("labels", "only one, at the first position, can have the id " + Labels.RESPOND);
        }
        if (asksEach && (frame.groups().size() != 2 || !frame.fold().isEmpty())) {
            throw fields.error(
                    "labels",
                    "where categories are asked for one at a time there are two, respond and one for the category,"
                            + " and no fold");
        }
        frame.fold().forEach((from, to) -> checkFold(frame, from, to));
        fields.checked(asksEach ? "each" : "labels", frame::labels);
    }

    private void checkFold(FrameSpec frame, String from, String to) {
        Set<String> ids = new HashSet<>();
        frame.leaves().forEach(leaf -> ids.add(leaf.id()));
        if (!ids.contains(from) || from.equals(Labels.RESPOND)) {
            throw fields.error("fold", ForeignText.escaped(from) + " is no category");
        }
        if (!ids.contains(to) || frame.fold().containsKey(to)) {
            throw fields.error(
                    "fold." + ForeignText.escaped(from), ForeignText.escaped(to) + " is no label that remains");
        }
    }
}
