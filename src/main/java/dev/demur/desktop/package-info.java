/**
 * The desktop application: windows over what {@code dev.demur.desktop.model} knows. Everything here runs on the event thread,
 * and nothing here waits.
 */
@NullMarked
package dev.demur.desktop;

import org.jspecify.annotations.NullMarked;
