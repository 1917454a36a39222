/**
 * The HTTP server of {@code demur serve}: connections, requests and their limits, and the endpoints over one loaded model.
 *
 * <p>Part of the application and not of the library, so that an embedder has neither it nor its dependency. It knows the
 * library's public API, nothing of the command line, and is told by that what to serve.
 */
@NullMarked
package dev.demur.cli.serve;

import org.jspecify.annotations.NullMarked;
