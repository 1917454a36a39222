package dev.demur.dataset;

import dev.demur.arguments.Given;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells whether two rows ask the same: 128 bits of the SHA-256 of the prompt without what makes no two prompts different.
 *
 * <p>Left out are case, compatibility forms of characters (NFKC), invisible ones, the amount of white space, and the marks
 * that a sentence ends with. Whoever has a prompt can tell whether it was scored; from the hash alone nobody can tell the
 * prompt.
 */
public final class PromptHash {

    private static final int BYTES = 16;

    /** Of the digits; also their base. */
    private static final int HALF = 16;

    private static final Pattern TEXT = Pattern.compile("[0-9a-f]{32}");

    /** Format characters, such as a byte order mark, zero-width joiners and soft hyphens. */
    private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}");

    private static final Pattern SPACES = Pattern.compile("[\\s\\p{Z}]+");
    private static final Pattern END = Pattern.compile("[\\s.!?\\u2026\\u3002]+$");

    private PromptHash() {}

    /** 32 hexadecimal digits. */
    public static String of(String prompt) {
        Given.value(prompt, "prompt");
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(normalised(prompt).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** The first half of its digits, as a number. */
    public static long leading(String prompt) {
        Given.value(prompt, "prompt");
        return Long.parseUnsignedLong(of(prompt), 0, HALF, HALF);
    }

    /** The prompt as it is compared: without what the hash leaves out; one of marks alone keeps them. */
    public static String normalised(String prompt) {
        Given.value(prompt, "prompt");
        String text = Normalizer.normalize(prompt, Normalizer.Form.NFKC);
        text = INVISIBLE.matcher(text).replaceAll("");
        // Upper case first: what has one only there, as the sharp s, is then the same too.
        text = text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        text = SPACES.matcher(text).replaceAll(" ").strip();
        String open = END.matcher(text).replaceFirst("");
        return open.isEmpty() ? text : open;
    }

    /** Whether a text could be a hash: whether it is 32 hexadecimal digits, in small letters. */
    public static boolean isHash(String text) {
        Given.value(text, "text");
        return TEXT.matcher(text).matches();
    }
}
