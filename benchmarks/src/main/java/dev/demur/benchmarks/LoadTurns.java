package dev.demur.benchmarks;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Replies to many requests at once against one after another, in turns: each turn gives one ratio of throughputs. All requests
 * of a turn come at the same time, as from as many users. Arguments: a llama.cpp library, a model, threads, the most tokens of a
 * reply, turns, and how many requests at once, several times. A line of JSON for each.
 */
final class LoadTurns {

    private static final int WARM_UP = 2;

    private LoadTurns() {}

    public static void main(String[] arguments) throws Exception {
        int turns = Integer.parseInt(arguments[4]);
        GenerationOptions options =
                GenerationOptions.DEFAULTS.withMaxTokens(Integer.parseInt(arguments[3]));
        for (String load : List.of(arguments).subList(5, arguments.length)) {
            int requests = Integer.parseInt(load);
            List<List<Message>> prompts = prompts(requests);
            LoadOptions how = LoadOptions.DEFAULTS
                    .withLlama(Path.of(arguments[0]))
                    .withThreads(Integer.parseInt(arguments[2]))
                    .withCacheTokens(8192);
            Path model = Path.of(arguments[1]);
            try (Demur single = Demur.load(model, how.withParallel(1));
                    Demur together = Demur.load(model, how.withParallel(requests))) {
                Measured alone = new Measured();
                Measured many = new Measured();
                JsonArray ratios = new JsonArray();
                for (int turn = -WARM_UP; turn < turns; turn++) {
                    boolean aloneFirst = turn % 2 == 0;
                    Measured warm = new Measured();
                    boolean counts = turn >= 0;
                    double first = (aloneFirst ? run(single, prompts, options, counts ? alone : warm)
                            : run(together, prompts, options, counts ? many : warm));
                    double second = (aloneFirst ? run(together, prompts, options, counts ? many : warm)
                            : run(single, prompts, options, counts ? alone : warm));
                    if (counts) {
                        ratios.add(aloneFirst ? second / first : first / second);
                    }
                }
                JsonObject json = new JsonObject();
                json.addProperty("requests", requests);
                json.add("one_after_another", alone.toJson());
                json.add("together", many.toJson());
                json.add("ratios", ratios);
                System.out.println(json);
            }
        }
    }

    /** What was measured of some requests. */
    private static final class Measured {

        private final List<Double> rates = new ArrayList<>();
        private final List<Double> firsts = Collections.synchronizedList(new ArrayList<>());
        private final List<Double> wholes = Collections.synchronizedList(new ArrayList<>());

        JsonObject toJson() {
            JsonObject json = new JsonObject();
            json.addProperty("tokens_per_second", at(rates, 0.5));
            json.addProperty("first_token_p50_milliseconds", at(firsts, 0.5));
            json.addProperty("first_token_p95_milliseconds", at(firsts, 0.95));
            json.addProperty("latency_p50_milliseconds", at(wholes, 0.5));
            json.addProperty("latency_p95_milliseconds", at(wholes, 0.95));
            return json;
        }

        private static double at(List<Double> values, double share) {
            List<Double> sorted = values.stream().sorted().toList();
            return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
        }
    }

    /** Tokens of all replies a second. */
    private static double run(Demur demur, List<List<Message>> prompts, GenerationOptions options, Measured measured)
            throws ExecutionException, InterruptedException {
        ExecutorService users = Executors.newFixedThreadPool(prompts.size());
        try {
            long start = System.nanoTime();
            List<Future<Integer>> running = new ArrayList<>();
            for (List<Message> prompt : prompts) {
                running.add(users.submit(() -> {
                    First first = new First();
                    int tokens = demur.generate(Request.of(prompt, options), first).timings().generatedTokens();
                    measured.wholes.add((System.nanoTime() - start) / 1e6);
                    measured.firsts.add((first.at - start) / 1e6);
                    return tokens;
                }));
            }
            int tokens = 0;
            for (Future<Integer> each : running) {
                tokens += each.get();
            }
            double rate = tokens * 1e9 / (System.nanoTime() - start);
            measured.rates.add(rate);
            return rate;
        } finally {
            users.shutdown();
        }
    }

    /** When the first text, or where there is none the decision, came. */
    private static final class First implements GenerationListener {

        private long at;
        private boolean told;

        @Override
        public void decided(Decision decision) {
            at = System.nanoTime();
        }

        @Override
        public void text(String piece) {
            at = told ? at : System.nanoTime();
            told = true;
        }
    }

    private static List<List<Message>> prompts(int count) throws IOException {
        List<List<Message>> prompts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("examples", "prompts.jsonl")).subList(0, count)) {
            String prompt =
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString();
            prompts.add(List.of(Message.user(prompt)));
        }
        return prompts;
    }
}
