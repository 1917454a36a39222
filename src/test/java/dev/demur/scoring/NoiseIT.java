package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.llama.Kernel;
import dev.demur.policy.Reading;
import dev.demur.scoring.pass.ScoringPlan;
import dev.demur.statistics.numeric.LogOdds;
import dev.demur.suites.Repetitions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Measures how far the same prompts' scores lie apart where kernel, batch shape or llama.cpp differ, in log-odds:
 * where the default of the noise band comes from. Prints its table.
 */
class NoiseIT {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final Path PROMPTS = Path.of("examples", "prompts.jsonl");
    private static final int MOST_PROMPTS = Repetitions.of(60, Integer.MAX_VALUE);

    /** All categories' probabilities of every prompt, one after the other, with the respond token's. */
    private final Map<String, double[][]> runs = new LinkedHashMap<>();

    private static final class Kept implements ScoreSink {
        private final List<double[]> rows = new ArrayList<>();

        @Override
        public boolean wants(LabelledPrompt prompt) {
            return true;
        }

        @Override
        public void scored(LabelledPrompt prompt, Reading reading) {
            rows.add(probabilities(reading));
        }

        @Override
        public void skipped(LabelledPrompt prompt) {
            throw new AssertionError("All are wanted");
        }

        @Override
        public void failed(long line, String problem) {
            throw new AssertionError(line + ": " + problem);
        }
    }

    private static double[] probabilities(Reading reading) {
        double[] p = new double[reading.labels().count()];
        for (int i = 0; i < p.length; i++) {
            p[i] = reading.probability(i);
        }
        return p;
    }

    private static PromptSource prompts(RowLabels labels) throws IOException {
        String some = Files.readAllLines(PROMPTS).stream().limit(MOST_PROMPTS).collect(Collectors.joining("\n"));
        return new JsonlPrompts(new ByteArrayInputStream(some.getBytes(StandardCharsets.UTF_8)), labels);
    }

    private void decideOneAtATime(String name, LoadOptions options) throws IOException {
        try (Demur demur = Demur.load(MODEL, options)) {
            List<double[]> rows = new ArrayList<>();
            try (PromptSource source = prompts(new RowLabels(demur.readout()))) {
                for (LabelledPrompt next = source.next(); next != null; next = source.next()) {
                    rows.add(probabilities(demur.decide(next.text()).reading()));
                }
            }
            runs.put(name, rows.toArray(double[][]::new));
        }
    }

    private void score(String name, LoadOptions options, @Nullable ScoringPlan plan)
            throws IOException, InterruptedException {
        Kept kept = new Kept();
        try (Demur demur = Demur.load(MODEL, options)) {
            PromptScorer scorer = plan == null ? new PromptScorer(demur) : new PromptScorer(demur, plan);
            scorer.score(prompts(new RowLabels(demur.readout())), null, 1, kept);
        }
        runs.put(name, kept.rows.toArray(double[][]::new));
    }

    private void measure(String llama, LoadOptions options) throws IOException, InterruptedException {
        decideOneAtATime(
                llama + ", one prompt at a time, scalar kernel",
                options.withThreads(1).withKernel(Kernel.SCALAR));
        decideOneAtATime(llama + ", one prompt at a time, fastest kernel", options.withThreads(1));
        score(llama + ", score", options, null);
        score(llama + ", score, 8 prompts a decode", options, new ScoringPlan(1, 1, 8));
        score(llama + ", score, 16 prompts a decode", options, new ScoringPlan(1, 1, 16));
    }

    /** Distances of all scores that are in reach of a threshold, from the least to the largest. */
    private static double[] distances(double[][] run, double[][] reference) {
        assertEquals(reference.length, run.length);
        List<Double> all = new ArrayList<>();
        for (int row = 0; row < run.length; row++) {
            for (int i = 0; i < run[row].length; i++) {
                all.add(Math.abs(LogOdds.distance(run[row][i], reference[row][i])));
            }
        }
        return all.stream().mapToDouble(d -> d).sorted().toArray();
    }

    @Test
    void the_default_noise_band_holds_all_differences_that_are_measured_here()
            throws IOException, InterruptedException {
        measure("old llama.cpp", LoadOptions.DEFAULTS);
        String current = System.getProperty("demur.llama.new");
        if (current != null && !current.isEmpty()) {
            measure("current llama.cpp", LoadOptions.DEFAULTS.withLlama(Path.of(current)));
        }
        StringBuilder table = new StringBuilder("distance in log-odds from the first: median, 99 %, largest\n");
        if (runs.keySet().stream().noneMatch(name -> name.startsWith("current"))) {
            table.append("(no current llama.cpp measured: demur.llama.new names none)\n");
        }
        double[][] reference = runs.values().iterator().next();
        boolean differs = false;
        for (Map.Entry<String, double[][]> run : runs.entrySet()) {
            double[] sorted = distances(run.getValue(), reference);
            double high = sorted[(int) (0.99 * sorted.length)];
            double largest = sorted[sorted.length - 1];
            table.append(
                    String.format("%-58s %.2e %.2e %.2e%n", run.getKey(), sorted[sorted.length / 2], high, largest));
            differs |= largest > 0;
            assertTrue(largest <= EvaluationOptions.DEFAULT_NOISE, table.toString());
            assertTrue(Arrays.stream(sorted).allMatch(Double::isFinite), table.toString());
        }
        System.out.print(table);
        assertTrue(differs, "Nothing differed, so that nothing was measured:\n" + table);
    }
}
