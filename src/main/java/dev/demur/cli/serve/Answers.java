package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import java.util.List;

/** The answers of {@code POST /v1/systemone}, as JSON. */
final class Answers {

    private Answers() {}

    static JsonObject yesNo(double probability) {
        JsonObject json = new JsonObject();
        json.addProperty("type", "noul");
        json.addProperty("noul", probability);
        return json;
    }

    /** Of the options with these probabilities the likeliest, the first one of equals. */
    static JsonObject choice(List<String> options, double[] probabilities) {
        int best = 0;
        JsonObject shares = new JsonObject();
        for (int i = 0; i < probabilities.length; i++) {
            shares.addProperty(options.get(i), probabilities[i]);
            if (probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        JsonObject json = new JsonObject();
        json.addProperty("type", "choice");
        json.addProperty("choice", options.get(best));
        json.add("probabilities", shares);
        json.addProperty("confidence", confidence(probabilities));
        return json;
    }

    /** The mean level, the lowest being 0. */
    static JsonObject scale(List<String> levels, double[] probabilities) {
        double mean = 0;
        JsonObject shares = new JsonObject();
        JsonObject legend = new JsonObject();
        for (int i = 0; i < probabilities.length; i++) {
            mean += i * probabilities[i];
            shares.addProperty(Integer.toString(i), probabilities[i]);
            legend.addProperty(Integer.toString(i), levels.get(i));
        }
        JsonObject json = new JsonObject();
        json.addProperty("type", "score");
        json.addProperty("score", mean);
        json.add("probabilities", shares);
        json.add("legend", legend);
        json.addProperty("confidence", confidence(probabilities));
        return json;
    }

    /** As this wire format has it: 1 where one option has all of the probability, 0 where all have the same. */
    static double confidence(double[] probabilities) {
        double peak = 0;
        for (double probability : probabilities) {
            peak = Math.max(peak, probability);
        }
        int n = probabilities.length;
        return Math.max(0, (n * peak - 1) / (n - 1));
    }
}
