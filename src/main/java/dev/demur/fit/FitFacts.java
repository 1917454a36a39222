package dev.demur.fit;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.llama.HiddenState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a head file tells of how the head was made, as JSON. */
final class FitFacts {

    private static final double DIGITS = 1e4;

    private final FitRows rows;
    private final Design design;
    private final Fitting.Fitted fitted;
    private final List<HiddenState> values;

    FitFacts(FitRows rows, Design design, Fitting.Fitted fitted, List<HiddenState> values) {
        this.rows = rows;
        this.design = design;
        this.fitted = fitted;
        this.values = values;
    }

    /** The SHA-256 of the chosen prompts and their labels, in their order, as {@code sha256:…}. */
    static String hash(FitRows rows) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (FitRow row : rows.all()) {
                if (row.form() == Form.PLAIN) {
                    String line = FitData.categoryOf(row.prompt()) + "\n"
                            + row.prompt().text() + "\0";
                    digest.update(line.getBytes(StandardCharsets.UTF_8));
                }
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** {@code {"prompts", "hash", "sources": {source: {label: count}}}}; prompts without a source count under {@code none}. */
    String data() {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (int row : design.plain()) {
            FitRow here = rows.get(row);
            String source = here.prompt().source();
            counts.computeIfAbsent(source == null ? "none" : source, key -> new TreeMap<>())
                    .merge(FitData.categoryOf(here.prompt()), 1, Integer::sum);
        }
        JsonObject json = new JsonObject();
        json.addProperty("prompts", design.plain().length);
        json.addProperty("hash", hash(rows));
        JsonObject sources = new JsonObject();
        counts.forEach((source, labels) -> {
            JsonObject own = new JsonObject();
            labels.forEach(own::addProperty);
            sources.add(source, own);
        });
        json.add("sources", sources);
        return json.toString();
    }

    /**
     * {@code {"recipe", "by", "auc", "refusedAt1Percent", "refusedAt5Percent", "sameSources": {…}, "flips": {form: {"prompts",
     * "flips"}}, "tried": […]}}: the first numbers are of sources that were left out, if {@code by} is {@code sources}.
     */
    String validation(List<FormFlips> flips) {
        JsonObject json = new JsonObject();
        json.addProperty("recipe", recipe());
        json.addProperty("by", design.hasSources() ? "sources" : "near-duplicates");
        add(json, fitted.leftOut());
        JsonObject same = new JsonObject();
        add(same, fitted.alike());
        json.add("sameSources", same);
        JsonObject forms = new JsonObject();
        for (FormFlips form : flips) {
            JsonObject own = new JsonObject();
            own.addProperty("prompts", form.prompts());
            own.addProperty("flips", form.flips());
            forms.add(form.form().name().toLowerCase(Locale.ROOT), own);
        }
        json.add("flips", forms);
        JsonArray tried = new JsonArray();
        for (Fitting.Tried one : fitted.tried()) {
            JsonObject own = new JsonObject();
            own.addProperty("recipe", words(one.recipe()));
            add(own, one.leftOut());
            own.addProperty("sameSourcesAuc", rounded(one.alike().auc()));
            tried.add(own);
        }
        json.add("tried", tried);
        return json.toString();
    }

    private static void add(JsonObject json, Separation separation) {
        json.addProperty("auc", rounded(separation.auc()));
        json.addProperty("refusedAt1Percent", rounded(separation.atOnePercent()));
        json.addProperty("refusedAt5Percent", rounded(separation.atFivePercent()));
    }

    private static double rounded(double number) {
        return Math.round(number * DIGITS) / DIGITS;
    }

    /** How the head was fitted, as a person reads it. */
    String recipe() {
        return words(fitted.recipe());
    }

    private String words(Recipe recipe) {
        boolean means = values.get(recipe.values() - 1).pooling() == HiddenState.Pooling.MEAN;
        return (recipe.isClassMeans() ? "class means" : "logistic regression, L2 " + recipe.l2())
                + (means ? ", end and mean of the message" : ", end of the prompt");
    }
}
