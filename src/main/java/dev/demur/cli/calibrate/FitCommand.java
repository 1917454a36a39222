package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.calibration.Objective;
import dev.demur.cli.files.DataFile;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.files.WholeFile;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Progress;
import dev.demur.cli.terminal.Terminal;
import dev.demur.fit.FitData;
import dev.demur.fit.FitListener;
import dev.demur.fit.FitOptions;
import dev.demur.fit.FitResult;
import dev.demur.fit.HeadFitter;
import dev.demur.gguf.GgufFile;
import dev.demur.readout.Head;
import dev.demur.readout.HeadFile;
import dev.demur.readout.Wording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur fit}: a head for a model that was not trained to refuse by category, fitted on labelled prompts. */
public final class FitCommand implements Command {

    static final String DATA = "--data";
    static final String NO_STARTER = "--no-starter";
    private static final String OUT = "--out";
    private static final String EMBED = "--embed";
    private static final String STRICT = "--strict";
    private static final String ROWS = "--rows";
    private static final String SEES = "--sees";
    private static final String WORDING = "--wording";
    private static final String NO_AUGMENT = "--no-augment";
    private static final String KEEP_FEATURES = "--keep-features";
    private static final String FALSE_REFUSAL = "--target-false-refusal";
    private static final String REFUSAL = "--target-refusal";
    private static final String CONFIDENCE = "--confidence";

    /** What the model gave, beside the head that is to be. */
    private static final String FEATURES = ".features";

    private static final int MOST_ROWS = 1_000_000;

    @Override
    public String name() {
        return "fit";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Makes any model decide: fits a head on labelled prompts.")
                .description(
                        "",
                        "Runs a model once over labelled prompts and fits a head, a small file beside it, by which every"
                                + " command decides with that model. The model stays as it is, and so does its text. A run"
                                + " that was ended goes on where it stopped when it is given again.")
                .footer(
                        "",
                        "Data are as for demur score, and may have a field \"source\", the name of the data",
                        "set that a row comes from: how the head is fitted is then chosen on sources",
                        "that were left out. Without --data, and beside few rows of one's own, the",
                        "prompts that come with Demur are taken (examples/starter.jsonl).",
                        "",
                        "Examples:",
                        "  demur fit --model any.gguf",
                        "  demur fit --model any.gguf --data mine.jsonl --target-false-refusal 0.05",
                        "  demur fit --model any.gguf --data a.jsonl --data b.csv --out any.head.gguf",
                        "",
                        "Exit status: 0 success, 1 failure at run time, 2 wrong usage.");
        spec.addOption(Options.file("--model", "FILE", "The GGUF model that the head is for. It stays as it is."))
                .addOption(Options.repeatable(
                        DATA,
                        "FILE",
                        "Labelled prompts: CSV if the name ends in .csv, else JSONL. May be given several times."))
                .addOption(Options.file(
                        OUT,
                        "FILE",
                        "Where the head goes (default: beside the model, any.head.gguf for any.gguf, where every command"
                                + " finds it)."))
                .addOption(Options.file(EMBED, "FILE", "Writes a copy of the model with the head inside, too."))
                .addOption(Options.value(
                        ROWS,
                        "N",
                        "The most prompts to fit on (default: " + FitOptions.DEFAULT_ROWS
                                + "). If there are more, it takes the same number of each source, category and label, where there"
                                + " are so many."))
                .addOption(Options.choice(
                        SEES,
                        "WHAT",
                        List.of(Head.Sees.MESSAGE.id(), Head.Sees.CONVERSATION.id()),
                        "What is decided on: message, the user's last message alone, or conversation, all that came before"
                                + " it too (default: message)."))
                .addOption(Options.choice(
                        WORDING,
                        "HOW",
                        List.of(Wording.NORMALIZED.id(), Wording.AS_WRITTEN.id()),
                        "In which words the head reads messages: normalized, so that case, spaces, quotation marks, final"
                                + " marks and \"please\" change no decision, or as-written (default: normalized)."))
                .addOption(Options.flag(STRICT, "Stops at the first bad row."))
                .addOption(Options.flag(
                        DataFile.Allowed.ANY_CATEGORY,
                        "Also takes a category that looks like a known one mistyped, as one of its own. Without this option"
                                + " it is an error."))
                .addOption(Options.flag(NO_STARTER, "Leaves out the prompts that come with Demur."))
                .addOption(Options.flag(
                        NO_AUGMENT,
                        "Reads every prompt only as it is. Without it a quarter of the prompts is read in another harmless"
                                + " form too, as in lower case or in quotation marks."))
                .addOption(Options.value(
                        FALSE_REFUSAL,
                        "A",
                        "The default policy refuses at most A of what should be answered (default: the first of "
                                + FitOptions.DEFAULT_FALSE_REFUSALS.stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(", "))
                                + " that there are enough prompts to promise)."))
                .addOption(Options.value(REFUSAL, "R", "Or: it refuses at least R of what should be refused."))
                .addOption(Options.value(CONFIDENCE, "C", "Of the promise, between 0 and 1 (default: 0.95)."))
                .addOption(Options.value("--seed", "N", "Of all that is drawn (default: 1)."))
                .addOption(Options.flag(
                        KEEP_FEATURES,
                        "Leaves what was read of the model beside the head, for another fit of the same prompts."));
        ModelOptions.addMachineTo(spec);
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        ModelOptions modelOptions = ModelOptions.from(arguments);
        Path model = CalibrateCommand.required(arguments, "--model");
        FitOptions options = options(arguments);
        List<Path> files = arguments.texts(DATA).stream().map(Path::of).toList();
        boolean starter = !arguments.has(NO_STARTER);
        if (files.isEmpty() && !starter) {
            throw new UsageException(NO_STARTER + " leaves nothing to fit on: give " + DATA + " FILE");
        }
        Path named = arguments.path(OUT);
        Path out = named == null ? HeadFile.beside(model) : named;
        Path embed = arguments.path(EMBED);
        requirePlaces(model, out, embed);
        modelOptions.prepare(terminal);

