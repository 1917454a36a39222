package dev.demur.desktop.model;

import dev.demur.Demur;
import dev.demur.calibration.Provenance;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that nobody can ask, and that tells what was done with it. */
public final class FakeServer implements LocalServer {

    static final int TAKEN = 4444;

    final AtomicInteger started = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile RefusalPolicy served;
    volatile Path token;
    volatile Runnable answered;

    @Override
    public Running start(int port, Path tokenFile, Runnable told) throws IOException {
        if (port == TAKEN) {
            throw new BindException("Address already in use");
        }
        started.incrementAndGet();
        token = tokenFile;
        answered = told;
        return new Running() {
            @Override
            public String address() {
                return "http://127.0.0.1:" + port + "/v1";
            }

            @Override
            public void serve(Demur demur, Path file, RefusalPolicy policy, Optional<Provenance> provenance) {
                served = policy;
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }
}
