package dev.demur.cli.ask;

import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.calibration.Provenance;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.PolicyPlace;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Patience;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import dev.demur.cli.terminal.WordWrap;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.policy.Decision;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A conversation with a person: what the lines of {@code demur chat} do. */
public final class Chat {

    private final Demur demur;
    private final Conversation conversation;
    private final GenerationOptions options;
    private final Terminal terminal;
    private final AtomicReference<@Nullable Cancellation> running = new AtomicReference<>();
    private final boolean strict;
    private ChosenPolicy chosen;
    private Processing expected; // what is other is told once
    private @Nullable Decided last;

    /** The last decision, and the policy that made it. */
    private record Decided(Decision decision, RefusalPolicy policy) {}

    /**
     * A chat that has not begun.
     *
     * @param expected where the logits are to be read
     * @param strict whether any difference from what a policy was calibrated with is an error
     */
    public Chat(
            Demur demur,
            Conversation conversation,
            GenerationOptions options,
            ChosenPolicy chosen,
            Processing expected,
            boolean strict,
            Terminal terminal) {
        this.demur = demur;
        this.conversation = conversation;
        this.options = options;
        this.chosen = chosen;
        this.expected = expected;
        this.strict = strict;
        this.terminal = terminal;
    }

    /**
     * Answers a message.
     *
     * @param width how many columns the answer has, as it comes; 0 for as many as it takes
     */
    public void say(String message, IntSupplier width) {
        Cancellation cancellation = new Cancellation();
        running.set(cancellation);
        try (Answer answer = new Answer(width)) {
            answer.patience.begin("thinking");
            GenerationOptions now = options.withPolicy(chosen.policy()).withCancellation(cancellation);
            Generation generation = conversation.ask(message, now, answer);
            answer.end();
            terminal.print("\n");
            end(generation);
        } catch (CancellationException e) {
            note("(interrupted before the decision: the message was dropped)");
        } finally {
            running.set(null);
        }
    }

    private void end(Generation generation) {
        AnswerText.warnOfProcessing(terminal, expected, generation);
        expected = generation.processing();
        if (generation.finishReason() == FinishReason.LENGTH) {
            AnswerText.noteCut(terminal, generation);
        } else if (generation.finishReason() == FinishReason.CANCELLED) {
            note("(interrupted)");
        }
    }

    /** Ends the answer that is being written, if one is; from any thread. */
    public void interrupt() {
        Cancellation cancellation = running.get();
        if (cancellation != null) {
            cancellation.cancel();
        }
    }

    /** Writes an answer as it comes. */
    private final class Answer implements GenerationListener, AutoCloseable {

        private final IntSupplier width;
        private final WordWrap wrap;
        private final Patience patience = new Patience(terminal);

        Answer(IntSupplier width) {
            this.width = width;
            this.wrap = new WordWrap(width, terminal::printText);
        }

        @Override
        public void decided(Decision decision) {
            patience.end();
            last = new Decided(decision, chosen.policy());
            if (!(decision instanceof Decision.Respond)) {
                terminal.error(DecisionText.headline(decision, terminal.errStyle()));
                AnswerText.showHint(terminal, decision, chosen.policy(), width.getAsInt(), true);
            }
            AnswerText.warnOfCoverage(terminal, decision);
            patience.begin("thinking");
        }

        @Override
        public void text(String piece) {
            patience.end();
            wrap.text(piece);
        }

        /** The last piece has come. */
        void end() {
            patience.end();
            wrap.end();
        }

        @Override
        public void close() {
            patience.close();
        }
    }

    private void note(String text) {
        terminal.error(terminal.errStyle().dim(text));
    }

    /**
     * Shows the numbers of the last decision.
     *
     * @param columns of the terminal; 0 where that is not known
     */
    public void why(int columns) {
        Decided decided = last;
        if (decided == null) {
            throw new UsageException("/why: nothing has been decided yet");
        }
        AnswerText.showDecision(terminal, decided.decision, decided.policy, columns, true);
        note("(read by " + DecisionText.readout(demur) + ")");
    }

