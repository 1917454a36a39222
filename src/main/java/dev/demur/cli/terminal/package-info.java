/** What a person sees and types: colours, widths, tables, progress, numbers. */
@NullMarked
package dev.demur.cli.terminal;

import org.jspecify.annotations.NullMarked;
