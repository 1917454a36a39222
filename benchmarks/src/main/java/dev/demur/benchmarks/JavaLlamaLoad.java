package dev.demur.benchmarks;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.Sampler;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * java-llama.cpp's part in comparing many requests at once: its slots. Arguments: a model, threads, the tokens of the cache, the
 * most tokens of a reply, and how many requests. It reads the ids of each prompt, with commas, from a line of standard input. Its
 * tokens are the outputs that have a text.
 */
final class JavaLlamaLoad {

    private JavaLlamaLoad() {}

    public static void main(String[] arguments) throws Exception {
        int threads = Integer.parseInt(arguments[1]);
        int requests = Integer.parseInt(arguments[4]);
        ModelParameters load = new ModelParameters()
                .setModel(arguments[0])
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setParallel(requests)
                .setCtxSize(Integer.parseInt(arguments[2]))
                .setBatchSize(512)
                .disableLog();
        try (LlamaModel model = new LlamaModel(load)) {
            List<String> prompts = new ArrayList<>();
            // Not by a Scanner, which would take lines that are to be another's.
            for (int i = 0; i < requests; i++) {
                int[] ids = Arrays.stream(line().split(","))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                prompts.add(model.decode(ids));
            }
            RequestsAtOnce.serve(requests, (request, first) -> answer(model, prompts.get(request), arguments[3], first));
        }
        // A native thread that outlives the model would keep the process from ending.
        Runtime.getRuntime().halt(0);
    }

    private static String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = System.in.read(); c != '\n'; c = System.in.read()) {
            if (c < 0) {
                throw new EOFException("there must be a line with a prompt for each request");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    private static int answer(LlamaModel model, String prompt, String most, Runnable first) {
        InferenceParameters request = new InferenceParameters(prompt)
                .setNPredict(Integer.parseInt(most))
                .setCachePrompt(false)
                .setSamplers(Sampler.TOP_K)
                .setTopK(1);
        int tokens = 0;
        for (LlamaOutput output : model.generate(request)) {
            if (!output.text.isEmpty() && tokens++ == 0) {
                first.run();
            }
        }
        return tokens;
    }
}
