/**
 * JSON as RFC 8259 has it, read strictly, with the place of every value. Needs nothing else of Demur.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.json;

import org.jspecify.annotations.NullMarked;
