package dev.demur.cli.calibrate;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import dev.demur.calibration.PromisedBound;
import dev.demur.calibration.SharedPrompts;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.report.EvaluatedPolicy;
import dev.demur.evaluation.Confusion;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.RefusalDetector;
import dev.demur.evaluation.RefusalRates;
import dev.demur.evaluation.Steering;
import dev.demur.evaluation.TextAgreement;
import dev.demur.evaluation.TextEvaluation;
import dev.demur.evaluation.WrongDecision;
import dev.demur.scoring.ScoreMeta;
import dev.demur.statistics.Interval;
import dev.demur.statistics.OperatingPoint;
import dev.demur.statistics.Rate;
import dev.demur.statistics.Reliability;
import dev.demur.statistics.RocCurve;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The object that {@code eval --json} prints; docs/CALIBRATION.md describes its fields. All of them are always there, null
 * where there is no number, so that no number is infinite.
 */
public final class EvaluationJson {

    private static final int VERSION = 1;

    private static final Gson WRITER = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    private final EvaluatedPolicy evaluated;

    private EvaluationJson(EvaluatedPolicy evaluated) {
        this.evaluated = evaluated;
    }

    /** The object, indented, with a line end; numbers read back as the same doubles. */
    public static String of(EvaluatedPolicy evaluated, @Nullable JsonObject noise) {
        JsonObject json = new EvaluationJson(evaluated).object();
        json.add("measuredNoise", noise);
        return WRITER.toJson(json) + "\n";
    }

    private JsonObject object() {
        Evaluation evaluation = evaluated.evaluation();
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        origin(json);
        json.add("provenance", PolicyCheck.json(evaluated.provenance()));
        json.addProperty("calibratedOnTheseRows", evaluation.calibratedOnTheseRows());
        SharedPrompts shared = SharedPrompts.of(evaluated.policy(), evaluated.prompts());
        json.addProperty("sharedPrompts", shared.compared() == 0 ? null : shared.shared());
        json.addProperty("confidence", evaluated.options().confidence());
        json.add("joint", rates(evaluation.joint()));
        JsonArray categories = new JsonArray();
        evaluation.categories().forEach(rates -> categories.add(rates(rates)));
        json.add("categories", categories);
        json.addProperty(
                "wrong",
                WrongDecision.of(evaluated.prompts(), evaluated.policy()).size());
        json.add("confusion", confusion(evaluation.confusion()));
        json.addProperty("noise", evaluated.options().noise());
        json.add("withinNoise", rate(evaluation.withinNoise()));
        json.add("steering", steering(evaluation.steering()));
        json.add("text", text(evaluated.text()));
        return json;
    }

    private void origin(JsonObject json) {
        @Nullable ScoreMeta meta = evaluated.prompts().meta().orElse(null);
        json.addProperty("scores", evaluated.scores().toString());
        json.addProperty("policy", evaluated.policyFile().toString());
        json.addProperty("rule", evaluated.policy().rule().id());
        json.addProperty("temperature", evaluated.policy().temperature());
        json.addProperty("fingerprint", meta == null ? "" : meta.fingerprint());
        json.addProperty("dataHash", meta == null ? "" : meta.dataHash());
        json.addProperty("rows", evaluated.prompts().size());
        json.addProperty("prompts", evaluated.prompts().distinct().length);
        json.addProperty("shouldAnswer", evaluated.prompts().shouldAnswer().length);
        json.addProperty("nearMisses", evaluated.prompts().nearMisses().length);
        json.addProperty("shouldRefuse", evaluated.prompts().shouldRefuse().length);
    }

    private JsonObject rates(RefusalRates rates) {
        String category = rates.category();
        JsonObject json = new JsonObject();
        json.addProperty("category", category);
        json.addProperty("threshold", evaluated.threshold(category));
        json.add("promised", promised(evaluated.promised(category)));
        json.add("falseRefusal", rate(rates.falseRefusal()));
        json.add("nearMissFalseRefusal", rate(rates.nearMissFalseRefusal()));
        json.add("refusal", rate(rates.refusal()));
        json.add("precision", rate(rates.precision()));
        json.add("recall", rate(rates.refusal()));
        json.addProperty("f1", rates.f1());
        json.addProperty("auc", rates.roc().auc());
        json.add("operatingPoints", operatingPoints(rates.operatingPoints()));
        json.add("roc", roc(rates.roc()));
        json.addProperty("expectedCalibrationError", rates.reliability().expectedError());
        json.add("reliability", reliability(rates.reliability()));
        return json;
    }

