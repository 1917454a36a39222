package dev.demur.suites;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * What depends on how C is reached: it runs by FFM, by JNI and by JNI on Java 17. Every other {@code *IT} runs once, by
 * FFM on the newest Java. {@link SuitesTest} requires that such tests reach all of {@code Bindings}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("every-binding")
public @interface EveryBinding {}
