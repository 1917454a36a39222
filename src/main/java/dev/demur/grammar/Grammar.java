package dev.demur.grammar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A grammar that generated text must follow, from its rule {@code root} on.
 *
 * <p>Rules are {@code name ::= body}, names being letters, digits and dashes. A body is literals ({@code "text"}),
 * character classes ({@code [a-z]}, {@code [^"]}, {@code .}), names of rules and groups in parentheses, one after
 * another, with {@code |} between alternatives and {@code * + ? {3} {3,} {3,5}} for repetition; {@code #} begins a
 * comment. Escapes are {@code \n \r \t \\ \" \[ \]} and {@code \x41 \u0041 \U00000041}. A body may go on in the next
 * line behind {@code ::=}, {@code |} and within parentheses.
 *
 * <p>What is accepted here every llama.cpp reads as the same grammar. Not accepted, as it is not there: rules that can
 * begin with themselves (left recursion), what may be empty repeated without end, numbers of repetitions that make more
 * than 2,000 rules, more of anything than {@link #parse} names, and tokens in angle brackets.
 *
 * <p>Immutable.
 */
public final class Grammar {

    /** The rule that a text begins with. */
    public static final String ROOT = "root";

    /** The most characters of a grammar. */
    public static final int MOST_CHARACTERS = 256 * 1024;

    private static final int MOST_BYTES = 4 * MOST_CHARACTERS;

    private final String text;
    private final Program program;

    private Grammar(String text, Program program) {
        this.text = text;
        this.program = program;
    }

    /**
     * Checks a grammar.
     *
     * @throws GrammarException if it is none, or has more than {@value #MOST_CHARACTERS} characters or 5,000 rules,
     *     groups nested more than 64 deep, more than 200 rules and groups of which each can begin with the next, more
     *     than 10,000 ways to go on at some place, or more than 200,000 parts once repetitions are written out
     */
    public static Grammar parse(String text) {
        requireGiven(text, "text");
        if (text.length() > MOST_CHARACTERS) {
            throw new GrammarException(
                    text, 0, "it has " + text.length() + " characters: at most " + MOST_CHARACTERS + " are taken");
        }
        List<Rule> rules = new GrammarReader(text).read();
        RuleSet set = RuleSet.of(text, rules);
        LeftRecursion.check(text, set);
        Growth.check(text, set);
        return new Grammar(text, Program.of(set));
    }

    private static void requireGiven(@Nullable Object argument, String name) {
        if (argument == null) {
            throw new IllegalArgumentException(name + ": is null");
        }
    }

    /**
     * Reads and checks a file.
     *
     * @throws IllegalArgumentException if it cannot be read or is no UTF-8 text, or as {@link #parse} does; the message
     *     begins with the file's name
     */
    public static Grammar read(Path file) {
        requireGiven(file, "file");
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such grammar file", e);
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException(file + ": the grammar file may not be read: permission denied", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": the grammar file cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException(file + ": a grammar has at most " + MOST_CHARACTERS + " characters");
        }
        try {
            return parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": is not UTF-8 text", e);
        } catch (GrammarException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    Program program() {
        return program;
    }

    /** The grammar as it was given. */
    public String text() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grammar that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
