/** What is here and what works: {@code doctor} and {@code inspect}. */
@NullMarked
package dev.demur.cli.doctor;

import org.jspecify.annotations.NullMarked;
