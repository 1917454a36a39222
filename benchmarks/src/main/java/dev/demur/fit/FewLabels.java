package dev.demur.fit;

import com.google.gson.JsonObject;
import dev.demur.LoadOptions;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.policy.Labels;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Heads fitted on a few of many rows whose hidden states are kept, each by what {@code fit --no-augment} does with these rows, and
 * their probabilities for test rows. {@code benchmarks/few-labels} calls it.
 *
 * <p>Arguments: the model, a llama.cpp library or {@code -}, threads, the context size or 0, the features of the rows, how many rows
 * were asked for, whether forms were read too, the features of the test rows, the test rows, sizes, draws, a folder for the scores,
 * and the data. A size {@code =N} stands for the rows that {@code fit --rows N} takes; others are drawn at random, so that a larger
 * draw holds the smaller ones; a category with fewer than two prompts to be refused, and a kind with fewer than ten, gets the next
 * ones of the order.
 */
final class FewLabels {

    private static final int FEWEST_OF_A_CATEGORY = 2;
    private static final int FEWEST_OF_A_KIND = 10;

    private final StoredFeatures pool;
    private final StoredFeatures test;
    private final Path folder;
    private final int threads;
    private final FitData data;

    private FewLabels(StoredFeatures pool, StoredFeatures test, Path folder, int threads, FitData data) {
        this.pool = pool;
        this.test = test;
        this.folder = folder;
        this.threads = threads;
        this.data = data;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path model = Path.of(arguments[0]);
        int threads = Integer.parseInt(arguments[2]);
        int context = Integer.parseInt(arguments[3]);
        LoadOptions load = LoadOptions.DEFAULTS.withThreads(threads);
        load = arguments[1].equals("-") ? load : load.withLlama(Path.of(arguments[1]));
        load = context == 0 ? load : load.withContextSize(context);
        List<Path> files = new ArrayList<>();
        for (int i = 12; i < arguments.length; i++) {
            files.add(Path.of(arguments[i]));
        }
        FitData data = StoredFeatures.data(files);
        StoredFeatures pool = StoredFeatures.of(
                model,
                load,
                Path.of(arguments[4]),
                data,
                options(Integer.parseInt(arguments[5]), Boolean.parseBoolean(arguments[6])),
                null);
        StoredFeatures test = StoredFeatures.of(
                model,
                load,
                Path.of(arguments[7]),
                StoredFeatures.data(List.of(Path.of(arguments[8]))),
                options(Integer.MAX_VALUE, false),
                pool.rows().labels());
        Path folder = Files.createDirectories(Path.of(arguments[11]));
        FewLabels benchmark = new FewLabels(pool, test, folder, threads, data);
        for (String size : arguments[9].split(",")) {
            int draws = size.startsWith("=") ? 1 : Integer.parseInt(arguments[10]);
            for (int seed = 1; seed <= draws; seed++) {
                benchmark.run(size, seed);
            }
        }
    }

    private static FitOptions options(int rows, boolean forms) {
        return FitOptions.builder().mostRows(rows).forms(forms).build();
    }

    private void run(String size, int seed) throws IOException, InterruptedException {
        Path out = folder.resolve(size.replace("=", "chosen-") + "-" + seed + ".scores.jsonl");
        if (Files.exists(out)) {
            return;
        }
        int count = Integer.parseInt(size.replace("=", ""));
        Map<LabelledPrompt, Double> chosen = size.startsWith("=") ? data.chosen(count) : null;
        Collection<LabelledPrompt> taken = chosen == null ? drawn(count, seed) : chosen.keySet();
        FitData some = new FitData();
        taken.forEach(some::add);
        if (some.size() < count && chosen == null) {
            throw new IllegalStateException("there are only " + some.size() + " rows to draw " + count + " from");
        }
        FitRows rows = FitRows.of(some, some.labels(), options(Integer.MAX_VALUE, false));
        Picked picked = new Picked(pool, rows);
        int[] all = IntStream.range(0, rows.size()).toArray();
        double[] weights = chosen == null
                ? rows.weights()
                : rows.all().stream()
                        .mapToDouble(row -> chosen.getOrDefault(row.prompt(), 1.0))
                        .toArray();
        Design design = new Design(
                rows.labelIndices(), weights, rows.labels().count(), all, all, rows.nearDuplicates(), rows.sources());
        long begin = System.nanoTime();
        Fitting.Fitted fitted;
        try (Workers workers = new Workers(threads)) {
            fitted = new Fitting(picked, pool.width(), design, 1, workers, new StoredFeatures.Quiet())
                    .run(pool.candidates());
        }
        System.err.printf(
                "%s rows, draw %d: fitted in %.1f s; AUC %.4f on left-out sources, %.4f on the same%n",
                size,
                seed,
                (System.nanoTime() - begin) / 1e9,
                fitted.leftOut().auc(),
                fitted.alike().auc());
        write(out, rows.labels(), fitted, design.hasSources());
    }

