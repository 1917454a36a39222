/**
 * The command line: {@link dev.demur.cli.Main} picks a command, the command's options become the library's records, and
 * what comes back is written as text for a person or as JSON for a program.
 *
 * <p>A prompt goes through {@code cli.ask}: {@code AskCommand} takes it, and {@code AnswerText} or {@code AskJson} writes what came back.
 * {@code cli.calibrate} makes and measures policies, {@code cli.doctor} looks at models and machines, {@code cli.serve} is the server.
 * All of them read their options by {@code cli.options} and write by {@code cli.terminal}.
 *
 * <p>Answers and results go to standard output, everything meant for a person only to standard error. The options are
 * picocli's programmatic model, without annotations: reflection over annotations would take longer than the rest of a
 * start, and so only the command that was named is built.
 */
@NullMarked
package dev.demur.cli;

import org.jspecify.annotations.NullMarked;
