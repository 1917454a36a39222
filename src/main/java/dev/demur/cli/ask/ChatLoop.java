package dev.demur.cli.ask;

import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.Failure;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.terminal.Terminal;
import java.util.List;
import java.util.Locale;

/** Reads lines and does what they say, until one says to end or no more come. */
public final class ChatLoop {

    public static final List<String> COMMANDS =
            List.of("/why", "/policy", "/threshold", "/system", "/save", "/load", "/reset", "/help", "/exit", "/quit");

    private static final String SAVE = "save";

    private static final String HELP = """
            /why               shows the numbers of the last decision
            /policy FILE       decides by this policy from now on
            /policy save FILE  writes the policy, with the thresholds as they are now, to a file
            /threshold ID=T    refuses as the category ID if its score is T or more; T may be none
            /system TEXT       sets the system message; without a text takes it away
            /save FILE         writes the conversation to a file, as JSON
            /load FILE         goes on with a conversation that was saved
            /reset             begins a new conversation, with the same system message
            /help              shows this
            /exit, /quit       ends the chat, as Ctrl-D does
            //TEXT             is the message /TEXT
            """;

    private final Chat chat;
    private final Terminal terminal;
    private boolean failed;
    private boolean ended;

    public ChatLoop(Chat chat, Terminal terminal) {
        this.chat = chat;
        this.terminal = terminal;
    }

    /** Runs to the end and returns the exit status. */
    public int run(ChatLines lines) {
        while (!ended) {
            String line = lines.next();
            if (line == null) {
                break;
            }
            if (!line.isBlank()) {
                attempt(line, lines);
            }
        }
        return failed && !lines.areTyped() ? ExitStatus.FAILURE : ExitStatus.SUCCESS;
    }

    /** What goes wrong with one line is told in one line, and the chat goes on. */
    private void attempt(String line, ChatLines lines) {
        try {
            if (line.startsWith("//")) {
                chat.say(line.substring(1), lines::width);
            } else if (line.startsWith("/")) {
                command(line, lines.width());
            } else {
                chat.say(line, lines::width);
            }
        } catch (Terminal.OutputException e) {
            throw e; // nobody hears the answers any more
        } catch (RuntimeException e) {
            failed = true;
            Failure.show(e, terminal);
        }
    }

    private void command(String line, int columns) {
        String[] words = line.split("\\s+", 2);
        String name = words[0].toLowerCase(Locale.ROOT);
        String argument = words.length > 1 ? words[1].strip() : "";
        switch (name) {
            case "/why" -> chat.why(columns);
            case "/policy" -> policy(name, argument);
            case "/threshold" -> chat.threshold(required(name, "ID=T", argument));
            case "/system" -> chat.system(argument);
            case "/save" -> chat.save(Arguments.path(name, required(name, "FILE", argument)));
            case "/load" -> chat.load(Arguments.path(name, required(name, "FILE", argument)));
            case "/reset" -> chat.reset();
            case "/help" -> terminal.errorText(HELP);
            case "/exit", "/quit" -> ended = true;
            default ->
                throw new UsageException("there is no command " + words[0]
                        + ": /help lists the commands, and //TEXT is the message /TEXT");
        }
    }

    private void policy(String name, String argument) {
        String[] words = argument.split("\\s+", 2);
        if (words[0].equals(SAVE)) {
            String file = required(name + " " + SAVE, "FILE", words.length > 1 ? words[1] : "");
            chat.savePolicy(Arguments.path(name, file));
        } else {
            chat.policy(Arguments.path(name, required(name, "FILE", argument)));
        }
    }

    private static String required(String name, String label, String argument) {
        if (argument.isEmpty()) {
            throw new UsageException(name + " needs a value: " + name + " " + label);
        }
        return argument;
    }
}
