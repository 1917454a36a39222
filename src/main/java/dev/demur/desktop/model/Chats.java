package dev.demur.desktop.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The conversations, and the one that is shown. Everything is written to the disk as it happens. */
public final class Chats {

    private final Texts texts;
    private final ChatStore store;
    private final Executor ui;
    private final Executor disk;
    private final Observers list = new Observers();
    private final Observers shown = new Observers();
    private final List<Chat> all = new ArrayList<>();
    private Chat current;
    private Consumer<String> problems = problem -> {};

    Chats(Texts texts, ChatStore store, Executor ui, Executor disk) {
        this.texts = texts;
        this.store = store;
        this.ui = ui;
        this.disk = disk;
        this.current = store.begin();
    }

    /** Told when there are others, or they are named or ordered otherwise. */
    public Observers list() {
        return list;
    }

    /** Told when another one is shown, or another branch or message of it. */
    public Observers shown() {
        return shown;
    }

    /** Told what goes wrong with the disk. */
    void onProblem(Consumer<String> listener) {
        problems = listener;
    }

    /**
     * Reads what is on the disk.
     *
     * @param wanted the id of the one to show; null: a new one
     */
    void read(@Nullable String wanted) {
        disk.execute(() -> {
            try {
                List<Chat> chats = store.read();
                ui.execute(() -> add(chats, wanted));
            } catch (IOException e) {
                ui.execute(() -> problems.accept(texts.get("chat.unreadable", e)));
            }
        });
    }

    private void add(List<Chat> chats, @Nullable String wanted) {
        all.addAll(chats);
        if (current.isEmpty()) {
            chats.stream().filter(chat -> chat.id().equals(wanted)).findFirst().ifPresent(chat -> current = chat);
        }
        list.tell();
        shown.tell();
    }

    /** Those whose title or messages hold a text, the latest first; all for an empty one. */
    public List<Chat> search(String query) {
        return all.stream().filter(chat -> chat.matches(query)).toList();
    }

    /** The one that is shown. */
    public Chat current() {
        return current;
    }

    /** Shows another one. */
    public void select(Chat chat) {
        if (chat != current) {
            current = chat;
            shown.tell();
            list.tell();
        }
    }

    /** Begins one. */
    public void begin() {
        if (!current.isEmpty()) {
            current = store.begin();
            shown.tell();
            list.tell();
        }
    }

    /** Names one; a blank name is none. */
    public void rename(Chat chat, String title) {
        chat.name(title);
        write(chat, ChatRecords.title(title));
        list.tell();
    }

    /** Deletes one for good. */
    public void delete(Chat chat) {
        all.remove(chat);
        if (chat == current) {
            current = store.begin();
            shown.tell();
        }
        list.tell();
        disk.execute(() -> {
            try {
                store.delete(chat);
            } catch (IOException e) {
                ui.execute(() -> problems.accept(texts.get("chat.unwritable", e)));
            }
        });
    }

    /** Adds a person's message behind another one, or at the beginning. */
    ChatTurn addMessage(Chat chat, @Nullable String parent, String text) {
        ChatTurn turn = new ChatTurn(UUID.randomUUID().toString(), parent, text, null);
        put(chat, turn, ChatRecords.message(turn));
        return turn;
    }

    /** Adds an answer that begins. */
    ChatTurn addAnswer(Chat chat, String parent, Answer answer) {
        ChatTurn turn = new ChatTurn(UUID.randomUUID().toString(), parent, "", answer);
        put(chat, turn, ChatRecords.begun(turn, answer));
        return turn;
    }

    private void put(Chat chat, ChatTurn turn, String record) {
        chat.put(turn);
        chat.touch(System.currentTimeMillis());
        if (all.isEmpty() || all.get(0) != chat) {
            all.remove(chat);
            all.add(0, chat);
        }
        list.tell();
        if (chat == current) {
            shown.tell();
        }
        write(chat, record);
    }

    /** Adds text to an answer, in memory; {@link #keep} writes it. */
    ChatTurn addText(Chat chat, String id, String text) {
        ChatTurn turn = chat.turn(id);
        ChatTurn longer = turn.with(turn.text() + text, turn.answer());
        chat.put(longer);
        return longer;
    }

    /** Writes more of an answer's text. */
    void keep(Chat chat, String turn, String text) {
        if (!text.isEmpty()) {
            write(chat, ChatRecords.more(turn, text));
        }
    }

    /** Ends an answer. */
    void end(Chat chat, String id, String finish, int tokens, double tokensPerSecond) {
        ChatTurn turn = chat.turn(id);
        Answer answer = turn.answer();
        if (answer != null) {
            Answer ended = answer.ended(finish, tokens, tokensPerSecond);
            chat.put(turn.with(turn.text(), ended));
            write(chat, ChatRecords.ended(id, ended));
            if (chat == current) {
                shown.tell();
            }
        }
    }

    /** Shows the version before or after a message. */
    public void showVersion(ChatTurn turn, int step) {
        List<ChatTurn> versions = current.versions(turn);
        int place = versions.indexOf(turn) + step;
        if (place >= 0 && place < versions.size()) {
            String other = versions.get(place).id();
            current.show(other);
            write(current, ChatRecords.shown(other));
            shown.tell();
        }
    }

    private void write(Chat chat, String record) {
        disk.execute(() -> {
            try {
                store.append(chat, record);
            } catch (IOException e) {
                ui.execute(() -> problems.accept(texts.get("chat.unwritable", e)));
            }
        });
    }
}
