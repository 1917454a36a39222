package dev.demur.cli.calibrate;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.calibration.Provenance;
import dev.demur.cli.files.DataFile;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PresetText;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Progress;
import dev.demur.cli.terminal.Terminal;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.evaluation.TextEvaluation;
import dev.demur.evaluation.TextEvaluator;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The part of {@code eval} that runs the model: its replies to the prompts that were scored.
 *
 * @param data the prompts
 * @param maxTokens the most tokens of a reply
 * @param model how to run the model
 */
public record Replies(Path data, int maxTokens, ModelOptions model) {

    private static final String TEXT = "--text";
    private static final String DATA = "--data";
    private static final String MAX_TOKENS = "--max-tokens";

    /** A refusal tells what it is in its first sentence. */
    private static final int DEFAULT_TOKENS = 48;

    private static final int MOST_TOKENS = 1 << 20;

    private static final int MOST_WARNINGS = 20;

    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag(
                        TEXT,
                        "Has the model reply too, and counts how often its text says what was decided. Needs"
                                + " --data."))
                .addOption(Options.file(
                        DATA,
                        "FILE",
                        "The prompts that were scored, or some of them, found by their ids. --text replies to them, and"
                                + " wrong decisions are shown with them."))
                .addOption(Options.value(
                        MAX_TOKENS, "N", "With --text: the most tokens of a reply (default: " + DEFAULT_TOKENS + ")."));
        ModelOptions.addTo(spec);
    }

    /** Null where no replies are asked for. */
    public static @Nullable Replies from(Arguments arguments) {
        Path data = arguments.path(DATA);
        if (!arguments.has(TEXT)) {
            requireNone(arguments);
            return null;
        }
        if (data == null) {
            throw new UsageException(TEXT + " needs the prompts: " + DATA + " FILE names what was scored");
        }
        int maxTokens = (int) arguments.integer(MAX_TOKENS, 1, MOST_TOKENS, DEFAULT_TOKENS);
        return new Replies(data, maxTokens, ModelOptions.from(arguments));
    }

    /** The data, if they can be read a second time; null where they cannot, or are not named. */
    public static @Nullable Path data(Arguments arguments) {
        Path data = arguments.path(DATA);
        return data == null || arguments.has(TEXT) && FileKind.of(data) != FileKind.FILE ? null : data;
    }

    private static void requireNone(Arguments arguments) {
        CommandSpec own = CommandSpec.create();
        addTo(own);
        CommandSpec file = CommandSpec.create();
        ModelOptions.addFileTo(file);
        Set<String> allowed = new HashSet<>(Set.of(DATA));
        if (arguments.has(PresetText.OPTION)) {
            file.options().forEach(option -> allowed.add(option.longestName()));
        }
        for (OptionSpec option : own.options()) {
            boolean ofScores =
                    allowed.contains(option.longestName()) || ScoredBy.OPTIONS.contains(option.longestName());
            if (!ofScores && arguments.has(option.longestName())) {
                throw new UsageException(option.longestName() + " has no effect without " + TEXT + ", which runs the"
                        + " model: add " + TEXT + " " + DATA + " FILE");
            }
        }
    }

    /**
     * Generates, with a bar on a terminal.
     *
     * @param source where the policy came from
     * @throws DemurException if the data or the model are others than were scored, or under {@code
     *     --strict-policy} differ from what the policy was calibrated with
     */
    public TextEvaluation evaluate(
            ScoredPrompts prompts,
            RefusalPolicy policy,
            String source,
            boolean strict,
            double confidence,
            Terminal terminal) {
        model.prepare(terminal);
        String system = prompts.meta().map(ScoreMeta::system).orElse(null);
        try (DataFile file = DataFile.take(data);
                Demur demur =
                        Demur.load(model.modelFile(), model.load().withParallel(LoadOptions.DEFAULTS.parallel()))) {
            PolicyCheck.show(Provenance.of(policy, demur, system), source, strict, terminal);
            TextEvaluator evaluator = new TextEvaluator(demur, prompts, policy, maxTokens);
            RowLabels labels = new RowLabels(demur.readout());
            Progress progress = new Progress(
                    terminal,
                    file.check(labels, demur.labels(), new DataFile.Allowed(DataFile.Allowed.Categories.ANY, true))
                            .rows());
            try (PromptSource rows = file.open(labels)) {
                replyToAll(rows, evaluator, progress, terminal);
            } catch (IOException e) {
                throw DataFile.unreadable(data, e);
            } finally {
                progress.clear();
            }
            TextEvaluation evaluation = evaluator.result(confidence);
            if (evaluation.generated() == 0) {
                throw new DemurException(data + ": has no row that the model could reply to");
            }
            terminal.error("replied to " + evaluation.generated() + " rows in " + progress.summary());
            return evaluation;
        }
    }

    private void replyToAll(PromptSource rows, TextEvaluator evaluator, Progress progress, Terminal terminal)
            throws IOException {
        boolean more = true;
        int bad = 0;
        while (more) {
            try {
                LabelledPrompt prompt = rows.next();
                more = prompt != null;
                if (prompt != null) {
                    reply(prompt, evaluator);
                    progress.step(true);
                }
            } catch (BadRowException e) {
                bad++;
                if (bad <= MOST_WARNINGS) {
                    progress.clear();
                    Warning.show(terminal, data + ":" + e.line() + ": " + e.getMessage());
                }
                progress.step(true);
            }
        }
    }

    private void reply(LabelledPrompt prompt, TextEvaluator evaluator) {
        try {
            evaluator.add(prompt);
        } catch (DemurException e) {
            throw new DemurException(data + ":" + prompt.line() + ": " + e.getMessage(), e);
        }
    }
}
