package dev.demur.gguf;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What tensors must keep: names, types, and places in the file. */
final class TensorRules {

    /** llama.cpp uses the mapped file as it is and asserts that tensors lie so. */
    private static final int MAPPED_ALIGNMENT = 32;

    /** How the names of tensors end that are computed with element by element, whatever their shape. */
    private static final List<String> ADDED = List.of(
            ".bias",
            "norm.weight",
            "token_types.weight",
            "ssm_a",
            "ssm_d",
            "ssm_conv1d.weight",
            "shortconv.conv.weight",
            "time_mix_first.weight");

    private TensorRules() {}

    static void check(GgufContents contents) {
        Set<String> names = new HashSet<>();
        long next = 0;
        boolean exact = true;
        for (TensorInfo tensor : contents.tensors()) {
            if (!names.add(tensor.name())) {
                throw GgufException.damaged(contents.file(), "has the tensor " + tensor.name() + " twice");
            }
            checkOffset(contents, tensor, next, exact);
            checkType(contents, tensor);
            long bytes = tensor.bytes();
            exact = bytes >= 0;
            next = tensor.offset() + padded(Math.max(bytes, 0), contents.alignment());
        }
    }

    /** Tensors follow each other without gaps; where a type is not known, neither is the end of its tensor. */
    private static void checkOffset(GgufContents contents, TensorInfo tensor, long next, boolean exact) {
        long offset = tensor.offset();
        if (exact ? offset != next : offset < next || (offset & contents.alignment() - 1) != 0) {
            throw GgufException.damaged(
                    contents.file(),
                    "tensor " + tensor.name() + " is said to begin at " + Long.toUnsignedString(offset)
                            + " of the data section instead of "
                            + (exact ? "" : "a multiple of " + contents.alignment() + " from ") + next
                            + (exact ? "" : " on"));
        }
        if ((contents.dataStart() + offset) % MAPPED_ALIGNMENT != 0) {
            throw GgufException.unusable(
                    contents.file(),
                    "tensor " + tensor.name() + " does not begin at a multiple of " + MAPPED_ALIGNMENT
                            + " bytes (general.alignment is " + contents.alignment() + ")");
        }
        long room = contents.size() - contents.dataStart() - offset;
        if (room < Math.max(tensor.bytes(), 0)) {
            throw GgufException.damaged(
                    contents.file(),
                    "tensor " + tensor.name() + " reaches beyond the end of the file, by "
                            + (Math.max(tensor.bytes(), 0) - room) + " bytes");
        }
    }

    private static long padded(long bytes, long alignment) {
        return (bytes + alignment - 1) & -alignment;
    }

    private static void checkType(GgufContents contents, TensorInfo tensor) {
        TensorType type = tensor.type();
        if (type == null) {
            return;
        }
        String name = tensor.name();
        boolean vector = tensor.shape().size() == 1;
        boolean table = type == TensorType.I32 && !name.endsWith(".bias") && !isMatrix(name);
        boolean added = vector && !table || isAdded(name);
        if (added && type != TensorType.F32) {
            throw GgufException.unusable(contents.file(), "tensor " + name + " is of type " + type + ", not F32");
        }
        if (!vector && !type.isWeight() && !table) {
            throw GgufException.unusable(
                    contents.file(), "tensor " + name + " is of type " + type + ", which matrices cannot have");
        }
    }

    /**
     * Whether a tensor of several dimensions is added, multiplied or convolved element by element. Kernels do that in single
     * precision, and end the process where a tensor is of another type: on a thread of their own, out of reach.
     */
    private static boolean isAdded(String name) {
        return ADDED.stream().anyMatch(name::endsWith) || name.contains("_mix_lerp");
    }

    /** Tables of integers are few, and named otherwise but for one. */
    private static boolean isMatrix(String name) {
        return name.endsWith(".weight") && !name.endsWith("tid2eid.weight");
    }
}
