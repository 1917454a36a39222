package dev.demur.desktop.model;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those who want to hear that something has changed. */
public final class Observers {

    private final List<Runnable> all = new CopyOnWriteArrayList<>();

    /** Adds one. */
    public void add(Runnable observer) {
        all.add(observer);
    }

    /** Removes one. */
    public void remove(Runnable observer) {
        all.remove(observer);
    }

    /** Tells them all. */
    void tell() {
        all.forEach(Runnable::run);
    }
}
