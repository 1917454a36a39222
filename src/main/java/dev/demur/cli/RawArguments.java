package dev.demur.cli;

import dev.demur.cli.options.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arguments as they were typed.
 *
 * <p>In a locale without an encoding (C, POSIX: the usual one in containers) Java turns every byte that is not ASCII into
 * U+FFFD, so that another prompt would be decided than the one that was asked. On Linux the bytes can be read again. On
 * Windows Java gets its arguments in the system's code page, in which every character of another script is a question mark;
 * {@code demur.cmd} leaves them in a variable besides, and variables keep all characters.
 */
final class RawArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char LOST = '\ufffd';
    private static final String VARIABLE = "DEMUR_ARGUMENTS";

    /** What every code page has, or what one may lack. */
    private static final Pattern PARTS = Pattern.compile("(\\p{ASCII}+)|\\P{ASCII}+");

    private RawArguments() {}

    /**
     * The arguments, read again as UTF-8 where Java lost characters and the system still has them.
     *
     * @throws UsageException if one of them is not UTF-8: what was meant cannot be told
     */
    static String[] restored(String[] args) {
        String given = System.getenv(VARIABLE);
        if (given != null && System.getProperty("os.name", "").startsWith("Windows")) {
            return restored(args, given);
        }
        if (!String.join("", args).contains(String.valueOf(LOST)) || !Files.isReadable(COMMAND_LINE)) {
            return args;
        }
        try {
            return restored(args, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException e) {
            return args; // nothing better than what Java made of them
        }
    }

    /**
     * The arguments as a variable has them, if these are the same but for characters that were lost: an older variable may
     * have been left behind by a program that started this one.
     *
     * @param line the arguments as they were typed, quotes included
     */
    static String[] restored(String[] args, String line) {
        List<String> typed = split(line);
        if (typed.size() != args.length) {
            return args;
        }
        for (int i = 0; i < args.length; i++) {
            if (!isWhatIsLeftOf(args[i], typed.get(i))) {
                return args;
            }
        }
        return typed.toArray(String[]::new);
    }

    /** A code page writes a character that it lacks as a question mark or as a similar one, or as two of them. */
    private static boolean isWhatIsLeftOf(String left, String typed) {
        StringBuilder pattern = new StringBuilder();
        for (Matcher part = PARTS.matcher(typed); part.find(); ) {
            pattern.append(part.group(1) != null ? Pattern.quote(part.group(1)) : ".+");
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(left).matches();
    }

    /** Cuts a command line as Windows' own programs do: at spaces outside of quotes; a backslash counts before a quote. */
    static List<String> split(String line) {
        List<String> arguments = new ArrayList<>();
        StringBuilder argument = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            int backslashes = 0;
            while (i < line.length() && line.charAt(i) == '\\') {
                backslashes++;
                i++;
            }
            if (backslashes > 0) {
                boolean beforeQuote = i < line.length() && line.charAt(i) == '"';
                argument.append("\\".repeat(beforeQuote ? backslashes / 2 : backslashes));
                begun = true;
                if (beforeQuote && backslashes % 2 == 1) {
                    argument.append('"');
                } else {
                    i--; // what comes next is looked at again
                }
            } else if (c == '"') {
                if (quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                    argument.append('"'); // a quote twice within quotes is one of the text
                    i++;
                } else {
                    quoted = !quoted;
                }
                begun = true;
            } else if (!quoted && (c == ' ' || c == '\t')) {
                if (begun) {
                    arguments.add(argument.toString());
                    argument.setLength(0);
                    begun = false;
                }
            } else {
                argument.append(c);
                begun = true;
            }
        }
        if (begun) {
            arguments.add(argument.toString());
        }
        return arguments;
    }

    /**
     * The arguments as they stand at the end of a command line.
     *
     * @param commandLine the whole of it, each part followed by a NUL
     * @throws UsageException if one of them is not UTF-8
     */
    static String[] restored(String[] args, byte[] commandLine) {
        List<ByteBuffer> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                parts.add(ByteBuffer.wrap(commandLine, start, i - start));
                start = i + 1;
            }
        }
        String[] restored = args.clone();
        int before = parts.size() - args.length;
        for (int i = 0; i < args.length && before >= 0; i++) {
            if (args[i].indexOf(LOST) >= 0) {
                restored[i] = decoded(args[i], parts.get(before + i));
            }
        }
        return restored;
    }

    private static String decoded(String arg, ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new UsageException("the argument '" + arg + "' is not UTF-8 text: convert it first", e);
        }
    }
}
