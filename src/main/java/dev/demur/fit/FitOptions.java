package dev.demur.fit;

import dev.demur.arguments.Given;
import dev.demur.calibration.Objective;
import dev.demur.readout.Head;
import dev.demur.readout.Wording;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a head is fitted.
 */
public final class FitOptions {

    /**
     * The most that the default policy refuses of prompts that should be answered: 1 %. Where they are too few to promise that,
     * it is the next that they are enough for. Everyday requests are to be refused hardly ever.
     */
    public static final List<Double> DEFAULT_FALSE_REFUSALS = List.of(0.01, 0.02, 0.05);

    /** What a small machine reads in an hour or two. */
    public static final int DEFAULT_ROWS = 20_000;

    public static final FitOptions DEFAULTS = builder().build();

    private final long seed;
    private final boolean forms;
    private final Head.Sees sees;
    private final Wording wording;
    private final int mostRows;
    private final List<Objective> objectives;

    private FitOptions(Builder from) {
        this.seed = from.seed;
        this.forms = from.forms;
        this.sees = from.sees;
        this.wording = from.wording;
        this.mostRows = from.mostRows;
        this.objectives = Given.list(from.objectives, "objectives");
        Given.value(sees, "sees");
        Given.value(wording, "wording");
        if (objectives.isEmpty()) {
            throw new IllegalArgumentException("objectives: there are none");
        }
        if (mostRows < 1) {
            throw new IllegalArgumentException("mostRows: " + mostRows + " is not at least 1");
        }
    }

    /** Begins with what {@link #DEFAULTS} have. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with these. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.seed = seed;
        builder.forms = forms;
        builder.sees = sees;
        builder.wording = wording;
        builder.mostRows = mostRows;
        builder.objectives = objectives;
        return builder;
    }

    /** The seed of everything that is drawn; the same rows, model, library and seed give the same head to the bit. */
    public long seed() {
        return seed;
    }

    /** Whether a quarter of the prompts is read in a harmless {@linkplain Form form} too. */
    public boolean forms() {
        return forms;
    }

    /** How much of a conversation the head decides on. */
    public Head.Sees sees() {
        return sees;
    }

    /** In which words the head reads messages, when it is fitted and ever after. */
    public Wording wording() {
        return wording;
    }

    /** Of how many prompts at most it is fitted; more are left out by a rule that keeps small sources. */
    public int mostRows() {
        return mostRows;
    }

    /**
     * What the default policy promises: the first of these that there are enough prompts for. Where they are too few for any, it
     * promises nothing, and the result says what the last one takes.
     */
    public List<Objective> objectives() {
        return objectives;
    }

    /** Objectives of {@link #DEFAULT_FALSE_REFUSALS} with this confidence. */
    public static List<Objective> falseRefusals(double confidence) {
        return DEFAULT_FALSE_REFUSALS.stream()
                .<Objective>map(target -> new Objective.FalseRefusal(target, confidence, false))
                .toList();
    }

    private Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("seed", seed);
        values.put("forms", forms);
        values.put("sees", sees);
        values.put("wording", wording);
        values.put("mostRows", mostRows);
        values.put("objectives", objectives);
        return values;
    }

    /** Whether both say the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FitOptions that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "FitOptions" + values().entrySet();
    }

    /** Collects how to fit. */
    public static final class Builder {

        private long seed = 1;
        private boolean forms = true;
        private Head.Sees sees = Head.Sees.MESSAGE;
        private Wording wording = Wording.NORMALIZED;
        private int mostRows = DEFAULT_ROWS;
        private List<Objective> objectives = falseRefusals(Objective.DEFAULT_CONFIDENCE);

        private Builder() {}

        /** Sets {@link FitOptions#seed}. */
        public Builder seed(long newSeed) {
            this.seed = newSeed;
            return this;
        }

        /** Sets {@link FitOptions#forms}. */
        public Builder forms(boolean newForms) {
            this.forms = newForms;
            return this;
        }

        /** Sets {@link FitOptions#sees}. */
        public Builder sees(Head.Sees newSees) {
            this.sees = newSees;
            return this;
        }

        /** Sets {@link FitOptions#wording}. */
        public Builder wording(Wording newWording) {
            this.wording = newWording;
            return this;
        }

        /** Sets {@link FitOptions#mostRows}. */
        public Builder mostRows(int newMostRows) {
            this.mostRows = newMostRows;
            return this;
        }

        /** Sets {@link FitOptions#objectives}. */
        public Builder objectives(List<Objective> newObjectives) {
            this.objectives = newObjectives;
            return this;
        }

        /** The same with a single objective. */
        public Builder objective(Objective newObjective) {
            return objectives(List.of(newObjective));
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is null that must not be, or out of its range
         */
        public FitOptions build() {
            return new FitOptions(this);
        }
    }
}
