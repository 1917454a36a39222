package dev.demur.desktop.model;

import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.Timings;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Has prompts answered, one at a time, and keeps the conversations up to date. */
public final class Answers {

    private static final String MOST_TOKENS = "mostTokens";
    private static final int DEFAULT_MOST_TOKENS = 1024;

    /** So much of an answer, in seconds, is lost at most where the application is killed. */
    private static final double KEPT_EVERY = 0.3;

    private final Texts texts;
    private final Settings settings;
    private final Models models;
    private final Policies policies;
    private final Chats chats;
    private final Executor ui;
    private final Executor work;
    private final Observers observers = new Observers();
    private final Observers progress = new Observers();
    private @Nullable Running running;
    private double speed;
    private int used;
    private Consumer<String> problems = problem -> {};

    Answers(Texts texts, Settings settings, Models models, Policies policies, Chats chats, Executor ui, Executor work) {
        this.texts = texts;
        this.settings = settings;
        this.models = models;
        this.policies = policies;
        this.chats = chats;
        this.ui = ui;
        this.work = work;
        chats.shown().add(this::showNumbers);
    }

    /** Told when an answer begins or ends. */
    public Observers observers() {
        return observers;
    }

    /** Told when there is more of an answer. */
    public Observers progress() {
        return progress;
    }

    /** Told what goes wrong. */
    void onProblem(Consumer<String> listener) {
        problems = listener;
    }

    /** The most tokens of an answer. */
    public int mostTokens() {
        return Math.max(1, settings.integer(MOST_TOKENS, DEFAULT_MOST_TOKENS));
    }

    /** Sets the most tokens of an answer. */
    public void setMostTokens(int most) {
        settings.set(MOST_TOKENS, most);
    }

    /** Whether an answer is under way. */
    public boolean isRunning() {
        return running != null;
    }

    /** The message that is being written; null: none, or its decision is not there yet. */
    public @Nullable String writing() {
        return running == null ? null : running.turn;
    }

    /** Whether a prompt can be sent now. */
    public boolean canSend() {
        return running == null && models.session() != null;
    }

    /** Tokens per second of the answer that is under way, about, or of the last one; 0: not known. */
    public double speed() {
        return speed;
    }

    /** How many tokens of the context the conversation that is shown takes; 0: not known. */
    public int used() {
        return used;
    }

    // What a person asks for.

    /** Sends a message behind what is shown. */
    public void send(String text) {
        if (canSend() && !text.isBlank()) {
            Chat chat = chats.current();
            List<ChatTurn> path = chat.path();
            String parent = path.isEmpty() ? null : path.get(path.size() - 1).id();
            answer(chat, chats.addMessage(chat, parent, text), false);
        }
    }

    /** Sends another version of a message, as a branch of its own. */
    public void edit(ChatTurn message, String text) {
        if (canSend() && !text.isBlank() && message.isUser()) {
            Chat chat = chats.current();
            answer(chat, chats.addMessage(chat, message.parent(), text), false);
        }
    }

    /** Has a message answered again, by the policy as it stands now. */
    public void regenerate(ChatTurn turn) {
        again(turn, false);
    }

    /** Has a refused message answered, whatever the policy says. */
    public void answerAnyway(ChatTurn turn) {
        again(turn, true);
    }

    private void again(ChatTurn turn, boolean overruled) {
        if (canSend()) {
            Chat chat = chats.current();
            String parent = turn.parent();
            answer(chat, turn.isUser() || parent == null ? turn : chat.turn(parent), overruled);
        }
    }

    /** The last answer that is shown, or the last message where there is no answer to it; null: nothing is shown. */
    public @Nullable ChatTurn last() {
        List<ChatTurn> path = chats.current().path();
        return path.isEmpty() ? null : path.get(path.size() - 1);
    }

    /** Ends the answer that is under way; what there is of it stays. */
    public void stop() {
        if (running != null) {
            running.cancellation.cancel();
        }
    }

    /** Reads the numbers of the last prompt again, as with another &tau;; nothing is written. */
    public void readAgain() {
        ChatTurn last = last();
        ModelSession session = models.session();
        if (last == null || session == null || running != null) {
            return;
        }
        String parent = last.parent();
        List<Message> messages =
                messages(chats.current().upTo(last.isUser() || parent == null ? last.id() : parent), session.labels());
        Running reading = new Running(chats.current(), "", null, policies.policy());
        run(reading, session, messages, policies.policy(), 0);
    }

    private void answer(Chat chat, ChatTurn message, boolean overruled) {
        ModelSession session = models.session();
        if (session == null) {
            return;
        }
        RefusalPolicy policy = policies.policy();
        List<Message> messages = messages(chat.upTo(message.id()), session.labels());
        Running now = new Running(chat, message.id(), overruled ? Boolean.TRUE : Boolean.FALSE, policy);
        run(now, session, messages, overruled ? Policies.answering(policy) : policy, mostTokens());
    }

