package dev.demur.cli;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.calibration.LabelledPrompt;
import dev.demur.calibration.PromptScorer;
import dev.demur.calibration.PromptSource;
import dev.demur.calibration.RowLabels;
import dev.demur.calibration.ScoreMeta;
import dev.demur.calibration.ScoreSink;
import dev.demur.calibration.ScoreWriter;
import dev.demur.llama.Processing;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur score}: the first-position probabilities of every prompt of a data set, for calibration and evaluation. */
final class ScoreCommand implements Command {

    @Override
    public String name() {
        return "score";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Scores labelled prompts, for calibrate and eval.")
                .description(
                        "",
                        "Writes the probabilities of all labels for every prompt of a data set. A run that was ended goes on"
                                + " where it stopped when it is given again.")
                .footer(
                        "",
                        "Data: JSONL with id, prompt, category (an id or none) and expected (refuse or",
                        "respond), or CSV with these names in a header. Bad rows are reported and left",
                        "out.",
                        "",
                        "Examples:",
                        "  demur score --data examples/prompts.jsonl --out scores.jsonl",
                        "  demur score --data prompts.csv --out scores.jsonl --strict --threads 8",
                        "",
                        "Exit status: 0 scored, 1 failure at run time (with --strict a bad row is one,",
                        "without it nothing but bad rows), 2 wrong usage.");
        spec.addOption(Options.file("--data", "FILE", "The prompts: CSV if the name ends in .csv, else JSONL."))
                .addOption(Options.file(
                        "--out",
                        "FILE",
                        "Where the scores go, as JSONL; what they were made with goes to FILE.meta.json beside it."))
                .addOption(Options.value("--tau", "T", "The temperature of the softmax (default: 1)."))
                .addOption(Options.flag("--strict", "Stops at the first bad row."))
                .addOption(Options.value("--system", "TEXT", "A system message before every prompt."));
        ModelOptions.addTo(spec);
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        ModelOptions modelOptions = ModelOptions.from(arguments);
        Path data = required(arguments, "--data", "the prompts to score");
        Path out = required(arguments, "--out", "the file for the scores");
        double tau = arguments.positive("--tau", RefusalPolicy.DEFAULT_TEMPERATURE);
        boolean strict = arguments.has("--strict");
        String system = arguments.text("--system");

        modelOptions.prepare(terminal);
        LoadOptions load =
                modelOptions.load().withParallel(PromptScorer.PARALLEL).withProcessing(Processing.HOST);
        try (Demur demur = Demur.load(modelOptions.modelFile(), load)) {
            PromptScorer scorer = new PromptScorer(demur);
            RowLabels labels = new RowLabels(demur.readout());
            DataFile file = DataFile.of(data, labels);
            ScoreMeta meta = scorer.meta(system, tau, file.hash());
            try (ScoreWriter writer = ScoreWriter.open(out, meta)) {
                Scores scores = new Scores(writer, file, strict, terminal);
                score(scorer, file, labels, system, tau, scores);
                return scores.finish(out);
            }
        }
    }

    private static Path required(Arguments arguments, String option, String what) {
        Path path = arguments.path(option);
        if (path == null) {
            throw new UsageException(option + " is missing: " + option + " FILE names " + what);
        }
        return path;
    }

    private static void score(
            PromptScorer scorer, DataFile file, RowLabels labels, @Nullable String system, double tau, Scores scores) {
        try (PromptSource prompts = file.open(labels)) {
            scorer.score(prompts, system, tau, scores);
        } catch (IOException e) {
            throw DataFile.unreadable(file.path(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted: give the command again to go on", e);
        } finally {
            scores.progress.clear();
        }
    }

    /** Writes what comes, shows how far it is, and reports bad rows. */
    private static final class Scores implements ScoreSink {

        private final ScoreWriter writer;
        private final DataFile file;
        private final boolean strict;
        private final Terminal terminal;
        private final Progress progress;
        private long scored;
        private long bad;

        Scores(ScoreWriter writer, DataFile file, boolean strict, Terminal terminal) {
            this.writer = writer;
            this.file = file;
            this.strict = strict;
            this.terminal = terminal;
            this.progress = new Progress(terminal, file.rows());
            if (writer.resumed() > 0) {
                terminal.error("going on after " + writer.resumed() + " rows that are scored already");
            }
        }

        @Override
        public boolean wants(LabelledPrompt prompt) {
            return writer.lacks(prompt);
        }

        @Override
        public void scored(LabelledPrompt prompt, Reading reading) {
            writer.write(prompt, reading);
            scored++;
            progress.step(true);
        }

        @Override
        public void skipped(LabelledPrompt prompt) {
            progress.step(false);
        }

        @Override
        public void failed(long line, String problem) {
            String message = file.path() + ":" + line + ": " + problem;
            if (strict) {
                throw new IllegalArgumentException(message);
            }
            progress.clear();
            Warning.show(terminal, message);
            bad++;
            progress.step(true);
        }

        int finish(Path out) {
            long all = writer.resumed() + scored;
            if (all == 0) {
                throw new IllegalArgumentException(
                        file.path() + ": " + (file.rows() == 0 ? "has no rows" : "has no row that can be scored"));
            }
            terminal.error("scored " + scored + " rows in " + progress.summary() + "; " + all + " are in " + out
                    + (bad == 0 ? "" : bad == 1 ? ", a bad one was left out" : ", " + bad + " bad ones were left out"));
            return ExitStatus.SUCCESS;
        }
    }
}