    private void write(Path out, Labels labels, Fitting.Fitted fitted, boolean bySource) throws IOException {
        Path unfinished = out.resolveSibling(out.getFileName() + ".part");
        double[] scratch = new double[test.features().width()];
        try (BufferedWriter lines = Files.newBufferedWriter(unfinished)) {
            for (FitRow row : test.rows().all()) {
                double[] p = fitted.head().probabilities(test.features(), row.number(), scratch);
                JsonObject probabilities = new JsonObject();
                for (int i = 0; i < p.length; i++) {
                    probabilities.addProperty(labels.id(i), p[i]);
                }
                JsonObject json = new JsonObject();
                json.addProperty("id", row.prompt().id());
                json.addProperty("category", row.prompt().category());
                json.addProperty("expected", row.prompt().shouldRefuse() ? "refuse" : "respond");
                json.add("probabilities", probabilities);
                lines.write(json + "\n");
            }
        }
        JsonObject facts = new JsonObject();
        facts.addProperty("bySource", bySource);
        facts.addProperty("leftOut", fitted.leftOut().auc());
        facts.addProperty("alike", fitted.alike().auc());
        Files.writeString(folder.resolve(out.getFileName() + ".facts.json"), facts + "\n");
        Files.move(unfinished, out);
    }

    private Set<LabelledPrompt> drawn(int size, int seed) {
        List<LabelledPrompt> order = new ArrayList<>(pool.rows().all().stream()
                .filter(row -> row.form() == Form.PLAIN)
                .map(FitRow::prompt)
                .toList());
        Collections.shuffle(order, new Random(seed));
        Set<LabelledPrompt> taken = new LinkedHashSet<>(order.subList(0, Math.min(size, order.size())));
        Map<String, Integer> counts = new HashMap<>();
        taken.forEach(prompt -> count(prompt, counts));
        for (LabelledPrompt prompt : order) {
            boolean wanted = counts.getOrDefault(kind(prompt), 0) < FEWEST_OF_A_KIND
                    || prompt.shouldRefuse()
                            && counts.getOrDefault(FitData.categoryOf(prompt), 0) < FEWEST_OF_A_CATEGORY;
            if (wanted && taken.add(prompt)) {
                count(prompt, counts);
            }
        }
        return taken;
    }

    private static void count(LabelledPrompt prompt, Map<String, Integer> counts) {
        counts.merge(kind(prompt), 1, Integer::sum);
        counts.merge(FitData.categoryOf(prompt), 1, Integer::sum);
    }

    /** No category is named so. */
    private static String kind(LabelledPrompt prompt) {
        return prompt.shouldRefuse() ? "to refuse" : "to answer";
    }

    /** Some of the rows that were read, in the order of other rows. */
    private static final class Picked implements FeatureRows {

        private final StoredFeatures from;
        private final int[] places;

        Picked(StoredFeatures from, FitRows rows) {
            this.from = from;
            Map<String, Integer> known = new HashMap<>();
            for (FitRow row : from.rows().all()) {
                if (row.form() == Form.PLAIN) {
                    known.put(row.prompt().text(), row.number());
                }
            }
            this.places = rows.all().stream()
                    .mapToInt(row -> {
                        Integer place = known.get(row.prompt().text());
                        if (place == null) {
                            throw new IllegalStateException("the features have nothing of "
                                    + row.prompt().id());
                        }
                        return place;
                    })
                    .toArray();
        }

        @Override
        public int rows() {
            return places.length;
        }

        @Override
        public int width() {
            return from.features().width();
        }

        @Override
        public void read(int row, int numbers, double[] out, int at) {
            from.features().read(places[row], numbers, out, at);
        }
    }
}
