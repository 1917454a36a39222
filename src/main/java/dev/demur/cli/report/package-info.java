/**
 * The report of an evaluation: one HTML file that needs no other, with the numbers as tables and as plots in SVG.
 *
 * <p>A part of the application, not of the library. Plots are written as SVG here, because what was tried instead, XChart,
 * draws by AWT: text becomes outlines, colours cannot follow the reader's preference, and without installed fonts, as in
 * many containers, it fails. Pictures, for which AWT is needed, are drawn from the SVG by JSVG.
 */
@NullMarked
package dev.demur.cli.report;

import org.jspecify.annotations.NullMarked;
