package dev.demur.benchmarks;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.Sampler;
import java.util.Arrays;

/**
 * java-llama.cpp's part in comparing whole replies: {@link LlamaModel#generate} with the best token alone and without its
 * prompt cache. Arguments: a model, threads, the size of the context, the most tokens of a reply, and the ids of a prompt,
 * with commas, which it takes as text. Its tokens are the outputs that have a text.
 */
final class JavaLlamaReplies {

    private JavaLlamaReplies() {}

    public static void main(String[] arguments) {
        int threads = Integer.parseInt(arguments[1]);
        int[] ids = Arrays.stream(arguments[4].split(","))
                .mapToInt(Integer::parseInt)
                .toArray();
        ModelParameters load = new ModelParameters()
                .setModel(arguments[0])
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setCtxSize(Integer.parseInt(arguments[2]))
                .setBatchSize(512)
                .disableLog();
        try (LlamaModel model = new LlamaModel(load)) {
            String prompt = model.decode(ids);
            if (!Arrays.equals(model.encode(prompt), ids)) {
                throw new IllegalStateException("java-llama.cpp makes other tokens of the prompt: "
                        + Arrays.toString(model.encode(prompt)) + " in place of " + Arrays.toString(ids));
            }
            InferenceParameters request = new InferenceParameters(prompt)
                    .setNPredict(Integer.parseInt(arguments[3]))
                    .setCachePrompt(false)
                    .setSamplers(Sampler.TOP_K)
                    .setTopK(1);
            ReplyBlocks.serve(() -> answer(model, request));
        }
        // A native thread that outlives the model would keep the process from ending.
        Runtime.getRuntime().halt(0);
    }

    private static ReplyBlocks.Reply answer(LlamaModel model, InferenceParameters request) {
        StringBuilder text = new StringBuilder();
        int tokens = 0;
        long first = 0;
        for (LlamaOutput output : model.generate(request)) {
            if (first == 0) {
                first = System.nanoTime();
            }
            tokens += output.text.isEmpty() ? 0 : 1;
            text.append(output.text);
        }
        return new ReplyBlocks.Reply(text.toString(), tokens, System.nanoTime() - first);
    }
}
