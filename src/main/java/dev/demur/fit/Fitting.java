package dev.demur.fit;

import dev.demur.DemurException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Chooses how a head is fitted, fits it, and scores every row by heads that did not see it or its like.
 *
 * <p>What a head reads and how strong its L2 is are chosen on prompts of sources that were left out, because a head easily
 * learns to tell sources; of what is as good there, within {@value #AS_GOOD} of the AUC, by prompts of the same sources.
 */
final class Fitting {

    /** Differences of the AUC between sources that happen to be left out are larger. */
    private static final double AS_GOOD = 0.01;

    /** To compare ways of fitting so many rows are enough. */
    private static final int MOST_COMPARED = 5_000;

    private final FeatureRows features;
    private final int valueWidth;
    private final Design design;
    private final long seed;
    private final Workers workers;
    private final FitListener listener;
    private final Folds alike;
    private final Folds bySource;
    private int step;

    /**
     * @param valueWidth how many numbers a captured value has
     */
    Fitting(FeatureRows features, int valueWidth, Design design, long seed, Workers workers, FitListener listener) {
        this.features = features;
        this.valueWidth = valueWidth;
        this.design = design;
        this.seed = seed;
        this.workers = workers;
        this.listener = listener;
        this.alike = design.folds();
        this.bySource = design.foldsBySource();
    }

    /**
     * A recipe that was tried.
     *
     * @param leftOut on prompts of sources that were left out
     * @param alike on prompts of the same sources, near-duplicates left out together
     */
    record Tried(Recipe recipe, Separation leftOut, Separation alike) {}

    /**
     * @param recipe the best one
     * @param head fitted on all rows by it
     * @param scores of each row the probabilities of labels by a head that saw no near-duplicate of it; null where it is not read
     * @param leftOut how well such heads tell prompts of sources that they did not see
     * @param alike how well they tell prompts of sources that they saw
     * @param tried all recipes
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Fitted(
            Recipe recipe,
            LinearHead head,
            double[][] scores,
            Separation leftOut,
            Separation alike,
            List<Tried> tried) {}

    /** The features of the rows for a head that reads some of the values. */
    private record View(Projection projection, CrossFit fits) {}

    /**
     * Fits.
     *
     * @param candidates of how many of the values, the first ones, heads are tried that read these alone
     * @throws InterruptedException if the thread is interrupted
     */
    Fitted run(int... candidates) throws InterruptedException {
        int steps = 3 * candidates.length + 3;
        int[] compared = sample();
        List<Tried> tried = new ArrayList<>();
        List<View> views = new ArrayList<>();
        for (int values : candidates) {
            View view = view(values);
            views.add(view);
            next(steps);
            List<Separation> same = view.fits.compare(alike, compared);
            next(steps);
            List<Separation> leftOut = design.hasSources() ? view.fits.compare(bySource, compared) : same;
            next(steps);
            for (int i = 0; i < same.size(); i++) {
                double l2 = i < Recipe.PENALTIES.length ? Recipe.PENALTIES[i] : Recipe.CLASS_MEANS;
                tried.add(new Tried(new Recipe(values, l2), leftOut.get(i), same.get(i)));
            }
        }
        Recipe best = best(tried);
        View view = views.get(indexOf(best.values(), candidates));
        double[][] scores = view.fits.scores(alike, design.rows(), design.rows(), best);
        Separation separation = view.fits.separation(scores, design.plain());
        next(steps);
        Separation leftOut = separation;
        if (design.hasSources()) {
            double[][] others = view.fits.scores(bySource, design.rows(), design.plain(), best);
            leftOut = view.fits.separation(others, design.plain());
        }
        next(steps);
        double[] theta = view.fits.fit(design.rows(), best, SoftmaxRegression.Precision.FINE);
        next(steps);
        return new Fitted(best, view.projection.head(theta, design.labelCount()), scores, leftOut, separation, tried);
    }

    private void next(int steps) {
        listener.fitting(++step, steps);
    }

    private static int indexOf(int wanted, int... values) {
        int i = 0;
        while (values[i] != wanted) {
            i++;
        }
        return i;
    }

    private View view(int values) throws InterruptedException {
        Projection projection = Projection.of(
                features, values * valueWidth, design.plain(), Projection.MOST_COORDINATES, seed, workers);
        double[][] coordinates = projection.apply(features, workers);
        double[][] moments = Preconditioner.moments(coordinates, sample(), workers);
        return new View(
                projection,
                new CrossFit(coordinates, design.labels(), design.weights(), design.labelCount(), moments, workers));
    }

    /** The prompts on which recipes are compared: all, or some drawn at random. */
    private int[] sample() {
        int[] rows = design.plain().clone();
        Random random = new Random(seed);
        int count = Math.min(MOST_COMPARED, rows.length);
        for (int i = 0; i < count; i++) {
            int other = i + random.nextInt(rows.length - i);
            int kept = rows[i];
            rows[i] = rows[other];
            rows[other] = kept;
        }
        int[] sample = Arrays.copyOf(rows, count);
        Arrays.sort(sample);
        return sample;
    }

    private static Recipe best(List<Tried> tried) {
        double most = tried.stream().mapToDouble(t -> t.leftOut.auc()).max().orElse(Double.NaN);
        Tried best = null;
        for (Tried one : tried) {
            boolean good = one.leftOut.auc() >= most - AS_GOOD;
            if (good && (best == null || one.alike.auc() > best.alike.auc())) {
                best = one;
            }
        }
        if (best == null) {
            throw new DemurException("nothing can be compared: too few prompts of both kinds could be read");
        }
        return best.recipe;
    }
}
