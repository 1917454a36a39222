package dev.demur.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the contenders of {@code benchmarks/run --load} in Java share: for every line of standard input they answer some requests,
 * each from a thread of its own and all at the same time, and print a line of the form that {@code native/slots.c} tells.
 */
final class RequestsAtOnce {

    /** Answers a request on the calling thread. */
    interface Answerer {

        /**
         * Answers one.
         *
         * @param request its number, from 0 on
         * @param first to be run when its first token is there
         * @return how many tokens its reply has
         */
        int answer(int request, Runnable first);
    }

    private record Answered(int tokens, long first, long last) {}

    private RequestsAtOnce() {}

    static void serve(int requests, Answerer answerer) throws ExecutionException, InterruptedException {
        ExecutorService users = Executors.newFixedThreadPool(requests);
        try {
            Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
            while (lines.hasNextLine()) {
                lines.nextLine();
                System.out.println(run(requests, answerer, users));
            }
        } finally {
            users.shutdown();
        }
    }

    private static String run(int requests, Answerer answerer, ExecutorService users)
            throws ExecutionException, InterruptedException {
        long begin = System.nanoTime();
        List<Future<Answered>> running = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            int request = i;
            running.add(users.submit(() -> {
                long[] first = {0};
                int tokens = answerer.answer(request, () -> first[0] = System.nanoTime() - begin);
                return new Answered(tokens, first[0], System.nanoTime() - begin);
            }));
        }
        int tokens = 0;
        StringBuilder times = new StringBuilder();
        for (Future<Answered> each : running) {
            Answered answered = each.get();
            tokens += answered.tokens();
            times.append(' ').append(answered.first()).append(',').append(answered.last());
        }
        return tokens + " " + (System.nanoTime() - begin) + times;
    }
}
