package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A request that is not answered as it wanted to be: the HTTP status, and what OpenAI's error object says of it. */
final class ApiException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";

    private final int status;
    private final String type;
    private final @Nullable String code;
    private final @Nullable String param;
    private final int retryAfterSeconds;
    private final @Nullable String allow;

    private ApiException(
            int status,
            String type,
            @Nullable String code,
            @Nullable String param,
            int retryAfterSeconds,
            String message,
            @Nullable Throwable cause) {
        this(status, type, code, param, retryAfterSeconds, null, message, cause);
    }

    private ApiException(
            int status,
            String type,
            @Nullable String code,
            @Nullable String param,
            int retryAfterSeconds,
            @Nullable String allow,
            String message,
            @Nullable Throwable cause) {
        super(message, cause, false, cause != null); // what a client did wrong needs no stack trace
        this.status = status;
        this.type = type;
        this.code = code;
        this.param = param;
        this.retryAfterSeconds = retryAfterSeconds;
        this.allow = allow;
    }

    /**
     * The request is wrong.
     *
     * @param param the field that is, as {@code messages[0].content}; null where it is none
     */
    static ApiException badRequest(@Nullable String param, String message) {
        return badRequest(param, "invalid_value", message);
    }

    static ApiException badRequest(@Nullable String param, String code, String message) {
        return new ApiException(400, INVALID, code, param, 0, message, null);
    }

    /** The field asks for what this server cannot do. */
    static ApiException unsupported(String param, String message) {
        return badRequest(param, "unsupported_parameter", message);
    }

    /** The request is wrong, in a way that HTTP has a status of its own for. */
    static ApiException refused(int status, String code, String message) {
        return new ApiException(status, INVALID, code, null, 0, message, null);
    }

    /**
     * The path is asked in another way.
     *
     * @param allow the method that it has
     */
    static ApiException wrongMethod(String allow, String message) {
        return new ApiException(405, INVALID, "method_not_allowed", null, 0, allow, message, null);
    }

    /** The request names a thing that is not there. */
    static ApiException notFound(@Nullable String param, String code, String message) {
        return new ApiException(404, INVALID, code, param, 0, message, null);
    }

    /** The question is understood, and the model cannot answer it. */
    static ApiException unanswerable(String param, String message) {
        return new ApiException(422, INVALID, "unanswerable_question", param, 0, message, null);
    }

    /** More is asked than there is room for; it may work in a while. */
    static ApiException tooMany(String message) {
        return new ApiException(429, "requests", "rate_limit_exceeded", null, 1, message, null);
    }

    /** The server does not answer now. */
    static ApiException unavailable(String code, String message) {
        return new ApiException(503, SERVER, code, null, 2, message, null);
    }

    /** The answer took longer than it may. */
    static ApiException timeout(String message) {
        return new ApiException(504, SERVER, "timeout", null, 0, message, null);
    }

    /** The server failed. */
    static ApiException failure(String message, @Nullable Throwable cause) {
        return new ApiException(500, SERVER, "internal_error", null, 0, message, cause);
    }

    int status() {
        return status;
    }

    /** What went wrong, for programs; null where there is no name for it. */
    @Nullable
    String code() {
        return code;
    }

    /** After how many seconds to try again; 0: that is not said. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /** The method that the path has where it is another one; else null. */
    @Nullable
    String allow() {
        return allow;
    }

    /** {@code {"error": {"message", "type", "param", "code"}}}, as OpenAI's API has it. */
    JsonObject json() {
        JsonObject error = new JsonObject();
        error.addProperty("message", getMessage());
        error.addProperty("type", type);
        error.addProperty("param", param);
        error.addProperty("code", code);
        JsonObject body = new JsonObject();
        body.add("error", error);
        return body;
    }
}
