package dev.demur;

import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import java.util.stream.IntStream;

/** Requests made of what tests have in lists beside each other. */
public final class Requests {

    private Requests() {}

    /** A request of each conversation, with the options at its place. */
    public static List<Request> of(List<List<Message>> conversations, List<GenerationOptions> options) {
        return IntStream.range(0, conversations.size())
                .mapToObj(i -> Request.of(conversations.get(i), options.get(i)))
                .toList();
    }

    /** A request of each conversation, decided by the policy at its place until they are all cancelled by one. */
    public static List<Request> decided(
            List<List<Message>> conversations, List<RefusalPolicy> policies, Cancellation cancellation) {
        return IntStream.range(0, conversations.size())
                .mapToObj(i -> Request.of(conversations.get(i))
                        .withPolicy(policies.get(i))
                        .withCancellation(cancellation))
                .toList();
    }
}
