/** From labelled prompts to a policy, and what it does: {@code fit}, {@code score}, {@code calibrate}, {@code policy}, {@code eval}, {@code monitor}. */
@NullMarked
package dev.demur.cli.calibrate;

import org.jspecify.annotations.NullMarked;
