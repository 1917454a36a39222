package dev.demur.llama.internal;

/**
 * A part of a prompt that shares a decode: what of the prompt's first {@code to} tokens its sequence does not hold.
 *
 * @param sequence holds the beginning of the prompt
 * @param prompt its tokens
 * @param to where the part ends
 * @param output whether the output at its last token is to be read
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record DecodePart(int sequence, int[] prompt, int to, boolean output) {}
