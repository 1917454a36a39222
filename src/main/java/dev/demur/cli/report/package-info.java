/**
 * The report of an evaluation: one HTML file that needs no other, with the numbers as tables and as plots in SVG.
 *
 * <p>A part of the application, not of the library. Plots are drawn here and not by a plotting library, because those for
 * Java draw by AWT: text becomes outlines, colours cannot follow the reader's preference, and without installed fonts,
 * as in most containers, they fail.
 */
@NullMarked
package dev.demur.cli.report;

import org.jspecify.annotations.NullMarked;
