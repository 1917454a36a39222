package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that says byte by byte what goes over its connection. A read that takes half an hour fails. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 1_800_000;

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    Socket socket() {
        return socket;
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** A request with a JSON body. */
    static String post(String path, String body, String... headers) {
        StringBuilder text = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        text.append("Content-Type: application/json\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        return text + "Content-Length: " + length + "\r\n\r\n" + body;
    }

    static String chat(String message, String more) {
        return post(
                "/v1/chat/completions",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"" + message + "\"}]" + more + "}");
    }

    static String get(String path, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
    }

    /** Ends this side of the connection; the other one can still be read. */
    RawClient endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** All that still comes; what was there is there also where the connection is reset. */
    String rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            all.writeBytes(("\n(" + e.getMessage() + ")").getBytes(StandardCharsets.UTF_8));
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** A response that was read to its end. */
    record Response(int status, Map<String, String> headers, String body) {

        JsonObject json() {
            return JsonParser.parseString(body).getAsJsonObject();
        }

        JsonObject error() {
            return json().getAsJsonObject("error");
        }
    }

    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** The next response, interim ones passed over. */
    Response response() throws IOException {
        String first = line();
        if (first.isEmpty()) {
            throw new IOException("the connection ended without a response");
        }
        int status = Integer.parseInt(first.split(" ")[1]);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (status < 200) {
            return response();
        }
        StringBuilder body = new StringBuilder();
        if (headers.containsKey("content-length")) {
            byte[] bytes = in.readNBytes(Integer.parseInt(headers.get("content-length")));
            body.append(new String(bytes, StandardCharsets.UTF_8));
        } else if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                body.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
                line();
            }
            line();
        } else {
            body.append(rest());
        }
        return new Response(status, headers, body.toString());
    }

    /** One request on a connection of its own. */
    static Response ask(int port, String request) throws IOException {
        try (RawClient client = new RawClient(port)) {
            return client.send(request).response();
        }
    }

    /** Ends the connection as a process that is killed does, or at once without a word. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
