package dev.demur.benchmarks;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Kernel;
import dev.demur.llama.Message;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * {@link Demur#decideAll} on the scalar kernel and on the one that is chosen, in turns: each turn gives one ratio, scalar to
 * chosen. Arguments: a llama.cpp library, a model, threads, how many prompts, how many of the first words of each, turns, and,
 * for a model without control tokens, the texts of three tokens that stand for two refusal tokens and respond.
 */
final class DecideAllTurns {

    private static final int WARM_UP = 3;

    private DecideAllTurns() {}

    public static void main(String[] arguments) throws IOException {
        LoadOptions load = LoadOptions.DEFAULTS
                .withLlama(Path.of(arguments[0]))
                .withThreads(Integer.parseInt(arguments[2]))
                .withControlTokens(mapping(arguments));
        List<List<Message>> conversations =
                conversations(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        Path model = Path.of(arguments[1]);
        List<Double> ratios = new ArrayList<>();
        double scalarMillis = 0;
        double chosenMillis = 0;
        try (Demur scalar = Demur.load(model, load.withKernel(Kernel.SCALAR));
                Demur chosen = Demur.load(model, load)) {
            List<RefusalPolicy> policies = Collections.nCopies(conversations.size(), chosen.policy());
            int turns = Integer.parseInt(arguments[5]);
            for (int turn = -WARM_UP; turn < turns; turn++) {
                boolean scalarFirst = turn % 2 == 0;
                double first = millis(scalarFirst ? scalar : chosen, conversations, policies);
                double second = millis(scalarFirst ? chosen : scalar, conversations, policies);
                if (turn >= 0) {
                    double ofScalar = scalarFirst ? first : second;
                    double ofChosen = scalarFirst ? second : first;
                    ratios.add(ofScalar / ofChosen);
                    scalarMillis += ofScalar / turns;
                    chosenMillis += ofChosen / turns;
                }
            }
            JsonObject json = new JsonObject();
            json.addProperty("kernel", chosen.kernel().id());
            json.addProperty("vocabulary", chosen.model().vocabularySize());
            json.addProperty("prompts", conversations.size());
            json.addProperty("scalar_milliseconds", scalarMillis);
            json.addProperty("chosen_milliseconds", chosenMillis);
            JsonArray list = new JsonArray();
            ratios.forEach(list::add);
            json.add("ratios", list);
            System.out.println(json);
        }
    }

    private static Map<String, String> mapping(String[] arguments) {
        return arguments.length < 9
                ? Map.of()
                : Map.of("first", arguments[6], "second", arguments[7], "respond", arguments[8]);
    }

    private static List<List<Message>> conversations(int count, int words) throws IOException {
        List<List<Message>> conversations = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("examples", "prompts.jsonl")).subList(0, count)) {
            String prompt =
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString();
            String[] all = prompt.split(" ");
            conversations.add(List.of(Message.user(String.join(" ", List.of(all).subList(0, Math.min(words, all.length))))));
        }
        return conversations;
    }

    private static double millis(Demur demur, List<List<Message>> conversations, List<RefusalPolicy> policies) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < conversations.size(); i++) {
            requests.add(Request.of(conversations.get(i)).withPolicy(policies.get(i)));
        }
        long start = System.nanoTime();
        demur.decideAll(requests);
        return (System.nanoTime() - start) / 1e6;
    }
}
