package dev.demur.cli.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds out what the standard streams of the process are connected to. */
public final class StandardStreams {

    private StandardStreams() {}

    public static Terminal.Output output(OutputStream stream, int descriptor, String encodingProperty) {
        boolean isTerminal = isTerminal(descriptor);
        Charset declared = declaredCharset(encodingProperty);
        // Where the locale names no encoding (C, POSIX) nothing but ASCII would arrive; UTF-8 loses nothing.
        Charset charset = declared.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : declared;
        boolean colours = isTerminal && takesColours(System.getenv("NO_COLOR"), System.getenv("TERM"));
        return new Terminal.Output(
                stream, charset, isTerminal, new Style(colours, declared.equals(StandardCharsets.UTF_8)));
    }

    /** Whether a terminal should be sent colours; see no-color.org. */
    public static boolean takesColours(@Nullable String noColor, @Nullable String term) {
        boolean unwanted = noColor != null && !noColor.isEmpty();
        boolean windows = System.getProperty("os.name", "").startsWith("Windows");
        boolean able = windows ? System.getenv("WT_SESSION") != null || term != null : term != null;
        return able && !unwanted && !"dumb".equals(term);
    }

    private static Charset declaredCharset(String property) {
        String name = System.getProperty(property); // since Java 19
        if (name == null) {
            name = System.getProperty("native.encoding", "US-ASCII");
        }
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII;
    }

    /** Java does not tell for each stream; Linux does, elsewhere all streams are taken to go where the console does. */
    public static boolean isTerminal(int descriptor) {
        if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
            try {
                Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
                return isTerminalDevice(target.toString());
            } catch (IOException e) {
                return false; // a closed stream, or no /proc: nothing that colours would reach
            }
        }
        if (System.getProperty("jdk.console") == null) {
            // Java 22 to 24 have a console of another module by default, which is there without a terminal, too.
            System.setProperty("jdk.console", "java.base");
        }
        return System.console() != null;
    }

    public static boolean isTerminalDevice(String device) {
        return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
    }
}
