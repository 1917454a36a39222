package dev.demur.cli.ask;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/** The lines of a chat as a person types them: with editing, history and completion of commands, by JLine. */
public final class TypedLines implements ChatLines {

    private static final String PROMPT = "> ";

    /** Has the terminal mark what is pasted, so that line ends in it send nothing. */
    private static final String MARK_PASTES = "\u001b[?2004h";

    private static final int LONGEST_MARK = 8;
    private static final Pattern LINE_END = Pattern.compile("\r\n?");
    private static final String LEAVE_PASTES = "\u001b[?2004l";

    private final org.jline.terminal.Terminal terminal;
    private final LineReader reader;

    /** Kept, because JLine may have to run a program to learn it. */
    private volatile int width;

    /**
     * Lines typed at the process's own terminal.
     *
     * @param charset the terminal's, which JLine would take from the locale even where that names none
     * @param commands what completion offers
     */
    public TypedLines(Charset charset, List<String> commands) {
        this(systemTerminal(charset), commands);
    }

    /** Lines typed at this terminal, which is closed with them. */
    public TypedLines(org.jline.terminal.Terminal terminal, List<String> commands) {
        this.terminal = terminal;
        DefaultParser parser = new DefaultParser();
        parser.setEscapeChars(new char[0]); // a message is text: no character in it is JLine's
        parser.setQuoteChars(new char[0]);
        this.reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .parser(parser)
                .completer(new StringsCompleter(commands))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        reader.getWidgets().put(LineReader.BEGIN_PASTE, this::paste);
        if (isAble()) {
            // What is typed or pasted while an answer comes is kept as it is, and shown at the next prompt.
            Attributes quiet = terminal.getAttributes();
            quiet.setLocalFlags(EnumSet.of(Attributes.LocalFlag.ICANON, Attributes.LocalFlag.ECHO), false);
            quiet.setInputFlag(Attributes.InputFlag.ICRNL, false);
            terminal.setAttributes(quiet);
            terminal.handle(Signal.WINCH, signal -> measure());
            terminal.writer().write(MARK_PASTES);
            terminal.flush();
            measure();
        }
    }

    /**
     * Takes what was pasted up to its end. JLine's own way reads ahead, and repeats what it read where a second paste is
     * in there.
     */
    private boolean paste() {
        StringBuilder pasted = new StringBuilder();
        while (pasted.indexOf(LineReaderImpl.BRACKETED_PASTE_END, pasted.length() - LONGEST_MARK) < 0) {
            int c = ((LineReaderImpl) reader).readCharacter();
            if (c < 0) {
                return false; // the terminal is gone
            }
            pasted.appendCodePoint(c);
        }
        pasted.setLength(pasted.length() - LineReaderImpl.BRACKETED_PASTE_END.length());
        reader.getBuffer().write(LINE_END.matcher(pasted).replaceAll("\n"));
        return true;
    }

    private void measure() {
        width = terminal.getSize().getColumns();
    }

    private boolean isAble() {
        return !(terminal instanceof DumbTerminal) && !terminal.getType().startsWith("dumb");
    }

    private static org.jline.terminal.Terminal systemTerminal(Charset charset) {
        try {
            return TerminalBuilder.builder()
                    .system(true)
                    // Windows' console has no program that sets it up; elsewhere stty does without foreign native code.
                    .jni(System.getProperty("os.name", "").startsWith("Windows"))
                    .dumb(true)
                    .stdinEncoding(charset)
                    .stdoutEncoding(charset)
                    .build();
        } catch (IOException e) {
            throw new DemurException("the terminal cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable String next() {
        while (true) {
            try {
                return message(reader.readLine(PROMPT));
            } catch (UserInterruptException e) {
                continue; // Ctrl-C drops what was typed so far
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    /** JLine stops marking pastes behind each line. */
    private String message(String line) {
        if (isAble()) {
            terminal.writer().write(MARK_PASTES);
            terminal.flush();
            measure();
        }
        return line.replaceFirst("[\r\n]+$", "");
    }

    @Override
    public int width() {
        return width;
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
        if (isAble()) {
            terminal.writer().write(LEAVE_PASTES);
            terminal.flush();
        }
        try {
            terminal.close();
        } catch (IOException e) {
            throw new DemurException("the terminal cannot be given back: " + e.getMessage(), e);
        }
    }
}
