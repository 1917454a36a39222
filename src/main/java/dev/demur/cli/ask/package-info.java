/** One prompt or a conversation: {@code ask} and {@code chat}. */
@NullMarked
package dev.demur.cli.ask;

import org.jspecify.annotations.NullMarked;
