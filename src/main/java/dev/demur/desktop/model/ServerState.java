package dev.demur.desktop.model;

/** Where the application is with its server. */
public sealed interface ServerState {

    /** It does not run. */
    record Off() implements ServerState {}

    /** It begins to listen. */
    record Starting() implements ServerState {}

    /**
     * It listens.
     *
     * @param address where clients ask
     * @param token what they send
     */
    record On(String address, String token) implements ServerState {

        /** The token is for the window alone. */
        @Override
        public String toString() {
            return "On[" + address + "]";
        }
    }

    /** It ends what is under way. */
    record Stopping() implements ServerState {}

    /** It could not be started. */
    record Failed(String problem) implements ServerState {}
}
