package dev.demur;

import dev.demur.policy.Decision;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.internal.Readout;

/** What reads where replies are written while another model decides: nothing is decided there. */
final class NoReader implements Readout.Reader {

    @Override
    public Reading read(int sequence, Rules rules) {
        throw unread();
    }

    @Override
    public Reading read(int sequence, double temperature) {
        throw unread();
    }

    @Override
    public Opening opening(int sequence, Decision decision) {
        throw unread();
    }

    private static IllegalStateException unread() {
        return new IllegalStateException("another model decides");
    }
}
