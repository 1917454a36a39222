/** Auto-configuration: the properties below {@code demur}, and the beans that are made of them. */
@NullMarked
package dev.demur.spring.boot;

import org.jspecify.annotations.NullMarked;
