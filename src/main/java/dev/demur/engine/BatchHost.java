package dev.demur.engine;

import dev.demur.llama.internal.LlamaContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the engine does for its batch, under its lock. */
interface BatchHost {

    /** The next request whose turn it is; null where nobody waits. */
    @Nullable
    Slot next();

    /** Whether somebody waits. */
    boolean someoneWaits();

    /** Has one that lost its place be the next. */
    void putBack(Slot slot);

    /** Whether a decode for these may begin: false where all of them are to end. What stops them ends it from now on. */
    boolean enter(LlamaContext context, List<Slot> slots);

    /** The decode is over. */
    void leave();
}
