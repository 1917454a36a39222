package dev.demur.grammar;

/**
 * A rule as it was read.
 *
 * @param name what it is called
 * @param at where its name stands in the text
 * @param body what it stands for
 */
record Rule(String name, int at, Part.Choice body) {}
