package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.cli.files.DataFile;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Terminal;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.BoundedLines;
import dev.demur.monitor.AuditLabel;
import dev.demur.monitor.LogEntry;
import dev.demur.monitor.LogPlace;
import dev.demur.monitor.Monitor;
import dev.demur.monitor.MonitorFile;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells a monitor what a log has that it does not know yet. */
public final class MonitoredLog {

    /** What comes after so many warnings is as bad, and tells nobody more. */
    private static final int MOST_WARNINGS = 20;

    private final Path log;
    private final RefusalPolicy policy;
    private final Function<Labels, Monitor> begin;
    private final boolean strict;
    private final Terminal terminal;
    private @Nullable Monitor monitor;
    private long number; // of the line
    private long bad;
    private long decisions;
    private long different;

    /**
     * A log that nothing was read of yet.
     *
     * @param begin begins a monitor, where none was kept, for the labels that the log's first decision has
     * @param strict whether a bad line is an error
     */
    public MonitoredLog(
            Path log, RefusalPolicy policy, Function<Labels, Monitor> begin, boolean strict, Terminal terminal) {
        this.log = log;
        this.policy = policy;
        this.begin = begin;
        this.strict = strict;
        this.terminal = terminal;
    }

    /**
     * Reads on.
     *
     * @param kept what is known; null: nothing is
     * @param isNew whether the log is another file than that which was read
     * @return what is known then, and how far the log was read
     */
    public MonitorFile read(@Nullable MonitorFile kept, boolean isNew) {
        FileKind kind = FileKind.of(log);
        if (kind != FileKind.FILE) {
            throw new DemurException(
                    log + (kind == FileKind.MISSING ? ": there is no such file" : ": is no file: name the log itself"));
        }
        monitor = kept == null ? null : kept.monitor();
        LogPlace from = kept == null || isNew ? null : kept.log();
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = from == null ? 0 : from.position();
            if (from != null) {
                requireSame(file, from);
            }
            number = from == null ? 0 : from.lines();
            file.seek(start);
            long whole = start
                    + readLines(new BoundedLines(new BufferedInputStream(
                            Channels.newInputStream(file.getChannel())))); // closed with the file
            Monitor known = monitor;
            if (known == null) {
                throw new DemurException(log + ": has no decision that could be read");
            }
            summarise();
            return new MonitorFile(known, new LogPlace(whole, number, tail(file, whole)));
        } catch (IOException e) {
            throw DataFile.unreadable(log, e);
        }
    }

    private void requireSame(RandomAccessFile file, LogPlace from) throws IOException {
        if (file.length() < from.position() || !tail(file, from.position()).equals(from.tail())) {
            throw new DemurException(log + ": is not the log of the last run, or was changed since: if it is"
                    + " another file that goes on where that one ended, give --new-log");
        }
    }

    private static String tail(RandomAccessFile file, long position) throws IOException {
        byte[] bytes = new byte[(int) Math.min(LogPlace.TAIL, position)];
        file.seek(position - bytes.length);
        file.readFully(bytes);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Reads all whole lines, and returns how many bytes these are. */
    private long readLines(BoundedLines lines) throws IOException {
        long whole = 0;
        while (true) {
            String line;
            try {
                line = lines.next();
            } catch (BadRowException e) {
                if (!lines.ended()) {
                    break;
                }
                number++;
                whole = lines.position();
                report(place() + ": " + e.getMessage());
                continue;
            }
            if (line == null) {
                return whole;
            }
            if (!lines.ended()) {
                break;
            }
            number++;
            whole = lines.position();
            if (!line.isBlank()) {
                take(line);
            }
        }
        Warning.show(
                terminal, log + ":" + (number + 1) + ": the last line has no line feed: it is read when it is whole");
        return whole;
    }

    private String place() {
        return log + ":" + number;
    }

    private void take(String line) {
        try {
            LogEntry entry = LogEntry.parse(line, place());
            if (monitor == null && entry.hasDecision()) {
                Labels labels = entry.labels();
                policy.requireCategories(labels, "policy");
                monitor = begin.apply(labels);
            }
            if (monitor == null) {
                throw new DemurException(place() + ": the label is for a decision that no earlier line has");
            }
            tell(monitor, entry);
        } catch (DemurException | IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (monitor == null && !message.startsWith(place())) {
                throw e; // no monitor can begin, whatever the line
            }
            report(message.startsWith(place()) ? message : place() + ": " + message);
        }
    }

    private void tell(Monitor known, LogEntry entry) {
        AuditLabel label = entry.label();
        if (!entry.hasDecision()) {
            known.label(Objects.requireNonNull(entry.id()), Objects.requireNonNull(label));
            return;
        }
        Decision decision = entry.decide(policy, known.labels());
        if (label != null) {
            known.observe(decision, label);
        } else if (entry.isAudited()) {
            known.observeAudited(Objects.requireNonNull(entry.id()), decision);
        } else {
            known.observe(decision);
        }
        decisions++;
        different += entry.differsFrom(decision) ? 1 : 0;
    }

    private void report(String problem) {
        if (strict) {
            throw new DemurException(problem);
        }
        bad++;
        if (bad <= MOST_WARNINGS) {
            Warning.show(terminal, problem);
        }
    }

    private void summarise() {
        if (bad > 0) {
            Warning.show(
                    terminal,
                    log + ": " + bad + (bad == 1 ? " bad line was" : " bad lines were")
                            + " left out; if these are not any lines, the level of the alarm is not kept");
        }
        if (different > 0) {
            Warning.show(
                    terminal,
                    log + ": " + different + " of " + decisions + " decisions were others than this policy's: name"
                            + " the policy that decided");
        }
    }
}
