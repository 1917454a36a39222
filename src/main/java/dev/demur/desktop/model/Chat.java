package dev.demur.desktop.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A conversation: a tree of messages, of which one path is shown. An edited message and a second answer are branches. */
public final class Chat {

    private static final int LONGEST_TITLE = 60;

    private final String id;
    private final Map<String, ChatTurn> turns = new LinkedHashMap<>();

    /** The branch that is shown below each message, and, under the empty name, the first message. */
    private final Map<String, String> shown = new HashMap<>();

    private @Nullable String title;
    private long changed;

    Chat(String id, long changed) {
        this.id = id;
        this.changed = changed;
    }

    /** Its name on the disk. */
    public String id() {
        return id;
    }

    /** When it was begun or last added to, in milliseconds since 1970. */
    public long changed() {
        return changed;
    }

    void touch(long now) {
        changed = Math.max(changed, now);
    }

    /** What a person named it, or how it begins; empty where it has no message yet. */
    public String title() {
        if (title != null) {
            return title;
        }
        for (ChatTurn turn : turns.values()) {
            if (turn.isUser()) {
                String line = turn.text().strip().replaceAll("\\s+", " ");
                return line.length() <= LONGEST_TITLE ? line : line.substring(0, cut(line)) + "…";
            }
        }
        return "";
    }

    /** No character is cut in half. */
    private static int cut(String line) {
        return Character.isHighSurrogate(line.charAt(LONGEST_TITLE - 1)) ? LONGEST_TITLE - 1 : LONGEST_TITLE;
    }

    void name(@Nullable String newTitle) {
        title = newTitle == null || newTitle.isBlank() ? null : newTitle.strip();
    }

    /** All messages, in the order in which they came. */
    Collection<ChatTurn> turns() {
        return Collections.unmodifiableCollection(turns.values());
    }

    /** Whether nothing was written yet. */
    public boolean isEmpty() {
        return turns.isEmpty();
    }

    /** The message with this id. */
    public ChatTurn turn(String turn) {
        return Objects.requireNonNull(turns.get(turn), turn);
    }

    boolean has(String turn) {
        return turns.containsKey(turn);
    }

    /** Adds a message, or changes one, and shows it. */
    void put(ChatTurn turn) {
        boolean added = turns.put(turn.id(), turn) == null;
        if (added) {
            show(turn.id());
        }
    }

    /** Shows the branch that a message is on. */
    void show(String turn) {
        ChatTurn now = turns.get(turn);
        if (now != null) {
            shown.put(key(now.parent()), turn);
        }
    }

    private static String key(@Nullable String parent) {
        return parent == null ? "" : parent;
    }

    /** The messages that are shown, the first one first. */
    public List<ChatTurn> path() {
        return path(null);
    }

    /** The messages that are shown below one. */
    private List<ChatTurn> path(@Nullable String from) {
        List<ChatTurn> path = new ArrayList<>();
        String next = shown.get(key(from));
        while (next != null) {
            path.add(turn(next));
            next = shown.get(next);
        }
        return path;
    }

    /** The messages up to one, itself included. */
    List<ChatTurn> upTo(String turn) {
        List<ChatTurn> path = new ArrayList<>();
        String now = turn;
        while (now != null) {
            ChatTurn one = turn(now);
            path.add(0, one);
            now = one.parent();
        }
        return path;
    }

    /** The messages that stand in the same place, itself among them: other versions of it, or other answers. */
    public List<ChatTurn> versions(ChatTurn turn) {
        return turns.values().stream()
                .filter(other -> Objects.equals(other.parent(), turn.parent()))
                .toList();
    }

    /** Whether title or any message holds this text, in any case. */
    boolean matches(String query) {
        String wanted = query.strip().toLowerCase(Locale.ROOT);
        return wanted.isEmpty()
                || title().toLowerCase(Locale.ROOT).contains(wanted)
                || turns.values().stream()
                        .anyMatch(turn -> turn.text().toLowerCase(Locale.ROOT).contains(wanted));
    }
}
