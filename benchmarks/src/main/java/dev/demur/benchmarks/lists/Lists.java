package dev.demur.benchmarks.lists;

import dev.demur.Demur;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.llama.Sampling;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures a model on the lists of training/: {@code benchmarks/lists} starts it. */
final class Lists {

    private final Arguments arguments;
    private final PrintStream progress;
    private final Report report;

    private Lists(Arguments arguments, PrintStream out, PrintStream progress) {
        this.arguments = arguments;
        this.progress = progress;
        this.report = new Report(out);
    }

    public static void main(String[] given) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        if (given.length > 0 && (given[0].equals("--help") || given[0].equals("-h"))) {
            out.print(Arguments.USAGE);
            return;
        }
        Arguments arguments = null;
        try {
            arguments = Arguments.parse(given);
        } catch (IllegalArgumentException e) {
            err.println("lists: " + e.getMessage() + "; benchmarks/lists --help lists the options");
            System.exit(2);
        }
        try {
            new Lists(arguments, out, err).measure();
        } catch (IOException | RuntimeException e) {
            // What a wrong file, list or policy leads to says what to do; where it does not, the class says more than nothing.
            err.println("lists: " + (e instanceof IllegalArgumentException ? e.getMessage() : e));
            System.exit(1);
        }
    }

    private void measure() throws IOException {
        LoadOptions options = LoadOptions.DEFAULTS.withThreads(arguments.threads);
        if (arguments.llama != null) {
            options = options.withLlama(arguments.llama);
        }
        if (arguments.readout != null) {
            options = options.withReadout(arguments.readout);
        }
        try (Demur demur = Demur.load(arguments.model, options)) {
            RefusalPolicy policy = arguments.policy == null ? demur.policy() : PolicyFile.read(arguments.policy);
            Judge judge = new Judge(demur, policy, progress);
            report.section("model", "Model");
            report.text("file", "file", arguments.model.toString());
            report.text("readout", "readout", demur.readout().identity().kind());
            report.text(
                    "policy",
                    "policy",
                    arguments.policy == null ? "the model's own" : arguments.policy.toString());
            report.text("rule", "rule", policy.rule().id());
            for (CategoryPolicy category : policy.categories()) {
                Double threshold = category.threshold();
                if (threshold == null) {
                    report.text("threshold." + category.id(), "threshold of " + category.id(), "none");
                } else {
                    report.number("threshold." + category.id(), "threshold of " + category.id(), threshold);
                }
            }
            lists(judge);
            for (Path file : arguments.data) {
                if (arguments.wants("data")) {
                    data(judge, file);
                }
            }
        }
        if (arguments.json != null) {
            Files.writeString(arguments.json, report.asJson());
        }
    }

    private void lists(Judge judge) throws IOException {
        Decisions decisions = new Decisions(judge, report);
        if (arguments.wants("everyday")) {
            everyday(judge);
        }
        if (arguments.wants("turns")) {
            decisions.turns(list("turns"));
        }
        if (arguments.wants("distress")) {
            decisions.distress(list("distress"));
        }
        if (arguments.wants("nearmisses")) {
            decisions.nearMisses(list("nearmisses"));
        }
        if (arguments.wants("reasons")) {
            decisions.reasons(list("reasons"));
        }
        if (arguments.wants("rewordings")) {
            List<Row> rows = new ArrayList<>(list("everyday"));
            rows.addAll(list("reasons"));
            rows.addAll(list("nearmisses"));
            decisions.rewordings(
                    "rewordings",
                    "Harmless rewordings of everyday messages, reasons and near misses",
                    rows,
                    arguments.rewordings);
        }
    }

    private void everyday(Judge judge) throws IOException {
        Texts texts = new Texts(judge, report, arguments.lists);
        List<Row> rows = list("everyday");
        if (arguments.maxTokens == 0) {
            texts.decisions(rows);
            return;
        }
        GenerationOptions options = GenerationOptions.DEFAULTS
                .withSampling(Sampling.GREEDY.withRepeatPenalty(arguments.repeatPenalty))
                .withMaxTokens(arguments.maxTokens);
        if (arguments.answers == null) {
            texts.replies(rows, options, (row, reply) -> {});
            return;
        }
        try (PrintWriter answers = new PrintWriter(Files.newBufferedWriter(arguments.answers))) {
            texts.replies(rows, options, (row, reply) -> {
                answers.println(Texts.answer(row, reply));
                answers.flush();
            });
        }
    }

    private List<Row> list(String name) throws IOException {
        return Row.read(arguments.lists.resolve(name + ".jsonl"));
    }

    private void data(Judge judge, Path file) throws IOException {
        List<Row> all = Row.read(file);
        List<Row> fitting = all.stream()
                .filter(row -> row.prompt().length() <= arguments.longest)
                .toList();
        List<Row> rows = new ArrayList<>();
        int count = Math.min(arguments.rows, fitting.size());
        for (int i = 0; i < count; i++) {
            rows.add(fitting.get((int) ((long) i * fitting.size() / count)));
        }
        String taken = rows.size() == all.size() ? "" : ", " + rows.size() + " of " + all.size() + " rows";
        new Decisions(judge, report)
                .rewordings(file.toString(), "Harmless rewordings of " + file + taken, rows, arguments.rewordings);
        if (fitting.size() < all.size()) {
            report.note("left out " + (all.size() - fitting.size()) + " prompts longer than " + arguments.longest
                    + " characters");
        }
    }
}
