package dev.demur.readout.words.internal;

import dev.demur.llama.Message;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.words.Frame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model is asked for its judgement, and which words of its answer mean which label: what the {@code words} readout
 * reads by. {@link FrameReader} reads one from JSON. Immutable.
 *
 * @param name what people call it
 * @param prompt what is asked
 * @param begins the beginning of the model's answer that is forced before the first word that counts
 * @param amongLabels whether probabilities are normalised over the labels' words; else they are of the whole vocabulary
 * @param groups the words, at the first position
 * @param fold which group counts as which other label
 * @param each the categories that are asked for one at a time; empty: one question for all
 * @param checksum tells frames apart: what they ask and read, not their names
 */
public record FrameSpec(
        String name,
        Prompt prompt,
        String begins,
        boolean amongLabels,
        List<Group> groups,
        Map<String, String> fold,
        List<Asked> each,
        String checksum)
        implements Frame {

    /** Where the text that is asked comes from. */
    public sealed interface Prompt {}

    /**
     * The conversation by the deciding model's own chat template, always as the program that its file carries.
     *
     * @param variables what the template is told besides the messages; of JSON
     */
    record Template(Map<String, ? extends @Nullable Object> variables) implements Prompt {}

    /** Messages of the frame's own, by the chat template. */
    record Chat(List<Line> lines, Turns turns) implements Prompt {
        Chat {
            lines = List.copyOf(lines);
        }
    }

    /** A text that the frame has whole. */
    record Plain(FrameText text, Turns turns) implements Prompt {}

    /** A message of the frame's own. */
    record Line(Message.Role role, FrameText text) {}

    /** How a conversation's messages are written, by their roles; a role that is not there is left out. */
    record Turns(Map<Message.Role, FrameText> byRole) {
        Turns {
            byRole = Collections.unmodifiableMap(new LinkedHashMap<>(byRole));
        }
    }

    /**
     * Words that mean one label.
     *
     * @param id the label's: {@code respond}, or a category's
     * @param name what a person is shown
     * @param spellings each of them
     * @param reply what is answered after a refusal; null: a text in plain words
     * @param opening the first words of a refusal that the model writes itself; null: a text in plain words
     * @param next what is read behind the first of the words, where more is to be known; null: nothing
     */
    public record Group(
            String id,
            String name,
            List<String> spellings,
            @Nullable String reply,
            @Nullable String opening,
            @Nullable Next next) {
        public Group {
            spellings = List.copyOf(spellings);
        }

        Group withNext(@Nullable Next newNext) {
            return new Group(id, name, spellings, reply, opening, newNext);
        }
    }

    /**
     * A second position.
     *
     * @param begins what is forced between the first word and the one that is read
     * @param groups the words there; they take the place of the group that they are behind
     */
    public record Next(String begins, List<Group> groups) {
        public Next {
            groups = List.copyOf(groups);
        }
    }

    /**
     * A category that is asked for by itself.
     *
     * @param definition what it means, for the place {@code {{definition}}}
     */
    public record Asked(
            String id,
            String name,
            String definition,
            @Nullable String reply,
            @Nullable String opening) {}

    public FrameSpec {
        groups = List.copyOf(groups);
        fold = Collections.unmodifiableMap(new LinkedHashMap<>(fold));
        each = List.copyOf(each);
    }

    /**
     * What a frame is made of.
     *
     * @throws IllegalArgumentException if it is a class of somebody else's
     */
    public static FrameSpec of(Frame frame) {
        if (frame instanceof FrameSpec spec) {
            return spec;
        }
        throw new IllegalArgumentException("a frame is read by FrameFile or named in Frames, and this one is a "
                + frame.getClass().getName());
    }

    @Override
    public Labels labels() {
        List<Category> categories = new ArrayList<>();
        if (!each.isEmpty()) {
            each.forEach(asked -> categories.add(new Category(asked.id(), asked.name())));
            return new Labels(categories);
        }
        for (Group leaf : leaves()) {
            if (!leaf.id().equals(Labels.RESPOND) && !fold.containsKey(leaf.id())) {
                categories.add(new Category(leaf.id(), leaf.name()));
            }
        }
        return new Labels(categories);
    }

    @Override
    public boolean judgesReply() {
        if (prompt instanceof Plain plain) {
            return plain.text().places().contains(FrameText.Place.REPLY);
        }
        return prompt instanceof Chat chat
                && chat.lines().stream().anyMatch(line -> line.text().places().contains(FrameText.Place.REPLY));
    }

    /** What tells it from others, whatever model it is asked of. */
    public ReadoutIdentity identity() {
        return new ReadoutIdentity(KIND, checksum, Map.of());
    }

    /** Whether it asks by a chat template that is given to it, and not by a text or a template of its own. */
    public boolean needsTemplate() {
        return prompt instanceof Chat;
    }

    /** Whether the conversation is put to the deciding model by the chat template of that one's file. */
    public boolean usesModelTemplate() {
        return prompt instanceof Template;
    }

    /** The groups of all positions that end in a label. */
    List<Group> leaves() {
        List<Group> leaves = new ArrayList<>();
        for (Group group : groups) {
            Next next = group.next();
            if (next == null) {
                leaves.add(group);
            } else {
                leaves.addAll(next.groups());
            }
        }
        return leaves;
    }
}
