/** What Spring Boot's actuator shows of Demur: health and meters. */
@NullMarked
package dev.demur.spring.actuate;

import org.jspecify.annotations.NullMarked;
