package dev.demur.readout.internal;

/** What tests outside this package ask of a reader by backend sampling. */
public final class GraphDifferences {

    private GraphDifferences() {}

    /** How often the device's token was not that of the decision. */
    public static long of(Readout.Reader reader) {
        return ((BackendTokenReader) reader).differences();
    }
}
