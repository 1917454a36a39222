package dev.demur.readout;

/** What tests outside this package ask of a reader in the compute graph. */
public final class GraphDifferences {

    private GraphDifferences() {}

    /** How often the device's token was not that of the decision. */
    public static long of(Readout.Reader reader) {
        return ((GraphTokenReader) reader).differences();
    }
}
