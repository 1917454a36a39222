package dev.demur.gguf;

import org.jspecify.annotations.Nullable;

/** The types of metadata values, in the order of their numbers in the file. */
enum ValueType {
    U8("u8", 1),
    I8("i8", 1),
    U16("u16", 2),
    I16("i16", 2),
    U32("u32", 4),
    I32("i32", 4),
    F32("f32", 4),
    BOOL("bool", 1),
    STRING("string", 0),
    ARRAY("array", 0),
    U64("u64", 8),
    I64("i64", 8),
    F64("f64", 8);

    private static final ValueType[] BY_ID = values();

    /** What messages call it. */
    final String label;
    /** The size of a value; 0 where it varies. */
    final int bytes;

    ValueType(String label, int bytes) {
        this.label = label;
        this.bytes = bytes;
    }

    static @Nullable ValueType of(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    boolean isSigned() {
        return this == I8 || this == I16 || this == I32 || this == I64;
    }

    boolean isInteger() {
        return bytes > 0 && this != F32 && this != F64 && this != BOOL;
    }
}
