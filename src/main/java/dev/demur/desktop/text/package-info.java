/** Shows Markdown as Swing components. */
@NullMarked
package dev.demur.desktop.text;

import org.jspecify.annotations.NullMarked;
