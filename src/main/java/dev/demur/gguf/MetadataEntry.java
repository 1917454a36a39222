package dev.demur.gguf;

import org.jspecify.annotations.Nullable;

/**
 * Where one metadata value lies.
 *
 * @param key its name
 * @param type its type
 * @param elementType the type of an array's elements, null for a single value
 * @param count an array's length, 1 for a single value
 * @param position where the value, or an array's first element, begins in the file
 */
record MetadataEntry(String key, ValueType type, @Nullable ValueType elementType, int count, int position) {

    /** What messages call the type. */
    String typeLabel() {
        return elementType == null ? type.label : "array of " + elementType.label;
    }

    boolean isArrayOf(ValueType element) {
        return elementType == element;
    }
}
