package dev.demur.monitor;

import dev.demur.arguments.Given;
import dev.demur.policy.Decision;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which decisions are audited, that is: labelled by somebody who does not know more of them than the prompt.
 *
 * <p>A lot decides, which looks at nothing but whether the prompt was refused. A refusal is audited with one probability and
 * an answer with another, so that one may label all refusals and one answer in a hundred. Labels that came in another way,
 * as by complaints, tell nothing about a rate: a monitor must not be told them.
 *
 * @param refused the share of refused prompts that is audited, above 0 and at most 1
 * @param answered the share of all others, above 0 and at most 1; of nothing but refusals no rate can be told
 */
public record AuditPlan(double refused, double answered) {

    /** Every decision is labelled, as in a data set. */
    public static final AuditPlan ALL = new AuditPlan(1, 1);

    private static final String SALT = "demur audit\n";
    private static final int FRACTION_BITS = 53;

    public AuditPlan {
        requireShare("refused", refused);
        requireShare("answered", answered);
    }

    /**
     * The same share of refused and answered prompts.
     *
     * @param share above 0 and at most 1
     */
    public static AuditPlan uniform(double share) {
        return new AuditPlan(share, share);
    }

    private static void requireShare(String name, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(name + ": " + share
                    + " is not above 0 and at most 1: a rate needs labels of refused and of answered prompts");
        }
    }

    /**
     * Draws the lot for a decision. The same id gets the same lot on every machine, so that nothing has to be remembered.
     *
     * @param id of the request; a running number or a random one, which does not depend on the prompt
     */
    public boolean selects(String id, Decision decision) {
        Given.value(id, "id");
        return fraction(id) < (isRefused(Given.value(decision, "decision")) ? refused : answered);
    }

    static boolean isRefused(Decision decision) {
        return decision instanceof Decision.Refuse;
    }

    /** The share of decisions of this kind that is audited. */
    double share(boolean isRefused) {
        return isRefused ? refused : answered;
    }

    /** A number in [0, 1) that depends on the id alone and is uniform over ids. */
    private static double fraction(String id) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest((SALT + id).getBytes(StandardCharsets.UTF_8));
            return (ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - FRACTION_BITS)) * 0x1p-53;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
