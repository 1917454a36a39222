package dev.demur.fit;

import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.arguments.Given;
import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.dataset.PromptHash;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.llama.HiddenState;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Head;
import dev.demur.readout.HeadFacts;
import dev.demur.readout.HeadFile;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.Rate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Fits a head for a model on labelled prompts: runs the model once over them, chooses by cross-validation what the head reads,
 * fits it, and calibrates a policy. The model stays as it is.
 *
 * <p>The policy's thresholds come from scores that heads gave to prompts of which they saw no near-duplicate. The head in the file
 * is fitted on all of them, which is why its promise is one of cross-validation: it holds as far as a head that is fitted on all
 * prompts separates fresh ones no worse than heads that are fitted on four fifths of them. docs/CALIBRATION.md tells more.
 */
public final class HeadFitter {

    private final FrozenModel model;
    private final FitOptions options;
    private final FitRows rows;

    private HeadFitter(FrozenModel model, FitOptions options, FitRows rows) {
        this.model = model;
        this.options = options;
        this.rows = rows;
    }

    /**
     * Fits a head.
     *
     * @param model the model file
     * @param load how it is loaded; what it is decided by plays no part
     * @param features where what the model gave is kept meanwhile, so that a run that was ended goes on; deleted at the end
     * @param keepFeatures leaves it there
     * @throws DemurException if there are too few prompts, or another run's features lie there
     * @throws dev.demur.gguf.GgufException if the model is missing, damaged or no GGUF file
     * @throws dev.demur.llama.LlamaException if llama.cpp cannot be used, or, with reason UNSUPPORTED, does not give the hidden
     *     states of such a model
     * @throws IOException if the features cannot be written or read
     * @throws InterruptedException if the thread is interrupted; the features remain
     */
    public static FitResult fit(
            Path model,
            LoadOptions load,
            FitData data,
            FitOptions options,
            Path features,
            boolean keepFeatures,
            FitListener listener)
            throws IOException, InterruptedException {
        Given.value(model, "model");
        Given.value(load, "load");
        Given.value(data, "data");
        Given.value(options, "options");
        Given.value(features, "features");
        Given.value(listener, "listener");
        FitRows rows = FitRows.of(data, data.labels(), options);
        try (FrozenModel frozen = FrozenModel.load(model, load)) {
            HeadFitter fitter = new HeadFitter(frozen, options, rows);
            FeatureFile file = new FeaturePass(frozen, rows).run(features, listener);
            FitResult result;
            try {
                result = fitter.fit(file, listener);
            } catch (IOException | InterruptedException | RuntimeException e) {
                file.close();
                throw e;
            }
            if (keepFeatures) {
                file.close();
            } else {
                file.delete();
            }
            return result;
        }
    }

    private FitResult fit(FeatureFile file, FitListener listener) throws IOException, InterruptedException {
        FeatureFile.Mapped features = file.map();
        Design design = Design.of(rows, features);
        Fitting.Fitted fitted;
        try (Workers workers = new Workers(threads())) {
            fitted = new Fitting(features, model.width(), design, options.seed(), workers, listener)
                    .run(model.candidates());
        }
        Head head = head(fitted.head());
        CalibrationResult calibrated = calibrate(head, design, fitted.scores());
        ScoredPrompts prompts = scored(head, design.plain(), fitted.scores());
        Decisions decisions = prompts.decide(calibrated.policy());
        int[] ordinary = IntStream.of(prompts.shouldAnswer())
                .filter(row -> prompts.label(row).isEmpty())
                .toArray();
        List<FormFlips> flips = flips(head, design, fitted.scores(), calibrated.policy());
        FitFacts facts = new FitFacts(rows, design, fitted, model.values());
        HeadFacts known = new HeadFacts(
                model.file().string("general.name"),
                model.file().fingerprint(),
                model.file().baseFingerprint(),
                model.templateNameOrText(),
                facts.data(),
                facts.validation(flips),
                trainedOn(design),
                Map.of(Preset.KEY, PolicyFile.write(calibrated.policy())));
        return new FitResult(
                new HeadFile(head, known),
                design.plain().length,
                rows.numbers(row -> row.form() == Form.PLAIN).length - design.plain().length,
                facts.recipe(),
                design.hasSources(),
                fitted.leftOut(),
                fitted.alike(),
                calibrated,
                Evaluation.of(prompts, calibrated.policy(), EvaluationOptions.DEFAULTS),
                Rate.of(decisions.refusals(ordinary), ordinary.length, null),
                flips);
    }