    private static @Nullable JsonObject promised(@Nullable PromisedBound promised) {
        if (promised == null) {
            return null;
        }
        JsonObject json = new JsonObject();
        json.addProperty("objective", promised.ofFalseRefusals() ? "false-refusal" : "refusal");
        json.addProperty("nearMissesOnly", promised.nearMissesOnly());
        json.addProperty("bound", promised.bound());
        json.addProperty("confidence", promised.confidence());
        return json;
    }

    private static JsonObject rate(Rate rate) {
        Interval interval = rate.interval();
        JsonObject json = new JsonObject();
        json.addProperty("count", rate.count());
        json.addProperty("rows", rate.rows());
        json.addProperty("rate", rate.value());
        json.addProperty("low", interval == null ? null : interval.low());
        json.addProperty("high", interval == null ? null : interval.high());
        return json;
    }

    private static JsonArray operatingPoints(List<OperatingPoint> points) {
        JsonArray array = new JsonArray();
        for (OperatingPoint point : points) {
            JsonObject json = new JsonObject();
            json.addProperty("falseRefusalRate", point.falseRefusalRate());
            json.add("refusal", rate(point.refusal()));
            array.add(json);
        }
        return array;
    }

    private static JsonArray roc(RocCurve roc) {
        JsonArray points = new JsonArray();
        for (RocCurve.Point point : roc.points()) {
            JsonObject json = new JsonObject();
            json.addProperty("boundary", Double.isInfinite(point.boundary()) ? null : point.boundary());
            json.addProperty("falseRefusalRate", point.falseRefusalRate());
            json.addProperty("refusalRate", point.refusalRate());
            points.add(json);
        }
        return points;
    }

    private static JsonArray reliability(Reliability reliability) {
        JsonArray bins = new JsonArray();
        for (Reliability.Bin bin : reliability.bins()) {
            JsonObject json = new JsonObject();
            json.addProperty("low", bin.low());
            json.addProperty("high", bin.high());
            json.addProperty("rows", bin.rows());
            json.addProperty("probability", bin.probability());
            json.addProperty("share", bin.share());
            bins.add(json);
        }
        return bins;
    }

    private static JsonObject confusion(Confusion confusion) {
        JsonObject json = new JsonObject();
        json.add("expected", texts(confusion.expected()));
        json.add("decided", texts(confusion.decided()));
        JsonArray rows = new JsonArray();
        for (List<Integer> counts : confusion.counts()) {
            JsonArray row = new JsonArray();
            counts.forEach(row::add);
            rows.add(row);
        }
        json.add("counts", rows);
        return json;
    }

    private @Nullable JsonObject text(@Nullable TextEvaluation text) {
        if (text == null) {
            return null;
        }
        double confidence = evaluated.options().confidence();
        JsonObject json = new JsonObject();
        json.addProperty("generated", text.generated());
        json.addProperty("maxTokens", text.maxTokens());
        json.addProperty("decidedOtherwise", text.decidedOtherwise());
        json.add("agreement", rate(text.agreement()));
        JsonArray decisions = new JsonArray();
        for (TextAgreement one : text.decisions()) {
            JsonObject decision = new JsonObject();
            decision.addProperty("decided", one.decided());
            decision.addProperty("refusing", one.refusing());
            decision.addProperty("answering", one.answering());
            decision.addProperty("empty", one.empty());
            decision.addProperty("fixedReplies", one.fixed());
            decision.add("agreement", rate(one.agreement()));
            decisions.add(decision);
        }
        json.add("decisions", decisions);
        JsonObject detector = new JsonObject();
        detector.addProperty("replies", RefusalDetector.QUALITY.replies());
        detector.add("precision", rate(RefusalDetector.QUALITY.precision(confidence)));
        detector.add("recall", rate(RefusalDetector.QUALITY.recall(confidence)));
        json.add("detector", detector);
        return json;
    }

    private static @Nullable JsonObject steering(@Nullable Steering steering) {
        if (steering == null) {
            return null;
        }
        JsonObject json = new JsonObject();
        json.addProperty("shift", steering.shift());
        json.add("categories", texts(steering.categories()));
        JsonArray moves = new JsonArray();
        for (Steering.Move move : steering.moves()) {
            JsonObject one = new JsonObject();
            one.addProperty("category", move.category());
            one.addProperty("low", move.low());
            one.addProperty("high", move.high());
            one.add("refusedAs", numbers(move.refusedAs()));
            one.add("refusalRates", numbers(move.refusalRates()));
            one.addProperty("falseRefusalRate", move.falseRefusalRate());
            moves.add(one);
        }
        json.add("moves", moves);
        return json;
    }

    private static JsonArray texts(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    private static JsonArray numbers(List<? extends @Nullable Double> numbers) {
        JsonArray array = new JsonArray();
        numbers.forEach(array::add);
        return array;
    }
}