    /** Decides by the policy in this file from now on. */
    public void policy(Path file) {
        RefusalPolicy read = PolicyFile.read(file);
        read.requireFits(demur.labels(), demur.readout().identity(), file.toString());
        ChosenPolicy next = new ChosenPolicy(read, read, file.toString());
        check(next, systemMessage());
        PolicyCheck.warnOfUnnamed(read, demur.labels(), file.toString(), terminal);
        chosen = next;
        note("(policy " + file + ", rule " + read.rule().id() + ")");
    }

    /** Writes the policy as it decides now to a file, of which it then is the one. */
    public void savePolicy(Path file) {
        PolicyPlace place = PolicyPlace.of(file);
        RefusalPolicy policy = chosen.policy();
        place.write(PolicyFile.write(policy).getBytes(StandardCharsets.UTF_8));
        chosen = new ChosenPolicy(policy, policy, file.toString());
        note("(saved the policy, rule " + policy.rule().id() + ", as " + file + ")");
    }

    /** Changes one threshold of the policy, as {@code --threshold} does. */
    public void threshold(String change) {
        PolicyOptions changed;
        try {
            changed = PolicyOptions.ofThreshold(change);
            RefusalPolicy policy =
                    changed.choose(demur.readout(), chosen::policy).policy();
            ChosenPolicy next = ChosenPolicy.of(policy, chosen.calibrated(), chosen.source());
            check(next, systemMessage());
            chosen = next;
        } catch (UsageException e) {
            throw new UsageException(inChat(e.getMessage()), e);
        }
        for (String warning : changed.withoutEffect(chosen.policy())) {
            Warning.show(terminal, inChat(warning));
        }
    }

    /** A message about an option as one about the command of its name. */
    private static String inChat(@Nullable String message) {
        return String.valueOf(message).replace("--threshold", "/threshold");
    }

    /** Says how what runs differs from what a policy was calibrated with, or fails over it. */
    private void check(ChosenPolicy policy, @Nullable String system) {
        PolicyCheck.show(Provenance.of(policy.calibrated(), demur, system), policy.source(), strict, terminal);
    }

    private @Nullable String systemMessage() {
        return conversation.history().stream()
                .filter(message -> message.role() == Message.Role.SYSTEM)
                .map(Message::content)
                .findFirst()
                .orElse(null);
    }

    /** Puts this system message first in place of the one that is there; an empty one takes it away. */
    public void system(String text) {
        check(chosen, text.isEmpty() ? null : text);
        List<Message> messages = new ArrayList<>(conversation.history());
        messages.removeIf(message -> message.role() == Message.Role.SYSTEM);
        if (!text.isEmpty()) {
            messages.add(0, Message.system(text));
        }
        replace(messages);
    }

    /** Forgets the conversation but for the system message. */
    public void reset() {
        List<Message> messages = new ArrayList<>(conversation.history());
        messages.removeIf(message -> message.role() != Message.Role.SYSTEM);
        replace(messages);
        last = null;
        note("(a new conversation)");
    }

    private void replace(List<Message> messages) {
        conversation.reset();
        conversation.add(messages.toArray(Message[]::new));
    }

    /** Goes on with the conversation in a file, whose system message, if it has one, takes the place of this one. */
    public void load(Path file) {
        List<Message> messages = SavedChat.read(file);
        for (Message message : messages) {
            String decision = message.decision();
            if (decision != null && demur.labels().indexOfLabel(decision) < 0) {
                throw new DemurException(file + ": decision " + Text.oneLine(decision)
                        + " is none of this model's: it has " + demur.labels().categoryIds() + " and respond");
            }
        }
        check(
                chosen,
                messages.stream()
                        .filter(message -> message.role() == Message.Role.SYSTEM)
                        .map(Message::content)
                        .findFirst()
                        .orElse(null));
        replace(messages);
        last = null;
        note("(loaded " + messages.size() + " messages from " + file + ")");
    }

    /** Writes the conversation to a file. */
    public void save(Path file) {
        SavedChat.write(file, conversation.history());
        note("(saved " + conversation.history().size() + " messages as " + file + ")");
    }
}
