/**
 * Demur in LangChain4j: models that decide, moderate and answer in the process, and guardrails, each by a policy that may
 * carry a promise.
 *
 * <p>Each takes a loaded {@link dev.demur.Demur}, which stays the caller's: close it when nothing uses it any more. One may
 * serve any number of them, from any number of threads.
 */
@NullMarked
package dev.demur.langchain4j;

import org.jspecify.annotations.NullMarked;
