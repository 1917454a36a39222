package dev.demur.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments as they were typed.
 *
 * <p>In a locale without an encoding (C, POSIX: the usual one in containers) Java turns every byte that is not ASCII into
 * U+FFFD, so that another prompt would be decided than the one that was asked. On Linux the bytes can be read again.
 */
final class RawArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char LOST = '\ufffd';

    private RawArguments() {}

    /**
     * The arguments, read again as UTF-8 where Java lost characters and the system still has them.
     *
     * @throws UsageException if one of them is not UTF-8: what was meant cannot be told
     */
    static String[] restored(String[] args) {
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
