package dev.demur.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Scanner;

/**
 * What the contenders of {@code benchmarks/run} for whole replies share: they read numbers of replies from standard input,
 * give that many, and print a line of the form that {@code native/replies.c} tells.
 */
final class ReplyBlocks {

    /** One reply: its text, its tokens, and the nanoseconds after its first token. */
    record Reply(String text, int tokens, long afterFirst) {}

    /** Gives one reply. */
    interface Replier {
        Reply answer();
    }

    private ReplyBlocks() {}

    static void serve(Replier replier) {
        Scanner blocks = new Scanner(System.in, StandardCharsets.UTF_8);
        while (blocks.hasNextInt()) {
            int replies = blocks.nextInt();
            long after = 0;
            Reply last = null;
            long begin = System.nanoTime();
            for (int i = 0; i < replies; i++) {
                last = replier.answer();
                after += last.afterFirst();
            }
            long whole = System.nanoTime() - begin;
            if (last == null) {
                throw new IllegalArgumentException("a block of " + replies + " replies: give 1 or more");
            }
            System.out.printf("%d %d %d %016x%n", last.tokens(), after, whole, hash(last.text()));
        }
    }

    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
