/** JSON as RFC 8259 has it, read strictly, with the place of every value. Needs nothing else of Demur. */
@NullMarked
package dev.demur.json;

import org.jspecify.annotations.NullMarked;
