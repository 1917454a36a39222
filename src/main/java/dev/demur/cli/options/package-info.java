/** What commands have in common: options, their values, exit statuses, and what is said of mistakes. */
@NullMarked
package dev.demur.cli.options;

import org.jspecify.annotations.NullMarked;
