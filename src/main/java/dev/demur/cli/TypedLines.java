package dev.demur.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.List;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/** The lines of a chat as a person types them: with editing, history and completion of commands, by JLine. */
final class TypedLines implements ChatLines {

    private static final String PROMPT = "> ";

    private final org.jline.terminal.Terminal terminal;
    private final LineReader reader;

    /**
     * Lines typed at the process's own terminal.
     *
     * @param charset the terminal's, which JLine would take from the locale even where that names none
     * @param commands what completion offers
     */
    TypedLines(Charset charset, List<String> commands) {
        this.terminal = systemTerminal(charset);
        DefaultParser parser = new DefaultParser();
        parser.setEscapeChars(new char[0]); // a message is text: no character in it is JLine's
        parser.setQuoteChars(new char[0]);
        this.reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .parser(parser)
                .completer(new StringsCompleter(commands))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
    }

    private static org.jline.terminal.Terminal systemTerminal(Charset charset) {
        try {
            return TerminalBuilder.builder()
                    .system(true)
                    .dumb(true)
                    .stdinEncoding(charset)
                    .stdoutEncoding(charset)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("the terminal cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable String next() {
        while (true) {
            try {
                return reader.readLine(PROMPT);
            } catch (UserInterruptException e) {
                continue; // Ctrl-C drops what was typed so far
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    @Override
    public void onInterrupt(Runnable action) {
        if (terminal instanceof DumbTerminal) {
            Signals.register(Signal.INT.name(), action); // it hears no signals of its own
        } else {
            terminal.handle(Signal.INT, signal -> action.run());
        }
    }

    @Override
    public boolean areTyped() {
        return true;
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the terminal cannot be given back: " + e.getMessage(), e);
        }
    }
}
