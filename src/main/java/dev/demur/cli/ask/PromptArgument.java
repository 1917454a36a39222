package dev.demur.cli.ask;

import dev.demur.DemurException;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.FileContent;
import dev.demur.cli.options.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** The prompt: what was typed, or, for {@code -}, what standard input holds. */
public final class PromptArgument {

    private static final String STANDARD_INPUT = "-";

    /** More than any context holds. */
    private static final int LARGEST = 64 << 20;

    private PromptArgument() {}

    /**
     * The prompt's text.
     *
     * @throws UsageException if it is empty
     * @throws DemurException if standard input cannot be read or is not UTF-8
     */
    public static String read(String argument, InputStream in) {
        String prompt = argument.equals(STANDARD_INPUT) ? readAll(in) : argument;
        if (prompt.isBlank()) {
            throw new UsageException("the prompt is empty: give a text in quotes, or - to read it from standard input");
        }
        if (FileContent.namesModel(argument) && Files.exists(Arguments.path("PROMPT", argument))) {
            throw new UsageException("the prompt is the file " + argument + ": give the model by --model " + argument
                    + ", and a prompt in quotes");
        }
        return prompt;
    }

    private static String readAll(InputStream in) {
        byte[] bytes;
        try {
            bytes = in.readNBytes(LARGEST + 1);
        } catch (IOException e) {
            throw new DemurException("standard input cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length > LARGEST) {
            throw new DemurException("standard input is larger than 64 MiB: give a shorter prompt");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return withoutLineEnd(withoutMark(text));
        } catch (CharacterCodingException e) {
            throw new DemurException("standard input is not UTF-8 text: convert it first", e);
        }
    }

    /** The byte order mark that some editors begin a file with is no part of the prompt. */
    private static String withoutMark(String text) {
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    /** The line end that {@code echo} and editors add is no part of the prompt. */
    private static String withoutLineEnd(String text) {
        int end = text.length();
        if (text.endsWith("\n")) {
            end -= text.endsWith("\r\n") ? 2 : 1;
        }
        return text.substring(0, end);
    }
}
