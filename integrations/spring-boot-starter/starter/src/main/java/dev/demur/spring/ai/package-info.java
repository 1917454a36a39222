/** Demur in Spring AI: an advisor that decides before any model answers, and a chat model that runs in the process. */
@NullMarked
package dev.demur.spring.ai;

import org.jspecify.annotations.NullMarked;
