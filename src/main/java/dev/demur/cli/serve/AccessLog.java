package dev.demur.cli.serve;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A line for each request, in names and values: never what it said, unless that is asked for. Thread-safe. */
public final class AccessLog {

    private final Consumer<String> lines;
    private final boolean withText;

    /**
     * A log.
     *
     * @param lines takes each line, without its end; called by several threads, one at a time
     * @param withText whether lines have the message that was answered, and the answer
     */
    public AccessLog(Consumer<String> lines, boolean withText) {
        this.lines = lines;
        this.withText = withText;
    }

    /** One that is written nowhere. */
    public static AccessLog none() {
        return new AccessLog(line -> {}, false);
    }

    /**
     * What is known of a request.
     *
     * @param decision as {@code refuse:safety}; null where nothing was decided
     * @param error what the client was told; null where it got an answer
     */
    record Entry(
            String id,
            String client,
            String method,
            String path,
            int status,
            long nanos,
            int promptTokens,
            int generatedTokens,
            @Nullable String decision,
            @Nullable String error,
            @Nullable String prompt,
            @Nullable String reply) {}

    void write(Entry entry) {
        StringBuilder line = new StringBuilder();
        line.append("time=").append(Instant.now().truncatedTo(ChronoUnit.MILLIS));
        line.append(" id=").append(entry.id());
        line.append(" client=").append(entry.client());
        line.append(" method=").append(word(entry.method()));
        line.append(" path=").append(word(entry.path()));
        line.append(" status=").append(entry.status());
        line.append(" ms=").append(entry.nanos() / 1_000_000);
        if (entry.promptTokens() > 0) {
            line.append(" prompt_tokens=").append(entry.promptTokens());
            line.append(" generated_tokens=").append(entry.generatedTokens());
        }
        if (entry.decision() != null) {
            line.append(" decision=").append(word(entry.decision()));
        }
        if (entry.error() != null) {
            line.append(" error=").append(quoted(entry.error()));
        }
        if (withText && entry.prompt() != null) {
            line.append(" prompt=").append(quoted(entry.prompt()));
        }
        if (withText && entry.reply() != null) {
            line.append(" reply=").append(quoted(entry.reply()));
        }
        synchronized (this) {
            lines.accept(line.toString());
        }
    }

    private static String word(String text) {
        boolean plain =
                !text.isEmpty() && text.length() <= 200 && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"');
        return plain ? text : "\"" + Quoted.cut(text) + "\"";
    }

    private static String quoted(String text) {
        return "\"" + Quoted.escaped(text) + "\"";
    }
}
