package dev.demur.cli.options;

import dev.demur.DemurException;
import dev.demur.cli.terminal.Terminal;
import dev.demur.monitor.AuditPlan;
import dev.demur.monitor.Monitor;
import dev.demur.monitor.MonitorOptions;
import dev.demur.monitor.WatchedRate;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What {@code monitor}, and {@code serve} with a monitor, fix when they begin.
 *
 * @param options how it watches
 * @param reference scores that drift is told against; null: the first decisions
 * @param given the options that were given, by their names
 */
public record MonitorSettings(
        MonitorOptions options, @Nullable Path reference, List<String> given) {

    private static final String LEVEL = "--level";
    private static final String DRIFT_LEVEL = "--drift-level";
    private static final String REFUSALS = "--audited-refusals";
    private static final String ANSWERS = "--audited-answers";
    private static final String FALSE_REFUSAL = "--false-refusal";
    private static final String REFUSAL = "--refusal";
    private static final String WAITING = "--most-waiting";
    private static final String REFERENCE = "--reference";

    private static final int MOST = 1_000_000;

    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.value(
                        LEVEL,
                        "A",
                        "The probability, over all time, of any alarm while all promises hold (default: 0.05)."))
                .addOption(Options.value(
                        DRIFT_LEVEL,
                        "A",
                        "The probability, over all time, of a report of drift while there is none (default: 0.05)."))
                .addOption(Options.value(
                        REFUSALS,
                        "SHARE",
                        "The share of refused prompts that is labelled, chosen by lot (default: 1)."))
                .addOption(Options.value(
                        ANSWERS,
                        "SHARE",
                        "The share of answered prompts that is labelled, chosen by lot (default: 1)."))
                .addOption(Options.repeatable(
                        FALSE_REFUSAL,
                        "[ID=]RATE",
                        "Watches besides that at most this share of what should be answered is refused, or reaches the"
                                + " threshold of this category."))
                .addOption(Options.repeatable(
                        REFUSAL,
                        "[ID=]RATE",
                        "Watches besides that at least this share of what should be refused is, or of this category"
                                + " reaches its threshold."))
                .addOption(Options.value(
                        WAITING,
                        "N",
                        "How many decisions may await a label; of more the earliest counts as undecided (default:"
                                + " 10000)."))
                .addOption(Options.file(
                        REFERENCE,
                        "FILE",
                        "Scores of prompts from where the decided ones come, to tell drift against. Without it the first"
                                + " decisions are what later ones are compared with."));
    }

    public static MonitorSettings from(Arguments arguments) {
        MonitorOptions defaults = MonitorOptions.DEFAULTS;
        MonitorOptions options = defaults.withLevel(arguments.openShare(LEVEL, defaults.level()))
                .withDriftLevel(arguments.openShare(DRIFT_LEVEL, defaults.driftLevel()))
                .withMostWaiting((int) arguments.integer(WAITING, 1, MOST, defaults.mostWaiting()))
                .withAudit(new AuditPlan(share(arguments, REFUSALS), share(arguments, ANSWERS)));
        for (String value : arguments.texts(FALSE_REFUSAL)) {
            options = options.withLimit(WatchedRate.falseRefusalAtMost(category(value), rate(FALSE_REFUSAL, value)));
        }
        for (String value : arguments.texts(REFUSAL)) {
            options = options.withLimit(WatchedRate.refusalAtLeast(category(value), rate(REFUSAL, value)));
        }
        List<String> given =
                List.of(LEVEL, DRIFT_LEVEL, REFUSALS, ANSWERS, FALSE_REFUSAL, REFUSAL, WAITING, REFERENCE).stream()
                        .filter(arguments::has)
                        .toList();
        return new MonitorSettings(options, arguments.path(REFERENCE), given);
    }

    private static double share(Arguments arguments, String option) {
        double share = arguments.number(option, 0, 1, 1);
        if (share == 0) {
            throw new UsageException(option + " is 0: a rate needs labels of refused and of answered prompts");
        }
        return share;
    }

    private static @Nullable String category(String value) {
        int equals = value.lastIndexOf('=');
        return equals < 0 ? null : value.substring(0, equals);
    }

    private static double rate(String option, String value) {
        double rate = Arguments.parse(value.substring(value.lastIndexOf('=') + 1));
        if (!(rate > 0 && rate < 1)) {
            throw new UsageException(
                    option + " is '" + value + "': it must be a rate above 0 and below 1, as 0.05 or safety=0.05");
        }
        return rate;
    }

    /** Begins to watch a policy that decides between these labels. */
    public Monitor begin(RefusalPolicy policy, Labels labels, Terminal terminal) {
        requireCategories(labels);
        Monitor monitor = Monitor.of(policy, labels, options);
        if (reference != null) {
            ScoredPrompts prompts = ScoreFile.read(reference, policy, warning -> Warning.show(terminal, warning));
            prompts.requireFits(policy, "policy");
            if (!prompts.labels().categoryIds().equals(labels.categoryIds())) {
                throw new DemurException(reference + ": was scored for the categories "
                        + prompts.labels().categoryIds() + ", and watched are " + labels.categoryIds());
            }
            monitor.learn(prompts);
        }
        return monitor;
    }

    /** Checks that the limits are of categories that there are. */
    private void requireCategories(Labels labels) {
        for (WatchedRate limit : options.limits()) {
            String category = limit.category();
            if (category != null && labels.indexOf(category) < 0) {
                throw new UsageException((limit.kind() == WatchedRate.Kind.REFUSAL ? REFUSAL : FALSE_REFUSAL) + ": "
                        + category + " is no category of this model, which has " + labels.categoryIds());
            }
        }
    }

    /**
     * Checks that what was given is what was given when it began; whoever could change it on the way could choose the result.
     *
     * @param fileOption the option that names the file
     */
    public void requireSame(MonitorOptions kept, Path stateFile, String fileOption) {
        if (given.contains(REFERENCE)) {
            throw new UsageException(
                    REFERENCE + " is for the first run, before " + stateFile + " was there: leave it out");
        }
        boolean same = given.stream().allMatch(name -> Objects.equals(of(name, options), of(name, kept)));
        if (!same) {
            throw new UsageException(String.join(", ", given) + ": " + stateFile
                    + " was begun with something else, which cannot be changed on the way: leave it out, or begin anew"
                    + " with another " + fileOption);
        }
    }

    private static Object of(String option, MonitorOptions options) {
        return switch (option) {
            case LEVEL -> options.level();
            case DRIFT_LEVEL -> options.driftLevel();
            case REFUSALS -> options.audit().refused();
            case ANSWERS -> options.audit().answered();
            case FALSE_REFUSAL, REFUSAL -> options.limits();
            default -> options.mostWaiting();
        };
    }
}
