package dev.demur.cli.serve;

import java.time.Duration;

/**
 * How much a server takes on. What is beyond a limit is answered with the status that HTTP has for it.
 *
 * @param bodyBytes the largest body of a request (413)
 * @param promptTokens the longest prompt (400); 0: what the model's context holds
 * @param concurrent how many requests are at the model at once
 * @param waiting how many may wait for their turn beyond that (429)
 * @param connections how many clients may be connected (503)
 * @param answering how long a request may take once it has been read (504)
 * @param client how long a client may take to send a request (408), or to read a part of its answer
 * @param idle how long a connection may lie idle between requests
 * @param stopping how long requests under way may go on when the server is told to stop
 */
public record Limits(
        int bodyBytes,
        int promptTokens,
        int concurrent,
        int waiting,
        int connections,
        Duration answering,
        Duration client,
        Duration idle,
        Duration stopping) {

    /** What {@code demur serve} takes on unless it is told otherwise. */
    public static final Limits DEFAULTS = new Limits(
            1 << 20,
            0,
            8,
            64,
            4096,
            Duration.ofSeconds(300),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(20));
}
