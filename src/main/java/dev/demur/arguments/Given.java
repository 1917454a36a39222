package dev.demur.arguments;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arguments that must be there: a null one is a wrong argument like any other, and so an IllegalArgumentException. */
public final class Given {

    private Given() {}

    /**
     * The argument, which is not null.
     *
     * @param name what the caller knows it by
     * @throws IllegalArgumentException if it is null
     */
    public static <T> T value(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + ": is null");
        }
        return value;
    }

    /**
     * A copy of the list, which is not null, nor is anything in it.
     *
     * @param name what the caller knows it by
     * @throws IllegalArgumentException if something is null
     */
    public static <T> List<T> list(@Nullable List<? extends T> list, String name) {
        int place = 0;
        for (T element : value(list, name)) {
            value(element, name + "[" + place + "]");
            place++;
        }
        return List.copyOf(value(list, name));
    }
}
