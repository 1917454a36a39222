package dev.demur.fit;

/**
 * A way to fit a head.
 *
 * @param values how many of the captured values it reads, the first ones
 * @param l2 the penalty of multinomial logistic regression; 0: by class means
 */
record Recipe(int values, double l2) {

    /** From the strongest to the weakest, so that each fit begins from the one before. */
    static final double[] PENALTIES = {1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6};

    static final double CLASS_MEANS = 0;

    boolean isClassMeans() {
        return l2 == CLASS_MEANS;
    }
}