    private int threads() {
        int asked = model.options().threads();
        return asked > 0 ? asked : Runtime.getRuntime().availableProcessors();
    }

    /** The values by ascending layer, with their parts of the matrix. */
    private Head head(LinearHead linear) {
        int width = model.width();
        int count = linear.width() / width;
        List<Integer> order = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing(
                        (Integer i) -> model.values().get(i).layer()))
                .toList();
        Labels labels = rows.labels();
        float[] weight = new float[labels.count() * linear.width()];
        float[] bias = new float[labels.count()];
        for (int label = 0; label < bias.length; label++) {
            bias[label] = (float) linear.bias()[label];
            for (int i = 0; i < count; i++) {
                for (int d = 0; d < width; d++) {
                    weight[label * linear.width() + i * width + d] =
                            (float) linear.matrix()[label * linear.width() + order.get(i) * width + d];
                }
            }
        }
        List<HiddenState> values =
                order.stream().map(i -> model.values().get(i)).toList();
        return new Head(
                labels, FitData.replies(labels), options.sees(), options.wording(), values, width, weight, bias);
    }

    private CalibrationResult calibrate(Head head, Design design, double[][] scores) {
        ScoredPrompts prompts = scored(head, design.plain(), scores);
        CalibrationResult last = null;
        for (Objective objective : options.objectives()) {
            CalibrationResult result = Calibrator.calibrate(
                    prompts,
                    CalibrationRequest.of(Rule.THRESHOLD, objective).jointly().keepingUnpromised());
            if (result.promises()) {
                return result;
            }
            last = result;
        }
        return Objects.requireNonNull(last, "options have an objective");
    }

    /** Rows with their cross-fitted scores, as if the head had scored them. */
    private ScoredPrompts scored(Head head, int[] some, double[][] scores) {
        ScoreMeta meta = new ScoreMeta(
                model.file().fingerprint(),
                model.templateNameOrText(),
                null,
                RefusalPolicy.DEFAULT_TEMPERATURE,
                head.labels(),
                head.identity(),
                FitFacts.hash(rows),
                model.engine(),
                model.file().weightType(),
                model.rendererId());
        ScoredPrompts.Builder builder = ScoredPrompts.builder(meta);
        for (int row : some) {
            FitRow here = rows.get(row);
            builder.add(
                    Integer.toString(row),
                    here.prompt().category(),
                    here.prompt().shouldRefuse(),
                    scores[row],
                    best(scores[row]),
                    here.form() == Form.PLAIN ? PromptHash.of(here.prompt().text()) : null);
        }
        return builder.build();
    }

    private static int best(double[] p) {
        int best = 0;
        for (int i = 1; i < p.length; i++) {
            best = p[i] > p[best] ? i : best;
        }
        return best;
    }

    /** Of each form that was read, how often the policy decides a prompt in it otherwise. */
    private List<FormFlips> flips(Head head, Design design, double[][] scores, RefusalPolicy policy) {
        ScoredPrompts all = scored(head, design.rows(), scores);
        Decisions decisions = all.decide(policy);
        boolean[] refused = new boolean[rows.size()];
        for (int i = 0; i < design.rows().length; i++) {
            refused[design.rows()[i]] = decisions.refusals(new int[] {i}) > 0;
        }
        List<FormFlips> flips = new ArrayList<>();
        for (Form form : Form.values()) {
            int[] inForm = IntStream.of(design.rows())
                    .filter(row -> rows.get(row).form() == form)
                    .toArray();
            int flipped = (int) IntStream.of(inForm)
                    .filter(row -> refused[row] != refused[rows.get(row).plain()])
                    .count();
            if (form != Form.PLAIN && inForm.length > 0) {
                flips.add(new FormFlips(form, inForm.length, flipped));
            }
        }
        return flips;
    }

    /** Hashes that tell whether a prompt is among those that the head was fitted on. */
    private long[] trainedOn(Design design) {
        return IntStream.of(design.plain())
                .mapToLong(row -> PromptHash.leading(rows.get(row).prompt().text()))
                .sorted()
                .distinct()
                .toArray();
    }
}