    private void run(Running now, ModelSession session, List<Message> messages, RefusalPolicy applied, int mostTokens) {
        running = now;
        speed = 0;
        observers.tell();
        LiveAnswer live = new LiveAnswer(ui, now);
        GenerationOptions options = GenerationOptions.DEFAULTS
                .withPolicy(applied)
                .withSampling(now.sampling())
                .withMaxTokens(mostTokens)
                .withCancellation(now.cancellation);
        work.execute(() -> {
            try {
                Generation generation = session.answer(messages, options, live);
                ui.execute(() -> {
                    live.flush();
                    now.ended(generation);
                });
            } catch (CancellationException e) {
                ui.execute(() -> now.failed(null));
            } catch (RuntimeException | OutOfMemoryError e) {
                ui.execute(() -> {
                    live.flush();
                    // A model that is replaced ends what it writes in any way.
                    now.failed(now.cancellation.isCancelled() ? null : Problems.text(e, texts));
                });
            }
        });
    }

    /** The messages for the model: what was decided on them stands before answers. */
    static List<Message> messages(List<ChatTurn> turns, Labels labels) {
        List<Message> messages = new ArrayList<>();
        for (ChatTurn turn : turns) {
            Answer answer = turn.answer();
            if (answer == null) {
                messages.add(Message.user(turn.text()));
            } else {
                String label = answer.label();
                messages.add(
                        label == null || labels.indexOfLabel(label) < 0
                                ? Message.assistant(turn.text())
                                : Message.assistantAfter(turn.text(), label));
            }
        }
        return messages;
    }

    /** Shows the numbers of the last answer in the conversation. */
    private void showNumbers() {
        if (running != null) {
            return;
        }
        Answer last = null;
        for (ChatTurn turn : chats.current().path()) {
            last = turn.answer() == null ? last : turn.answer();
        }
        policies.show(last == null ? null : last.reading());
        used = last == null ? 0 : last.tokens();
        speed = last == null ? 0 : last.tokensPerSecond();
        progress.tell();
    }

    /** An answer under way. */
    private final class Running implements LiveAnswer.Listener {

        private final Chat chat;
        private final String message;
        private final @Nullable Boolean overruled; // null: only the numbers are wanted
        private final RefusalPolicy policy;
        private final Cancellation cancellation = new Cancellation();
        private final StringBuilder unwritten = new StringBuilder();
        private @Nullable String turn;
        private double kept;

        Running(Chat chat, String message, @Nullable Boolean overruled, RefusalPolicy policy) {
            this.chat = chat;
            this.message = message;
            this.overruled = overruled;
            this.policy = policy;
        }

        /** The likeliest text the first time; another answer to the same message is drawn. */
        Sampling sampling() {
            long before = chat.turns().stream()
                    .filter(other -> other.answer() != null && !other.answer().refused())
                    .filter(other -> message.equals(other.parent()))
                    .count();
            return before == 0
                    ? Sampling.GREEDY
                    : Sampling.GREEDY.withTemperature(0.8).withTopP(0.95).withSeed((int) before);
        }

        @Override
        public void decided(Decision decision) {
            if (chat == chats.current()) {
                policies.show(decision.reading());
            }
            if (overruled != null) {
                Answer answer = Answer.begun(decision, policy, overruled);
                turn = chats.addAnswer(chat, message, answer).id();
                observers.tell();
            }
        }

        @Override
        public void text(String text, int pieces, double seconds) {
            if (turn == null) {
                return;
            }
            chats.addText(chat, turn, text);
            unwritten.append(text);
            if (seconds - kept > KEPT_EVERY) {
                kept = seconds;
                keep();
            }
            speed = seconds > 0.2 ? (pieces - 1) / seconds : 0;
            progress.tell();
        }

        private void keep() {
            if (turn != null) {
                chats.keep(chat, turn, unwritten.toString());
                unwritten.setLength(0);
            }
        }

        void ended(Generation generation) {
            keep();
            Timings timings = generation.timings();
            String id = turn;
            running = null;
            if (id != null) {
                chats.end(
                        chat,
                        id,
                        generation.finishReason().id(),
                        timings.promptTokens() + timings.generatedTokens(),
                        timings.generatedTokensPerSecond());
            }
            observers.tell();
        }

        /** @param problem null: it was cancelled before the decision */
        void failed(@Nullable String problem) {
            keep();
            String id = turn;
            running = null;
            if (id != null) {
                chats.end(chat, id, Answer.FAILED, 0, 0);
            }
            observers.tell();
            if (problem != null) {
                problems.accept(problem);
            }
        }
    }
}
