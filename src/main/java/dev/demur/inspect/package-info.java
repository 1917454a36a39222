/** What a model file tells about itself, read without llama.cpp. */
@NullMarked
package dev.demur.inspect;

import org.jspecify.annotations.NullMarked;
