package dev.demur.bindings;

import dev.demur.NativeLoadException;

/** Loads the binding in a process of its own and tells which it is, or why there is none. */
public final class BindingProbe {

    private BindingProbe() {}

    /** Prints the binding and the file of libdemur, or the message of the failure. */
    public static void main(String[] args) {
        try {
            System.out.println(Native.bindings().name());
            System.out.println(NativeLibraries.libdemur());
        } catch (NativeLoadException e) {
            System.out.println(e.getMessage());
        }
    }
}
