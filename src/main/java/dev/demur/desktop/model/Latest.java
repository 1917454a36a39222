package dev.demur.desktop.model;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work of which only the latest counts: what is asked for while one is under way waits, and replaces what waited before. */
final class Latest {

    private final Executor ui;
    private final Executor work;
    private boolean busy;
    private @Nullable Runnable next;

    Latest(Executor ui, Executor work) {
        this.ui = ui;
        this.work = work;
    }

    /** Does it, and tells what came of it unless something newer was asked for; what it throws is told too. */
    <T> void ask(Supplier<T> task, Consumer<T> result, Consumer<RuntimeException> problem) {
        if (busy) {
            next = () -> ask(task, result, problem);
            return;
        }
        busy = true;
        work.execute(() -> {
            Runnable told;
            try {
                T made = task.get();
                told = () -> result.accept(made);
            } catch (RuntimeException e) {
                told = () -> problem.accept(e);
            }
            Runnable tell = told;
            ui.execute(() -> ended(tell));
        });
    }

    private void ended(Runnable tell) {
        busy = false;
        Runnable waiting = next;
        next = null;
        if (waiting == null) {
            tell.run();
        } else {
            waiting.run();
        }
    }
}
