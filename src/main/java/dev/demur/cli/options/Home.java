package dev.demur.cli.options;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the program lies: in a checkout, whose pages it may name, or packaged, for people who have neither pages nor sources. */
public final class Home {

    private Home() {}

    /** What the launcher says; without one the working folder. */
    public static Path folder() {
        return Path.of(System.getProperty("demur.home", ""));
    }

    /** Whether there is this page of the checkout, such as {@code docs/SERVER.md}. */
    public static boolean has(String page) {
        return Files.isRegularFile(folder().resolve(page));
    }
}