        GgufFile.read(model); // that it is a model is told before anything else
        DataFile.Allowed allowed = new DataFile.Allowed(
                arguments.has(DataFile.Allowed.ANY_CATEGORY)
                        ? DataFile.Allowed.Categories.ANY
                        : DataFile.Allowed.Categories.NEW,
                true);
        FitData data = new FitPrompts(allowed, arguments.has(STRICT), terminal).read(files, starter);
        boolean replaces = Files.exists(out);
        Path features = out.resolveSibling(out.getFileName() + FEATURES);
        FileKind.requireWritable(features);
        Watch watch = new Watch(features, terminal);
        FitResult result = fit(model, modelOptions, data, options, features, arguments.has(KEEP_FEATURES), watch);
        write(result.file(), model, out, embed);
        terminal.print(new FitText(result, data).of(model, out, replaces, embed, terminal.outStyle()));
        return ExitStatus.SUCCESS;
    }

    private static FitOptions options(Arguments arguments) {
        if (arguments.has(FALSE_REFUSAL) && arguments.has(REFUSAL)) {
            throw new UsageException(FALSE_REFUSAL + " and " + REFUSAL + " exclude each other: give one of them");
        }
        double confidence = arguments.openShare(CONFIDENCE, Objective.DEFAULT_CONFIDENCE);
        List<Objective> objectives = FitOptions.falseRefusals(confidence);
        if (arguments.has(REFUSAL)) {
            objectives = List.of(new Objective.Refusal(arguments.openShare(REFUSAL, 0), confidence));
        } else if (arguments.has(FALSE_REFUSAL)) {
            objectives = List.of(new Objective.FalseRefusal(arguments.openShare(FALSE_REFUSAL, 0), confidence, false));
        }
        String sees = arguments.oneOf(SEES, List.of(Head.Sees.MESSAGE.id(), Head.Sees.CONVERSATION.id()));
        String wording = arguments.oneOf(WORDING, List.of(Wording.NORMALIZED.id(), Wording.AS_WRITTEN.id()));
        return FitOptions.builder()
                .seed(arguments.integer("--seed", 0, Long.MAX_VALUE, FitOptions.DEFAULTS.seed()))
                .forms(!arguments.has(NO_AUGMENT))
                .sees(Head.Sees.CONVERSATION.id().equals(sees) ? Head.Sees.CONVERSATION : Head.Sees.MESSAGE)
                .wording(Wording.AS_WRITTEN.id().equals(wording) ? Wording.AS_WRITTEN : Wording.NORMALIZED)
                .mostRows((int) arguments.integer(ROWS, 1, MOST_ROWS, FitOptions.DEFAULT_ROWS))
                .objectives(objectives)
                .build();
    }

    /** Before the work: that what is to be written can be, and replaces nothing else. */
    private static void requirePlaces(Path model, Path out, @Nullable Path embed) {
        requireHeadPlace(out, model);
        if (embed != null) {
            FileKind.requireWritable(embed);
            if (FileKind.isSame(embed, model) || FileKind.isSame(embed, out)) {
                throw new UsageException(EMBED + " " + embed + " is the model or the head itself: name another file");
            }
        }
    }

    private static void requireHeadPlace(Path out, Path model) {
        FileKind.requireWritable(out);
        if (FileKind.isSame(out, model)) {
            throw new UsageException(OUT + " " + out + " is the model itself: name another file");
        }
        if (Files.exists(out)) {
            try {
                HeadFile.read(out);
            } catch (IllegalArgumentException | DemurException e) {
                throw new DemurException(
                        out + ": is there already and holds no head, so it is not replaced: name another file with "
                                + OUT,
                        e);
            }
        }
    }

    private static FitResult fit(
            Path model,
            ModelOptions modelOptions,
            FitData data,
            FitOptions options,
            Path features,
            boolean keep,
            Watch watch) {
        try {
            return HeadFitter.fit(model, modelOptions.load(), data, options, features, keep, watch);
        } catch (IOException e) {
            throw new DemurException(features + ": what the model gives cannot be kept: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemurException("interrupted: give the command again to go on", e);
        } finally {
            watch.clear();
        }
    }

    private static void write(HeadFile head, Path model, Path out, @Nullable Path embed) {
        Path now = out;
        try {
            head.write(out);
            if (embed != null) {
                now = embed;
                head.embed(GgufFile.read(model), embed);
            }
        } catch (IOException e) {
            throw new DemurException(now + ": cannot be written: " + WholeFile.reason(e), e);
        }
    }

    /** Shows how far the fit is. */
    private static final class Watch implements FitListener {

        private final Path features;
        private final Terminal terminal;
        private final BadRows unreadable;
        private @Nullable Progress progress;
        private boolean reads;
        private boolean fits;

        Watch(Path features, Terminal terminal) {
            this.features = features;
            this.terminal = terminal;
            this.unreadable = BadRows.unreadable(features, terminal);
        }

        @Override
        public void reading(long rows, long resumed, boolean damaged) {
            if (damaged) {
                Warning.show(terminal, features + ": a part of it is damaged and is read of the model again");
            }
            if (resumed > 0) {
                terminal.error("going on after " + resumed + " of " + rows + " readings that are there already");
            }
            progress = new Progress(terminal, rows);
        }

        @Override
        public void row(boolean work) {
            reads |= work;
            step(work);
        }

        @Override
        public void unreadable(long line, String problem) {
            clear();
            unreadable.warn(line, problem);
        }

        @Override
        public void fitting(int step, int steps) {
            if (!fits) {
                fits = true;
                clear();
                if (progress != null && reads) {
                    terminal.error("read the prompts in " + progress.summary() + "; fitting");
                }
                progress = new Progress(terminal, steps);
            }
            step(true);
        }

        private void step(boolean work) {
            if (progress != null) {
                progress.step(work);
            }
        }

        void clear() {
            if (progress != null) {
                progress.clear();
            }
        }
    }
}
