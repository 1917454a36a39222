package dev.demur.cli.terminal;

import dev.demur.DemurException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The three streams of a command. Text leaves it at once, so that an answer is seen as it is generated and both streams
 * keep their order on a terminal.
 */
public final class Terminal {

    /** One output: where its bytes go, in which encoding, and what it can show. */
    public record Output(OutputStream stream, Charset charset, boolean isTerminal, Style style) {}

    private final InputStream in;
    private final boolean isTyped;
    private final Output out;
    private final Output err;

    /** Streams of which the input is a pipe or a file. */
    public Terminal(InputStream in, Output out, Output err) {
        this(in, false, out, err);
    }

    /**
     * Three streams.
     *
     * @param isTyped whether a person types the input at a terminal
     */
    public Terminal(InputStream in, boolean isTyped, Output out, Output err) {
        this.in = in;
        this.isTyped = isTyped;
        this.out = out;
        this.err = err;
    }

    /** The streams of the process. */
    public static Terminal ofProcess() {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                StandardStreams.isTerminal(0),
                StandardStreams.output(new FileOutputStream(FileDescriptor.out), 1, "stdout.encoding"),
                StandardStreams.output(new FileOutputStream(FileDescriptor.err), 2, "stderr.encoding"));
    }

    /** Whether a person types the input and sees the output: only then are lines edited. */
    public boolean isInteractive() {
        return isTyped && out.isTerminal();
    }

    /** The encoding of standard output, and of a terminal's input. */
    public Charset charset() {
        return out.charset();
    }

    public InputStream in() {
        return in;
    }

    public Style outStyle() {
        return out.style();
    }

    public Style errStyle() {
        return err.style();
    }

    /** Writes a result's text to standard output; on a terminal without characters that would control it. */
    public void printText(String text) {
        print(out.isTerminal() ? Text.printable(text) : text);
    }

    /** Writes to standard output. */
    public void print(String text) {
        write(text.getBytes(out.charset()));
    }

    /** Writes JSON to standard output, which is UTF-8 wherever it goes. */
    public void printJson(String json) {
        write(json.getBytes(StandardCharsets.UTF_8));
    }

    private void write(byte[] bytes) {
        try {
            out.stream().write(bytes);
            out.stream().flush();
        } catch (IOException e) {
            throw new OutputException(e);
        }
    }

    /** Whether lines on standard error are seen by a person now, and can be written over. */
    public boolean showsProgress() {
        return err.isTerminal();
    }

    /** Writes a line to standard error. */
    public void error(String line) {
        errorText(line + "\n");
    }

    /** Writes to standard error. */
    public void errorText(String text) {
        try {
            err.stream().write(text.getBytes(err.charset()));
            err.stream().flush();
        } catch (IOException e) {
            // Standard error is closed: nobody wants to be told, and there is nowhere left to tell it.
            return;
        }
    }

    /** Standard output could not be written. */
    public static final class OutputException extends DemurException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final boolean readerIsGone;

        public OutputException(IOException cause) {
            super("cannot write to standard output: " + cause.getMessage(), cause);
            String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
            readerIsGone = reason.contains("broken pipe") || reason.contains("pipe is being closed");
        }

        /** Whether the reader of a pipe has ended, as {@code head} does when it has what it wants. */
        public boolean readerIsGone() {
            return readerIsGone;
        }
    }
}
