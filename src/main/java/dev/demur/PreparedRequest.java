package dev.demur;

import dev.demur.policy.Rules;

/**
 * A prompt to be answered.
 *
 * @param prompt its tokens
 * @param rules what decides
 * @param options how to answer
 * @param listener hears of the answer
 */
record PreparedRequest(Prompt prompt, Rules rules, GenerationOptions options, GenerationListener listener) {}
