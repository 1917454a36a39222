/** Demur as Spring beans: what an application asks of it, by one policy, counted and watched. */
@NullMarked
package dev.demur.spring;

import org.jspecify.annotations.NullMarked;
