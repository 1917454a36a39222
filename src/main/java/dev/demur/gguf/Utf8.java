package dev.demur.gguf;

import java.nio.charset.StandardCharsets;

/** UTF-8 in a byte array, without a decoder. */
final class Utf8 {

    private Utf8() {}

    static String decode(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }

    /** Whether {@code length} bytes from {@code from} on are well-formed (RFC 3629: no surrogates, no long forms). */
    static boolean isValid(byte[] bytes, int from, int length) {
        int end = from + length;
        int at = from;
        while (at < end) {
            int first = bytes[at++];
            if (first >= 0) {
                continue;
            }
            int more = first < (byte) 0xc2 ? -1 : first < (byte) 0xe0 ? 1 : first < (byte) 0xf0 ? 2 : 3;
            if (more < 0 || first > (byte) 0xf4 || end - at < more || !isSecond(first & 0xff, bytes[at] & 0xff)) {
                return false;
            }
            for (int i = 1; i < more; i++) {
                if ((bytes[at + i] & 0xc0) != 0x80) {
                    return false;
                }
            }
            at += more;
        }
        return true;
    }

    /** Whether the byte may follow this first byte of two or more. */
    private static boolean isSecond(int first, int second) {
        int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return second >= lowest && second <= highest;
    }
}
