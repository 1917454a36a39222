package dev.demur.benchmarks;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's greedy replies to prompts under several repeat penalties, a line of JSON each; {@code benchmarks/repetition}
 * counts how many of them run in circles.
 *
 * <p>Arguments: llama.cpp or {@code -}, the model, the most tokens of a reply, penalties with commas, control tokens as
 * {@code id=TEXT} with commas or {@code -} for the file's own, a system message or {@code -} for none, and files of prompts in
 * JSON lines, each {@code FILE:COUNT} for so many of its rows, evenly spread. Nothing is decided: the model goes on by itself, as one without control tokens
 * would, so that these are the words of the model as it is.
 */
public final class PenalisedReplies {

    private static final int TOGETHER = 8;

    private PenalisedReplies() {}

    public static void main(String[] args) throws IOException {
        LoadOptions load = LoadOptions.DEFAULTS
                .withLlama(args[0].equals("-") ? null : Path.of(args[0]))
                .withThreads(1); // which counts circles and no seconds, and so may run beside other work
        if (!args[4].equals("-")) {
            load = load.withControlTokens(controlTokens(args[4]));
        }
        List<String[]> prompts = new ArrayList<>();
        for (int i = 6; i < args.length; i++) {
            prompts.addAll(prompts(args[i]));
        }
        try (Demur demur = Demur.load(Path.of(args[1]), load)) {
            RefusalPolicy own = RefusalPolicy.defaults(demur.labels(), demur.readout().identity(), Rule.TOP_CATEGORY);
            for (var category : demur.labels().categories()) {
                own = own.withoutThreshold(category.id());
            }
            for (String penalty : args[3].split(",")) {
                GenerationOptions options = GenerationOptions.DEFAULTS
                        .withPolicy(own)
                        .withMaxTokens(Integer.parseInt(args[2]))
                        .withSampling(Sampling.GREEDY.withRepeatPenalty(Double.parseDouble(penalty)));
                for (int first = 0; first < prompts.size(); first += TOGETHER) {
                    reply(demur, args[5], prompts.subList(first, Math.min(prompts.size(), first + TOGETHER)), options, penalty);
                }
            }
        }
    }

    private static void reply(
            Demur demur, String system, List<String[]> prompts, GenerationOptions options, String penalty) {
        List<Request> requests = prompts.stream()
                .map(prompt -> system.equals("-")
                        ? List.of(Message.user(prompt[1]))
                        : List.of(Message.system(system), Message.user(prompt[1])))
                .map(messages -> Request.of(messages, options))
                .toList();
        List<Generation> replies = demur.generateAll(requests);
        for (int i = 0; i < replies.size(); i++) {
            JsonObject line = new JsonObject();
            line.addProperty("penalty", penalty);
            line.addProperty("list", prompts.get(i)[0]);
            line.addProperty("prompt", prompts.get(i)[1]);
            line.addProperty("decision", replies.get(i).decision().kind());
            line.addProperty("finish", replies.get(i).finishReason().id());
            line.addProperty("tokens", replies.get(i).timings().generatedTokens());
            line.addProperty("text", replies.get(i).text());
            System.out.println(line);
        }
    }

    private static Map<String, String> controlTokens(String text) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String token : text.split(",")) {
            tokens.put(token.substring(0, token.indexOf('=')), token.substring(token.indexOf('=') + 1));
        }
        return tokens;
    }

    /** The list's name and the text, of each prompt. */
    private static List<String[]> prompts(String argument) throws IOException {
        int colon = argument.lastIndexOf(':');
        Path file = Path.of(argument.substring(0, colon));
        int count = Integer.parseInt(argument.substring(colon + 1));
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank())
                .toList();
        List<String[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String line = lines.get((int) ((long) i * lines.size() / count));
            String prompt =
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString();
            prompts.add(new String[] {file.getParent().getFileName() + "/" + file.getFileName(), prompt});
        }
        return prompts;
    }
}
