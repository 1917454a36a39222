package dev.demur.cli.serve;

import dev.demur.DemurException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Where a server listens. Immutable. */
public final class ListenAddress {

    private final InetSocketAddress address;

    private ListenAddress(InetSocketAddress address) {
        this.address = address;
    }

    /**
     * An address of this machine.
     *
     * @param host a name or an address; {@code 0.0.0.0} or {@code ::} for all that the machine has
     * @param port 0 for any free one
     * @throws DemurException if the name is unknown
     */
    public static ListenAddress of(String host, int port) {
        try {
            return new ListenAddress(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            throw new DemurException("there is no host " + Quoted.of(host), e);
        }
    }

    static ListenAddress of(InetSocketAddress bound) {
        return new ListenAddress(bound);
    }

    /** Whether only programs of this machine can connect. */
    public boolean isLoopback() {
        return address.getAddress().isLoopbackAddress();
    }

    InetSocketAddress socketAddress() {
        return address;
    }

    /** The port. */
    public int port() {
        return address.getPort();
    }

    /** As {@code 127.0.0.1:8080}. */
    @Override
    public String toString() {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
