/**
 * What a model file tells about itself, read without llama.cpp: {@link dev.demur.inspect.Inspection}.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.inspect;

import org.jspecify.annotations.NullMarked;
