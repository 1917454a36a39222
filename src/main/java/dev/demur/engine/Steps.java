package dev.demur.engine;

import dev.demur.llama.LlamaException;
import dev.demur.llama.internal.LlamaContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** The part of a {@link Batch} that adds tokens to replies. For the engine's thread. */
final class Steps {

    private final Batch batch;
    private final BatchHost host;
    private final Place replies;

    /** Those that take part in the step in hand; filled anew, so that a token makes no list of its own. */
    private final List<Slot> going = new ArrayList<>();

    Steps(Batch batch, BatchHost host, Place replies) {
        this.batch = batch;
        this.host = host;
        this.replies = replies;
    }

    /** Adds a token to each reply that goes on; false where none does. */
    boolean step() {
        chooseGoing();
        while (!going.isEmpty() && !replies.sequences().makeRoom(going.size())) {
            if (!batch.parkOne()) {
                Slot youngest = going.remove(going.size() - 1);
                batch.loseSequences(youngest);
                batch.putBack(youngest);
            }
        }
        if (going.isEmpty()) {
            return false;
        }
        if (host.enter(replies.context(), going)) {
            try {
                stepAll();
            } finally {
                host.leave();
            }
        }
        return true;
    }

    private void chooseGoing() {
        going.clear();
        List<Slot> running = batch.running();
        for (int i = 0; i < running.size(); i++) {
            Slot slot = running.get(i);
            if (slot.isFilling()) {
                continue;
            }
            if (!goesOn(slot)) {
                i--; // it has left
            } else if (!slot.job.isBehind()) {
                going.add(slot);
            }
        }
    }

    private boolean goesOn(Slot slot) {
        try {
            if (slot.job.goesOn(slot.writing < 0 ? 0 : room(slot))) {
                slot.job.drawIn(replies.context().processing());
                return true;
            }
            batch.end(slot, null);
        } catch (RuntimeException | Error e) {
            batch.end(slot, e);
        }
        return false;
    }

    private int room(Slot slot) {
        LlamaContext context = replies.context();
        return context.size() - context.position(slot.writing);
    }

    private void stepAll() {
        LlamaContext context = replies.context();
        LlamaException failure = null;
        try {
            context.step(going);
        } catch (CancellationException e) {
            return; // those that are to end do so in the next turn
        } catch (LlamaException e) {
            if (context.drawn(0) < -1 && going.size() > 1) {
                stepEach();
                return;
            }
            failure = e;
        }
        for (int i = 0; i < going.size(); i++) {
            taken(going.get(i), context.drawn(i), failure);
        }
    }

    /** One after the other, so that the one that cannot go on ends alone. */
    private void stepEach() {
        for (Slot slot : List.copyOf(going)) {
            if (!batch.running().contains(slot) || slot.isFilling()) {
                continue; // it lost its place to the failure of another
            }
            LlamaException failure = null;
            try {
                replies.context().step(List.of(slot));
            } catch (CancellationException e) {
                return;
            } catch (LlamaException e) {
                failure = e;
            }
            taken(slot, replies.context().drawn(0), failure);
        }
    }

    private void taken(Slot slot, int drawn, @Nullable LlamaException failure) {
        if (drawn < 0) {
            batch.fail(replies, slot, Objects.requireNonNull(failure, "no token was drawn, and nothing failed"));
            return;
        }
        try {
            slot.job.add(drawn);
        } catch (RuntimeException | Error e) {
            batch.end(slot, e);
        }
    }
}
