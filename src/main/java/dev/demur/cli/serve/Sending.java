package dev.demur.cli.serve;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.channel.socket.DuplexChannel;

/**
 * What goes out over a connection. Nobody looks at the futures: what fails closes the connection, and that is told to whoever
 * needs to know.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class Sending {

    private Sending() {}

    /** Sends with what is sent next. */
    static void later(ChannelOutboundInvoker connection, Object message) {
        connection.write(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    static void now(ChannelOutboundInvoker connection, Object message) {
        connection.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    static void close(ChannelOutboundInvoker connection) {
        connection.close();
    }

    /** Ends what goes out; what comes in is still read. */
    static void endOutput(DuplexChannel channel) {
        channel.shutdownOutput();
    }

    static void then(ChannelFuture future, ChannelFutureListener listener) {
        future.addListener(listener);
    }
}
