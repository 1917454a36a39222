package dev.demur.hostile;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.gguf.GgufException;
import dev.demur.internal.Internals;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Message;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.PolicyException;
import dev.demur.readout.NoReadoutException;
import dev.demur.readout.internal.Readout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The process that hostile files are opened in: a number of threads and a path a line on standard input, an answer a line
 * on standard output.
 * The answer is a word, the peak of resident memory in KiB, and what was said about the file.
 */
final class HostileFileProbe {

    private static final int CONTEXT = 64;
    /** In bytes; Java gives the least that it can run on. */
    private static final long LEAST_STACK = Long.getLong("demur.test.stack", 1);

    private static final List<Message> PROMPT = List.of(Message.user("how do you do the what"));

    private final LoadOptions options;

    private HostileFileProbe(@Nullable Path llama) {
        this.options = LoadOptions.DEFAULTS.withLlama(llama).withContextSize(CONTEXT);
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        HostileFileProbe probe = new HostileFileProbe(args.length == 0 ? null : Path.of(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            resetPeak();
            Path file = Path.of(line.substring(2));
            int threads = line.charAt(0) - '0';
            FutureTask<String> answer = new FutureTask<>(() -> probe.answer(file, threads));
            Thread thread = new Thread(null, answer, "hostile", LEAST_STACK);
            thread.start();
            out.println(answer.get());
        }
    }

    /** The kind of answer, the peak and the text, in one line. */
    private String answer(Path file, int threads) throws IOException {
        Answer.Kind kind;
        String said;
        try {
            said = open(file, threads);
            kind = Answer.Kind.LOADED;
        } catch (GgufException | LlamaException | PolicyException e) {
            kind = Answer.Kind.REFUSED;
            said = e.toString();
        } catch (DemurException e) {
            // of the library's own: without control tokens, say, or with a template that llama.cpp does not know
            boolean told = e.getClass() == DemurException.class || e instanceof NoReadoutException;
            kind = told ? Answer.Kind.REFUSED : Answer.Kind.BROKEN;
            said = e.toString();
        } catch (RuntimeException | Error e) {
            kind = Answer.Kind.BROKEN;
            said = e + " at " + List.of(e.getStackTrace());
        }
        return kind + " " + peak() + " " + said.replace('\n', ' ').replace('\r', ' ');
    }

    /** Loads the model and, if that works, asks it once by each of the two ways there are. */
    private String open(Path file, int threads) {
        try (Demur demur = Demur.load(file, options.withThreads(threads))) {
            String first = demur.labels().id(0);
            try {
                demur.generate(Request.of(
                        PROMPT,
                        GenerationOptions.DEFAULTS
                                .withMaxTokens(4)
                                .withPolicy(demur.policy().withThreshold(first, 0))));
                score(demur, threads);
                return "answers";
            } catch (DemurException e) {
                return "does not answer: " + e;
            }
        }
    }

    private static void score(Demur demur, int threads) {
        int[] prompt = {0, 1, 2, 0};
        try (LlamaContext context = LlamaContext.create(Internals.of(demur).model(), 16, 16, 3, threads)) {
            context.shareBeginning(0, 1);
            Readout.Reader reader = Internals.of(demur).readout().reader(context);
            for (int round = 0; round < 2; round++) {
                for (int sequence = 0; sequence < 3; sequence++) {
                    context.begin(sequence, prompt);
                }
                context.decode(List.of(prompt, prompt, prompt), 0);
                reader.read(0, 1);
            }
        }
    }

    private static void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    private static long peak() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IllegalStateException("/proc/self/status has no VmHWM");
    }
}
