/** Files that commands read and write: prompts, and what is written whole or not at all. */
@NullMarked
package dev.demur.cli.files;

import org.jspecify.annotations.NullMarked;
