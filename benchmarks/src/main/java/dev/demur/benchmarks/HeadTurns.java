package dev.demur.benchmarks;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.internal.Internals;
import dev.demur.llama.Message;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.readout.internal.ReadingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Deciding by a head and decoding the same prompt without one, in turns: each turn gives one ratio, decided to decoded, of
 * {@value #PROMPTS} prompts. Arguments: a llama.cpp library, a model with a head in it or beside it, threads, turns.
 */
final class HeadTurns {

    private static final int WARM_UP = 3;
    private static final int PROMPTS = 8;
    private static final int SIZE = 512;

    private HeadTurns() {}

    public static void main(String[] arguments) throws IOException {
        int threads = Integer.parseInt(arguments[2]);
        LoadOptions load = LoadOptions.DEFAULTS.withLlama(Path.of(arguments[0])).withThreads(threads);
        List<Double> ratios = new ArrayList<>();
        double plainMillis = 0;
        double decidedMillis = 0;
        try (Demur demur = Demur.load(Path.of(arguments[1]), load);
                LlamaContext plain = LlamaContext.create(Internals.of(demur).model(), SIZE, SIZE, 1, threads);
                ReadingContext head = ReadingContext.of(
                        Internals.of(demur).readout(),
                        LlamaContext.create(Internals.of(demur).model(), SIZE, SIZE, 1, threads))) {
            List<EncodedPrompt> prompts = new ArrayList<>();
            for (String line :
                    Files.readAllLines(Path.of("examples", "prompts.jsonl")).subList(0, PROMPTS)) {
                String prompt = JsonParser.parseString(line)
                        .getAsJsonObject()
                        .get("prompt")
                        .getAsString();
                prompts.add(Internals.of(demur).decisionPrompt(List.of(Message.user(prompt))));
            }
            int turns = Integer.parseInt(arguments[3]);
            for (int turn = -WARM_UP; turn < turns; turn++) {
                boolean plainFirst = turn % 2 == 0;
                double first = plainFirst ? decode(plain, prompts) : decide(head, prompts);
                double second = plainFirst ? decide(head, prompts) : decode(plain, prompts);
                if (turn >= 0) {
                    double ofPlain = plainFirst ? first : second;
                    double ofHead = plainFirst ? second : first;
                    ratios.add(ofHead / ofPlain);
                    plainMillis += ofPlain / turns;
                    decidedMillis += ofHead / turns;
                }
            }
        }
        JsonObject json = new JsonObject();
        json.addProperty("prompts", PROMPTS);
        json.addProperty("decoded_milliseconds", plainMillis);
        json.addProperty("decided_milliseconds", decidedMillis);
        JsonArray list = new JsonArray();
        ratios.forEach(list::add);
        json.add("ratios", list);
        System.out.println(json);
    }

    private static double decode(LlamaContext context, List<EncodedPrompt> prompts) {
        long start = System.nanoTime();
        for (EncodedPrompt prompt : prompts) {
            context.clear(0);
            context.decode(0, prompt.ids());
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static double decide(ReadingContext head, List<EncodedPrompt> prompts) {
        long start = System.nanoTime();
        for (EncodedPrompt prompt : prompts) {
            head.context().clear(0);
            head.reader().hold(0, prompt, 0);
            head.context().decode(0, prompt.ids());
            head.reader().read(0, 1);
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
