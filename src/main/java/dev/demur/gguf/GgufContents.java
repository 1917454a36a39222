package dev.demur.gguf;

import java.util.List;

/**
 * One file as it was read, before any rule about its contents is checked.
 *
 * @param file its name, for messages
 * @param version 2 or 3
 * @param alignment a power of two; tensors begin at multiples of it
 * @param metadata the keys and their values
 * @param tensors in the order of the file
 * @param dataStart where the data section begins in the file
 * @param size of the file, in bytes
 */
record GgufContents(
        String file,
        int version,
        long alignment,
        Metadata metadata,
        List<TensorInfo> tensors,
        long dataStart,
        long size) {}
