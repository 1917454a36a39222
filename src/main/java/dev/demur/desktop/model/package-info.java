/** What the desktop application knows and does, without a window: plain Java, for one thread, that of the user interface. */
@NullMarked
package dev.demur.desktop.model;

import org.jspecify.annotations.NullMarked;
