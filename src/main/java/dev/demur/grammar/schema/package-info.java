/**
 * JSON Schema as a grammar in GBNF, whose texts are JSON that the schema accepts.
 *
 * <p>{@link dev.demur.grammar.schema.Schema} is a schema as it was read, {@link dev.demur.grammar.schema.Conjunction}
 * several that a value must fit at once, {@link dev.demur.grammar.schema.Shape} what they ask of it together, and
 * {@link dev.demur.grammar.schema.Rules} the rules that come of it.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.grammar.schema;

import org.jspecify.annotations.NullMarked;
