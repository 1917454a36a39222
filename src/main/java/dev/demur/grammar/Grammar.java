package dev.demur.grammar;

import dev.demur.DemurException;
import dev.demur.grammar.schema.JsonSchemaException;
import dev.demur.grammar.schema.SchemaGrammar;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A grammar that generated text must follow, from its rule {@code root} on.
 *
 * <p>Rules are {@code name ::= body}, names being letters, digits and dashes. A body is literals ({@code "text"}),
 * character classes ({@code [a-z]}, {@code [^"]}, {@code .}), names of rules and groups in parentheses, one after
 * another, with {@code |} between alternatives and {@code * + ? {3} {3,} {3,5}} for repetition; {@code #} begins a
 * comment. Escapes are {@code \n \r \t \\ \" \[ \]} and {@code \x41 \u0041 \U00000041}. A body may go on in the next
 * line behind {@code ::=}, {@code |} and within parentheses. A bound of a class may be none that a text can hold, as
 * {@code \x00} or a surrogate. Of two rules with one name the last counts.
 *
 * <p>What is accepted here every llama.cpp reads as the same grammar, and what all of them read in one way is accepted,
 * except for what no text can match (a literal with NUL or a surrogate in it, a range that ends before it begins) and
 * what cannot be followed: rules that can begin with themselves (left recursion), what may be empty repeated without
 * end, numbers of repetitions that make more than 2,000 rules, and more of anything than {@link #parse} names. Not all
 * of them know {@code \-} and tokens in angle brackets.
 *
 * <p>Immutable.
 */
public final class Grammar {

    /** The rule that a text begins with. */
    public static final String ROOT = "root";

    /** The most characters of a grammar. */
    public static final int MOST_CHARACTERS = 256 * 1024;

    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final String text;
    private final Program program;

    private Grammar(String text, Program program) {
        this.text = text;
        this.program = program;
    }

    /**
     * Checks a grammar. A byte order mark before it is no part of it.
     *
     * @throws GrammarException if it is none, or has more than {@value #MOST_CHARACTERS} characters or 5,000 rules,
     *     groups nested more than 64 deep, more than 200 rules and groups of which each can begin with the next, more
     *     than 10,000 ways to go on at some place, or more than 200,000 parts once repetitions are written out
     */
    public static Grammar parse(String text) {
        requireGiven(text, "text");
        return text.startsWith(BYTE_ORDER_MARK) ? parsed(text.substring(1)) : parsed(text);
    }

    private static Grammar parsed(String text) {
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
     * A grammar of which every text is JSON that fits a JSON schema.
     *
     * <p>Known are {@code type} (also a list), {@code enum}, {@code const}, {@code properties}, {@code required}, {@code
     * additionalProperties}, {@code items}, {@code prefixItems} (and the list of {@code items} with {@code
     * additionalItems} that came before it), {@code minItems}, {@code maxItems}, {@code minLength}, {@code maxLength},
     * {@code pattern}, {@code format} ({@code date}, {@code time}, {@code date-time}, {@code uuid}), {@code minimum},
     * {@code maximum}, {@code exclusiveMinimum}, {@code exclusiveMaximum}, {@code anyOf}, {@code oneOf}, {@code allOf},
     * and {@code $ref} to a place in the same schema, also to one that it is part of. Titles, descriptions, defaults and
     * examples say nothing. Every other keyword is an error that names it.
     *
     * <p>A schema says what is allowed, a grammar what is written, which is less:
     *
     * <ul>
     *   <li>Properties are written in the order in which they are declared, and others only where {@code
     *       additionalProperties} says what they are like, or where none are declared. The same holds for items behind
     *       those of {@code prefixItems}. Other properties have names without escapes, and one may come twice.
     *   <li>White space is nothing, a space, or a line end and up to 20 characters, at the places where JSON is commonly
     *       broken up; none stands before or behind the whole.
     *   <li>Numbers have at most 15 digits before the point and 15 behind it, and an exponent of two digits only where
     *       they have no bounds; so they survive as doubles. Integers have neither point nor exponent.
     *   <li>Without a {@code type} a value is of the types that the other keywords are about.
     *   <li>{@code oneOf} is fitted by exactly one of its schemas. It must be certain that no text that is written for one
     *       fits another, by types, listed values, lengths, bounds, or a property; else it is an error.
     *   <li>{@code pattern} is a regular expression without assertions but {@code ^} and {@code $} at its ends, and
     *       without references. As JSON Schema has it, it may be found anywhere in the string unless these are there.
     *   <li>What allows more than 20,000 items or characters is taken to allow 20,000.
     * </ul>
     *
     * @throws GrammarException if the text is no JSON schema, or asks for what is not supported, for more than a grammar
     *     can have, or for what no value fits; the message says where
     */
    public static Grammar ofJsonSchema(String schema) {
        requireGiven(schema, "schema");
        try {
            return parse(SchemaGrammar.of(schema));
        } catch (JsonSchemaException e) {
            throw new GrammarException(e);
        } catch (GrammarException e) {
            throw new GrammarException(
                    "the grammar of this JSON schema is too large or too ambiguous: ask for less", e);
        }
    }

    /**
     * Reads and checks a file.
     *
     * @throws DemurException if it cannot be read or is no UTF-8 text, or as {@link #parse} does; the message
     *     begins with the file's name
     */
    public static Grammar read(Path file) {
        requireGiven(file, "file");
        return read(file, "grammar", MOST_CHARACTERS, Grammar::parse);
    }

    /**
     * Reads a file with a JSON schema and makes a grammar of it.
     *
     * @throws DemurException if it cannot be read or is no UTF-8 text, or as {@link #ofJsonSchema} does; the
     *     message begins with the file's name
     */
    public static Grammar readJsonSchema(Path file) {
        requireGiven(file, "file");
        return read(file, "JSON schema", SchemaGrammar.MOST_CHARACTERS, Grammar::ofJsonSchema);
    }

    private static Grammar read(Path file, String what, int mostCharacters, Function<String, Grammar> parser) {
        int mostBytes = 4 * mostCharacters;
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(mostBytes + 1);
        } catch (NoSuchFileException e) {
            throw new DemurException(file + ": there is no such " + what + " file", e);
        } catch (AccessDeniedException e) {
            throw new DemurException(file + ": the " + what + " file may not be read: permission denied", e);
        } catch (IOException e) {
            throw new DemurException(file + ": the " + what + " file cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length > mostBytes) {
            throw new DemurException(file + ": a " + what + " has at most " + mostCharacters + " characters");
        }
        try {
            return parser.apply(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new DemurException(file + ": is not UTF-8 text", e);
        } catch (GrammarException e) {
            throw new DemurException(file + ": " + e.getMessage(), e);
        }
    }

    Program program() {
        return program;
    }

    /** The grammar as it was given, without a byte order mark. */
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
