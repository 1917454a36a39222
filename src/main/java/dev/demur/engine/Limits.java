package dev.demur.engine;

/**
 * How much an engine does at once.
 *
 * @param parallel the most requests that are under way together
 * @param chunk the most tokens of prompts that are decoded between two tokens of replies
 * @param queueLimit the most calls that wait for their turn
 * @param waits whether a call that finds the queue full waits for a place in it; else it fails
 */
public record Limits(int parallel, int chunk, int queueLimit, boolean waits) {}
