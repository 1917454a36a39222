package dev.demur.cli.serve;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.UUID;

/**
 * What the head of a request says.
 *
 * @param id names it in the log and to the client
 * @param client the address that it came from
 * @param path without the query
 * @param keepAlive whether the client goes on with the connection
 * @param startedNanos when it began to arrive
 */
record RequestHead(
        String id, String client, String method, String path, boolean isHttp11, boolean keepAlive, long startedNanos) {

    static RequestHead of(HttpRequest request, String client, long startedNanos) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return new RequestHead(
                "req-" + UUID.randomUUID().toString().replace("-", ""),
                client,
                request.method().name(),
                query < 0 ? uri : uri.substring(0, query),
                request.protocolVersion().equals(HttpVersion.HTTP_1_1),
                HttpUtil.isKeepAlive(request),
                startedNanos);
    }
}
