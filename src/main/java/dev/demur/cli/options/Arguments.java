package dev.demur.cli.options;

import dev.demur.cli.terminal.Decimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** What was typed for one command, read by option name; what does not parse is a {@link UsageException}. */
public final class Arguments {

    private final ParseResult parsed;

    public Arguments(ParseResult parsed) {
        this.parsed = parsed;
    }

    /** Whether the option was given. */
    public boolean has(String option) {
        return parsed.hasMatchedOption(option);
    }

    /** The value of an option; null where it was not given. */
    @Nullable
    public String text(String option) {
        List<String> values = texts(option);
        return values.isEmpty() ? null : values.get(values.size() - 1);
    }

    /** The values of an option in the order in which they were given. */
    public List<String> texts(String option) {
        OptionSpec matched = parsed.matchedOption(option);
        return matched == null ? List.of() : matched.stringValues();
    }

    /** The command's positional argument, by the name that help gives it. */
    public String positional(String label) {
        PositionalParamSpec matched = parsed.matchedPositional(0);
        if (matched == null) {
            throw new UsageException(
                    label + " is missing: " + parsed.commandSpec().qualifiedName() + " " + label);
        }
        return matched.stringValues().get(0);
    }

    @Nullable
    public Path path(String option) {
        String value = text(option);
        return value == null ? null : path(option, value);
    }

    public static Path path(String name, String value) {
        if (value.isEmpty()) {
            throw new UsageException(name + " is empty: name a file");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new UsageException(name + " '" + value + "' is no file name in this locale: set LC_ALL to one with"
                    + " UTF-8, as LC_ALL=C.UTF-8, or use another name");
        }
    }

    /** A whole number within bounds, or {@code otherwise} where the option was not given. */
    public long integer(String option, long low, long high, long otherwise) {
        return integer(option, low, high, otherwise, "");
    }

    /** A whole number within bounds, or {@code otherwise} where the word or nothing was given. */
    public long integerOr(String word, String option, long low, long high, long otherwise) {
        return word.equals(text(option)) ? otherwise : integer(option, low, high, otherwise, ", or " + word);
    }

    private long integer(String option, long low, long high, long otherwise, String alternative) {
        String value = text(option);
        if (value == null) {
            return otherwise;
        }
        String wanted = "a whole number from " + low + " to " + high + alternative;
        long number;
        try {
            number = Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw outOfRange(option, value, wanted);
        }
        if (number < low || number > high) {
            throw outOfRange(option, value, wanted);
        }
        return number;
    }

    /** A number within bounds, which belong to it, or {@code otherwise} where the option was not given. */
    public double number(String option, double low, double high, double otherwise) {
        String value = text(option);
        if (value == null) {
            return otherwise;
        }
        double number = parse(value);
        if (!(number >= low && number <= high)) {
            throw outOfRange(option, value, "a number from " + Decimal.plain(low) + " to " + Decimal.plain(high));
        }
        return number;
    }

    /** A finite number above 0, or {@code otherwise} where the option was not given. */
    public double positive(String option, double otherwise) {
        String value = text(option);
        if (value == null) {
            return otherwise;
        }
        double number = parse(value);
        if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
            throw outOfRange(option, value, "a number above 0");
        }
        return number;
    }

    /** A share above 0 and below 1, or {@code otherwise} where the option was not given. */
    public double openShare(String option, double otherwise) {
        String value = text(option);
        if (value == null) {
            return otherwise;
        }
        double number = parse(value);
        if (!(number > 0 && number < 1)) {
            throw outOfRange(option, value, "a number above 0 and below 1, as 0.05 for 5 %");
        }
        return number;
    }

    /** One of these values; null where the option was not given. */
    @Nullable
    public String oneOf(String option, List<String> values) {
        String value = text(option);
        if (value != null && !values.contains(value)) {
            throw outOfRange(option, value, "one of " + String.join(", ", values));
        }
        return value;
    }

    /** The number that the text is, and NaN for what a person would not call a number. */
    public static double parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
                return Double.NaN; // parseDouble takes hexadecimal numbers, the suffixes d and f, and spaces
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static UsageException outOfRange(String option, String value, String wanted) {
        return new UsageException(option + " is '" + value + "': it must be " + wanted);
    }
}
