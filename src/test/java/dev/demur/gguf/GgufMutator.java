package dev.demur.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages sound GGUF files where it matters: it knows where their counts, lengths, types, names, values, extents and
 * offsets stand. The same seed gives the same damage.
 */
final class GgufMutator {

    /** A number or a text in the file. */
    private record Field(int at, int bytes, boolean text) {}

    /** Of longer arrays only this many elements are fields, or the vocabulary would outweigh all else. */
    private static final int ELEMENTS = 4;

    private static final long[] INTERESTING = {
        0,
        1,
        2,
        3,
        7,
        11,
        31,
        63,
        64,
        255,
        512,
        513,
        65_535,
        1L << 20,
        Integer.MAX_VALUE,
        0x8000_0000L,
        0xffff_ffffL,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE / 4,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -32
    };

    private final byte[] original;
    private final List<Field> fields = new ArrayList<>();
    private final ByteBuffer in;

    GgufMutator(byte[] original) {
        this.original = original.clone();
        this.in = ByteBuffer.wrap(this.original).order(ByteOrder.LITTLE_ENDIAN);
        walk();
    }

    /** One to three pieces of damage, now and then a file that is cut off. */
    byte[] mutant(long seed) {
        Random random = new Random(seed);
        byte[] bytes = original.clone();
        int damages = 1 + random.nextInt(3);
        for (int i = 0; i < damages; i++) {
            damage(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), random);
        }
        return random.nextInt(16) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private void damage(ByteBuffer out, Random random) {
        Field field = fields.get(random.nextInt(fields.size()));
        if (field.text()) {
            out.put(field.at() + random.nextInt(field.bytes()), (byte) random.nextInt());
            return;
        }
        long value = switch (random.nextInt(4)) {
            case 0 -> get(out, field) ^ 1L << random.nextInt(8 * field.bytes());
            case 1 -> get(out, field) + random.nextInt(5) - 2;
            case 2 -> random.nextLong();
            default -> INTERESTING[random.nextInt(INTERESTING.length)];
        };
        for (int i = 0; i < field.bytes(); i++) {
            out.put(field.at() + i, (byte) (value >>> 8 * i));
        }
    }

    private static long get(ByteBuffer in, Field field) {
        long value = 0;
        for (int i = field.bytes() - 1; i >= 0; i--) {
            value = value << 8 | in.get(field.at() + i) & 0xff;
        }
        return value;
    }

    private void walk() {
        in.position(4);
        number(4);
        long tensors = number(8);
        long keys = number(8);
        for (long i = 0; i < keys; i++) {
            text();
            value((int) number(4));
        }
        for (long i = 0; i < tensors; i++) {
            text();
            long dimensions = number(4);
            for (long j = 0; j < dimensions; j++) {
                number(8);
            }
            number(4);
            number(8);
        }
    }

    private void value(int type) {
        if (type == ValueType.STRING.ordinal()) {
            text();
        } else if (type == ValueType.ARRAY.ordinal()) {
            int elementType = (int) number(4);
            long count = number(8);
            for (long i = 0; i < count; i++) {
                int known = fields.size();
                value(elementType);
                if (i >= ELEMENTS) {
                    fields.subList(known, fields.size()).clear();
                }
            }
        } else {
            number(ValueType.values()[type].bytes);
        }
    }

    private long number(int bytes) {
        Field field = new Field(in.position(), bytes, false);
        fields.add(field);
        in.position(in.position() + bytes);
        return get(in, field);
    }

    private void text() {
        int length = (int) number(8);
        if (length > 0) {
            fields.add(new Field(in.position(), length, true));
        }
        in.position(in.position() + length);
    }
}
