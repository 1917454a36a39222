package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.llama.LlamaException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;

/**
 * Native memory for the calls of one thread: the error message, one out parameter, and room for arguments.
 *
 * <p>A call that happens once opens a frame of its own; an object that calls per token keeps one. The frame is not
 * thread-safe; closing it frees the memory.
 */
final class NativeCallBuffer implements AutoCloseable {

    private static final int ERROR_BYTES = 1024;
    private static final int OUT = ERROR_BYTES;
    private static final int DATA = ERROR_BYTES + 64;

    private final Bindings bindings;
    private ByteBuffer memory;
    private ByteBuffer data;
    private long address;

    private NativeCallBuffer(Bindings bindings, long dataBytes) {
        this.bindings = bindings;
        this.address = allocate(bindings, dataBytes);
        this.memory = bindings.memoryView(address, DATA + dataBytes);
        this.data = dataOf(memory);
    }

    private static long allocate(Bindings bindings, long dataBytes) {
        if (dataBytes > Integer.MAX_VALUE - DATA) {
            throw new IllegalArgumentException(dataBytes + " bytes are more than one native call takes");
        }
        long address = bindings.memoryAllocate(DATA + dataBytes);
        if (address == 0) {
            throw new LlamaException(
                    LlamaException.Reason.MEMORY, "no native memory for a buffer of " + dataBytes + " bytes");
        }
        return address;
    }

    private static ByteBuffer dataOf(ByteBuffer memory) {
        return memory.slice(DATA, memory.capacity() - DATA).order(memory.order());
    }

    /** A frame with {@code dataBytes} bytes of room for arguments. */
    static NativeCallBuffer open(Bindings bindings, long dataBytes) {
        return new NativeCallBuffer(bindings, dataBytes);
    }

    /** Makes the room for arguments at least {@code dataBytes} large; where it was not, what it held is lost. */
    void require(long dataBytes) {
        if (data.capacity() < dataBytes) {
            long larger = allocate(bindings, dataBytes);
            bindings.memoryFree(address);
            address = larger;
            memory = bindings.memoryView(larger, DATA + dataBytes);
            data = dataOf(memory);
        }
    }

    /** A frame whose room holds {@code text}, NUL-terminated. */
    static NativeCallBuffer ofText(Bindings bindings, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeCallBuffer frame = open(bindings, bytes.length + 1L);
        frame.data().put(0, bytes);
        return frame;
    }

    long error() {
        return address;
    }

    long out() {
        return address + OUT;
    }

    long outLong() {
        return memory.getLong(OUT);
    }

    int outInt() {
        return memory.getInt(OUT);
    }

    /** The address of the room for arguments. */
    long dataAddress() {
        return address + DATA;
    }

    /** The room for arguments, in native byte order and always the same object; to be written to at absolute places. */
    ByteBuffer data() {
        return data;
    }

    /** Returns on {@code DEMUR_OK} and throws what the status stands for otherwise. */
    void check(int status) {
        if (status == Status.OK) {
            return;
        }
        String message = message();
        throw switch (status) {
            case Status.ARGUMENT, Status.SPACE -> new IllegalArgumentException(message);
            case Status.CANCELLED -> new CancellationException(message);
            default -> new LlamaException(Status.reason(status), message);
        };
    }

    private String message() {
        int length = 0;
        while (length < ERROR_BYTES && memory.get(length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        memory.get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (address != 0) {
            bindings.memoryFree(address);
            address = 0;
        }
    }

    /** A native function that writes text: its arguments behind the ones that differ. */
    interface TextCall {
        int call(long out, long capacity, long length, long error);
    }

    /** The text that {@code call} writes, asked again with more room where the first buffer was too small. */
    static String text(Bindings bindings, TextCall call) {
        return new String(bytes(bindings, call), StandardCharsets.UTF_8);
    }

    /** The bytes that {@code call} writes. */
    static byte[] bytes(Bindings bindings, TextCall call) {
        long room = 4096;
        while (true) {
            try (NativeCallBuffer frame = open(bindings, room)) {
                int status = call.call(frame.dataAddress(), room, frame.out(), frame.error());
                if (status == Status.SPACE && frame.outLong() > room) {
                    room = frame.outLong();
                    continue;
                }
                frame.check(status);
                byte[] bytes = new byte[(int) frame.outLong()];
                frame.data().get(0, bytes);
                return bytes;
            }
        }
    }
}
