package dev.demur.calibration;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import dev.demur.scoring.ScoredPrompts;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a policy keeps of the prompts that it was calibrated on, to tell whether others are among them: 48 bits of each
 * prompt's hash, and of more than {@value #MOST} prompts those with the least. That takes 8 KiB at most.
 *
 * <p>Hashes are spread evenly, so the least ones are a sample of the prompts: any prompt whose hash is no larger than the
 * largest that is kept is either kept or was not there. That two prompts share 48 bits is as good as impossible.
 */
final class PromptSketch {

    /** Of that many prompts or fewer all are kept. */
    static final int MOST = 1024;

    private static final int BYTES = 6;
    private static final int DROPPED_BITS = Long.SIZE - BYTES * Byte.SIZE;

    private final long[] hashes; // ascending

    private PromptSketch(long[] hashes) {
        this.hashes = hashes;
    }

    /** Of all prompts that have a hash; null where none has. */
    static @Nullable PromptSketch of(ScoredPrompts prompts) {
        long[] all = IntStream.range(0, prompts.size())
                .filter(prompts::hasPromptHash)
                .mapToLong(row -> shortened(prompts, row))
                .sorted()
                .distinct()
                .toArray();
        return all.length == 0 ? null : new PromptSketch(Arrays.copyOf(all, Math.min(all.length, MOST)));
    }

    private static long shortened(ScoredPrompts prompts, int row) {
        return prompts.leadingPromptHash(row) >>> DROPPED_BITS;
    }

    /** Whether nothing can be told of this row, because only smaller hashes were kept. */
    boolean isBeyond(ScoredPrompts prompts, int row) {
        return hashes.length >= MOST && shortened(prompts, row) > hashes[hashes.length - 1];
    }

    boolean contains(ScoredPrompts prompts, int row) {
        return Arrays.binarySearch(hashes, shortened(prompts, row)) >= 0;
    }

    JsonElement json() {
        ByteBuffer bytes = ByteBuffer.allocate(hashes.length * BYTES);
        for (long hash : hashes) {
            bytes.putShort((short) (hash >>> Integer.SIZE)).putInt((int) hash);
        }
        return new JsonPrimitive(Base64.getEncoder().encodeToString(bytes.array()));
    }

    /** Null where there is none, or something that is no sketch. */
    static @Nullable PromptSketch parse(@Nullable JsonElement json) {
        if (!(json instanceof JsonPrimitive text) || !text.isString()) {
            return null;
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text.getAsString());
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (bytes.length == 0 || bytes.length % BYTES != 0) {
            return null;
        }
        long[] hashes = new long[bytes.length / BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int i = 0; i < hashes.length; i++) {
            long high = Short.toUnsignedLong(buffer.getShort());
            hashes[i] = high << Integer.SIZE | Integer.toUnsignedLong(buffer.getInt());
        }
        Arrays.sort(hashes);
        return new PromptSketch(hashes);
    }
}
