/**
 * Chat templates in Jinja, rendered as transformers renders them, with every character's origin known.
 *
 * <p>A model file is not to be trusted, so this is an interpreter of its own for what chat templates use: it reaches
 * nothing of Java, and its steps, texts, collections and nesting are bounded. A template ends in its text or in a {@link
 * dev.demur.jinja.JinjaException} that names a line.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.jinja;

import org.jspecify.annotations.NullMarked;
