package dev.demur.fit;

import org.jspecify.annotations.Nullable;

/** Multinomial logistic regression with L2, in double precision. */
final class SoftmaxRegression {

    /** A label that no row has begins as rare as this; its bias is not penalised and would go on falling. */
    private static final double RAREST = 1e-4;

    /** How short the gradient becomes, as a share of that of a head which knows the labels' shares alone. */
    private static final double ROUGH = 3e-3;

    private static final double FINE = 3e-4;
    private static final int MOST_ITERATIONS = 300;

    private SoftmaxRegression() {}

    /** How exactly a minimum is sought. */
    enum Precision {
        /** To compare settings. */
        ROUGH(SoftmaxRegression.ROUGH),
        /** For what is kept. */
        FINE(SoftmaxRegression.FINE),
        /** To compare with other programs. */
        EXACT(1e-8);

        private final double tolerance;

        Precision(double tolerance) {
            this.tolerance = tolerance;
        }
    }

    /**
     * Fits.
     *
     * @param moments as {@link Preconditioner#moments} gives them, of these rows or of more like them
     * @param l2 the penalty of the squared coefficients
     * @param start what to begin from, as this returned it for another penalty; null: from the labels' shares
     * @return for each label a coefficient for each coordinate, then a bias for each label
     * @throws InterruptedException if the thread is interrupted
     */
    static double[] fit(
            TrainingSet set,
            double[][] moments,
            double l2,
            double @Nullable [] start,
            Precision precision,
            Workers workers)
            throws InterruptedException {
        SoftmaxLoss loss = new SoftmaxLoss(set, l2, workers);
        int labels = set.labelCount();
        double[] shares = new double[labels * (set.width() + 1)];
        System.arraycopy(set.logShares(RAREST), 0, shares, labels * set.width(), labels);
        double[] gradient = new double[shares.length];
        loss.evaluate(shares, gradient);
        Preconditioner preconditioner = Preconditioner.of(moments, l2);
        return new Lbfgs(precision.tolerance, MOST_ITERATIONS)
                .minimise(
                        loss,
                        start == null ? shares : start,
                        Lbfgs.longest(gradient),
                        slope -> preconditioner.apply(slope, labels))
                .x();
    }
}
