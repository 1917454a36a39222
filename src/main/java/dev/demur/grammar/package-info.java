/**
 * Grammars in GBNF, the notation of llama.cpp: read, checked and followed here.
 *
 * <p>llama.cpp's own parser writes its complaints to standard error, and following some grammars takes it exponential time
 * or endless recursion, which nothing can interrupt. {@link dev.demur.grammar.GrammarMatcher} follows all ways to read a
 * text at once, with bounds.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.grammar;

import org.jspecify.annotations.NullMarked;
