package dev.demur.desktop.model;

import dev.demur.Demur;
import dev.demur.calibration.Provenance;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Has other programs of this machine ask the model of the window. The application that opens the window brings it. */
@FunctionalInterface
public interface LocalServer {

    /**
     * Listens at this machine's own address, which others cannot reach.
     *
     * @param port 0: any that is free
     * @param token a file that only this user can read; its one line is what clients must send
     * @param answered hears of each request that was answered or refused, on any thread
     * @throws java.net.BindException if another program listens at that port
     * @throws IOException if it cannot listen there for another reason
     * @throws dev.demur.DemurException if the token cannot be read
     */
    Running start(int port, Path token, Runnable answered) throws IOException;

    /** A server that listens. Closing it ends what is under way, waits for that, and leaves the model open. */
    interface Running extends AutoCloseable {

        /** Where clients ask, as {@code http://127.0.0.1:8080/v1}. */
        String address();

        /**
         * Has requests that come from now on answered by this model and decided by this policy. Waits for nothing.
         *
         * @param demur stays its owner's, and may be closed once this has been called with another one
         * @param file that it was loaded from
         * @param provenance how the policy's calibration differs from what is used here; empty where it has none
         */
        void serve(Demur demur, Path file, RefusalPolicy policy, Optional<Provenance> provenance);

        @Override
        void close();
    }
}
