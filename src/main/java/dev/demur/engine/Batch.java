package dev.demur.engine;

import dev.demur.llama.LlamaException;
import dev.demur.llama.internal.DecodePart;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Rules;
import dev.demur.readout.internal.ReadingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are under way: each turn decodes a part of the prompts that wait to be decoded, then a token of every reply
 * that grows. For the engine's thread.
 *
 * <p>Who has no cells to go on with waits; but the oldest request takes them from idle sequences, from those whose listeners are
 * behind, and at last from the youngest. Whoever lost its place goes before all that wait, and what it held is decoded again.
 */
final class Batch {

    private final BatchHost host;
    private final Limits limits;

    /** Where replies are written, and decided on where that is at the same prompt. */
    private final Place replies;

    /** Where prompts are decided on that no reply goes on from. */
    private final Place asked;

    /** The oldest first. */
    private final List<Slot> running = new ArrayList<>();

    /** Those that lost their place because their listeners are behind. */
    private final List<Slot> parked = new ArrayList<>();

    private final Steps steps;

    /** Whether a place has become free in this turn, which somebody may wait for. */
    private boolean left;

    Batch(BatchHost host, Limits limits, IntFunction<ReadingContext> replies, IntFunction<ReadingContext> asked) {
        this.host = host;
        this.limits = limits;
        this.replies = new Place(replies);
        this.asked = new Place(asked);
        this.steps = new Steps(this, host, this.replies);
    }

    /** One turn; false if there was nothing to do. */
    boolean turn() {
        left = false;
        endStopped();
        unpark();
        admit();
        boolean filled = fill(asked);
        filled |= fill(replies);
        return steps.step() || filled || left;
    }

    /** The requests under way, the oldest first. */
    List<Slot> running() {
        return running;
    }

    // ---- who enters and leaves

    private void admit() {
        while (true) {
            if (running.size() >= limits.parallel() && !(host.someoneWaits() && parkOne(Job::isStuck))) {
                return;
            }
            Slot slot = host.next();
            if (slot == null) {
                return;
            }
            enter(slot);
        }
    }

    private void enter(Slot slot) {
        running.add(slot);
        if (slot.job.isStopped()) {
            endStopped(slot);
        } else if (!slot.isFilling()) {
            attempt(slot, () -> slot.fill(slot.job.begin()));
        }
    }

    /** Whether one of the requests under way waits for its listener. */
    boolean waitsForListener() {
        return running.stream().anyMatch(slot -> !slot.isFilling() && slot.job.isBehind());
    }

    /** Takes the place of one whose listener is behind; false where there is none. */
    boolean parkOne() {
        return parkOne(Job::isBehind);
    }

    private boolean parkOne(Predicate<Job> who) {
        for (Slot slot : running) {
            if (!slot.job.isStopped() && !slot.isFilling() && who.test(slot.job)) {
                loseSequences(slot);
                running.remove(slot);
                parked.add(slot);
                return true;
            }
        }
        return false;
    }

    private void unpark() {
        if (parked.isEmpty()) {
            return; // as for nearly every token
        }
        parked.removeIf(slot -> {
            boolean goesOn = slot.job.isStopped() || !slot.job.isBehind();
            if (goesOn) {
                host.putBack(slot);
            }
            return goesOn;
        });
    }

    /** Ends those that are to end. */
    void endStopped() {
        for (int i = running.size() - 1; i >= 0; i--) {
            if (running.get(i).job.isStopped()) {
                endStopped(running.get(i));
            }
        }
    }

    /** Ends one that is to end. */
    void endStopped(Slot slot) {
        RuntimeException why = slot.job.stoppedBy();
        if (why != null) {
            end(slot, why);
        } else if (slot.job.cancel()) {
            end(slot, null);
        } else {
            end(slot, cancelled());
        }
    }

    static CancellationException cancelled() {
        return new CancellationException("the request was cancelled");
    }

    /** A request leaves; what it held stays for its owner, unless that is gone. */
    void end(Slot slot, @Nullable Throwable failure) {
        running.remove(slot);
        left = true;
        giveBack(slot, slot.job.stoppedBy() == null ? slot.job.owner() : null);
        slot.job.ended(failure);
    }

    private void giveBack(Slot slot, @Nullable Object owner) {
        Prefill fill = slot.fill;
        if (fill != null && fill.elsewhere() && slot.filling >= 0) {
            asked.sequences().giveBack(slot.filling, owner);
        }
        if (slot.writing >= 0) {
            replies.sequences().giveBack(slot.writing, owner);
        }
        slot.filling = -1;
        slot.writing = -1;
    }

    /** Has a request hold nothing any more; what it needs is decoded again when it has a place. */
    void loseSequences(Slot slot) {
        if (!slot.isFilling()) {
            slot.fill(Prefill.toWrite(replies.context().tokens(slot.writing), false, 0));
            slot.again = true;
        }
        giveBack(slot, null);
    }

    /** Forgets what is kept for an owner. */
    void forget(Object owner) {
        asked.forget(owner);
        replies.forget(owner);
    }

    /** Does something for a request, which ends alone if that fails. */
    private void attempt(Slot slot, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            end(slot, e);
        }
    }

    // ---- prompts

    /** Decodes a part of the prompts that belong to a place; false where there is none. */
    private boolean fill(Place place) {
        boolean elsewhere = place == asked;
        if (!someoneFills(elsewhere)) {
            return false;
        }
        List<Slot> filling = new ArrayList<>();
        for (Slot slot : List.copyOf(running)) {
            Prefill fill = slot.fill;
            if (fill != null && fill.elsewhere() == elsewhere && (slot.filling >= 0 || attemptStart(place, slot))) {
                filling.add(slot);
            }
        }
        filling.removeIf(slot -> slot.filling < 0 || !running.contains(slot));
        if (filling.isEmpty()) {
            return false;
        }
        boolean othersGrow = running.stream().anyMatch(slot -> !slot.isFilling());
        int batch = place.context().batchSize();
        PrefillPlan plan =
                PrefillPlan.of(place.context(), filling, othersGrow ? Math.min(limits.chunk(), batch) : batch);
        if (!decode(place, plan) && plan.slots().size() > 1) {
            for (int i = 0; i < plan.slots().size(); i++) {
                if (running.contains(plan.slots().get(i))) {
                    decode(place, plan.alone(i));
                }
            }
        }
        return true;
    }

    private boolean someoneFills(boolean elsewhere) {
        for (int i = 0; i < running.size(); i++) { // no iterator: this is asked for every token
            Prefill fill = running.get(i).fill;
            if (fill != null && fill.elsewhere() == elsewhere) {
                return true;
            }
        }
        return false;
    }

    private boolean attemptStart(Place place, Slot slot) {
        boolean[] started = new boolean[1];
        attempt(slot, () -> started[0] = start(place, slot));
        return started[0];
    }

    /** Finds a sequence and cells for what a request has to decode. */
    private boolean start(Place place, Slot slot) {
        Prefill fill = slot.fill();
        int longest = fill.prompt().longest();
        if (!place.isOpen(slot.size())) {
            loseAll(place);
            place.open(slot.size());
        }
        if (isBeginningComing(place, slot)) {
            return false;
        }
        int sequence = sequence(place, slot, longest);
        if (sequence < 0) {
            return false;
        }
        slot.filling = sequence;
        if (!fill.elsewhere()) {
            slot.writing = sequence;
        }
        slot.held = place.context().resume(sequence, fill.prompt().ids());
        if (fill.reads()) {
            slot.held = place.reading().reader().hold(sequence, fill.prompt(), slot.held);
        }
        return true;
    }

    /** Whether an older request is decoding a beginning that this one has too: it is there for both in a moment. */
    private boolean isBeginningComing(Place place, Slot slot) {
        int[] prompt = slot.fill().prompt().ids();
        for (Slot older : running) {
            if (older == slot) {
                return false;
            }
            Prefill fill = older.fill;
            if (fill != null
                    && older.filling >= 0
                    && fill.elsewhere() == slot.fill().elsewhere()
                    && place.sequences().isComing(prompt, fill.prompt().ids(), older.filling)) {
                return true;
            }
        }
        return false;
    }

    private int sequence(Place place, Slot slot, int tokens) {
        int[] prompt = slot.fill().prompt().ids();
        int sequence = place.sequences().take(slot.job.owner(), prompt, tokens);
        while (sequence < 0 && place == replies && (parkOne() || slot == running.get(0) && loseYoungest(slot))) {
            sequence = place.sequences().take(slot.job.owner(), prompt, tokens);
        }
        return sequence;
    }

    /** Takes everything from the youngest request that has something where replies are written. */
    private boolean loseYoungest(Slot but) {
        for (int i = running.size() - 1; i >= 0; i--) {
            Slot slot = running.get(i);
            if (slot != but && slot.writing >= 0) {
                loseSequences(slot);
                putBack(slot);
                return true;
            }
        }
        return false;
    }

    /** Has one that has lost its sequences be the next that waits. */
    void putBack(Slot slot) {
        running.remove(slot);
        host.putBack(slot);
        left = true;
    }

    /** Nobody holds anything at a place any more. */
    private void loseAll(Place place) {
        for (Slot slot : running) {
            boolean there = place == replies
                    ? slot.writing >= 0
                    : slot.isFilling() && slot.fill().elsewhere();
            if (there && (slot.filling >= 0 || slot.writing >= 0)) {
                loseSequences(slot);
            }
        }
    }

    /** Decodes as planned; false if it failed and more than one had a part in it, who then are tried alone. */
    private boolean decode(Place place, PrefillPlan plan) {
        List<Slot> ends = new ArrayList<>();
        for (int i = 0; i < plan.slots().size(); i++) {
            if (plan.ends(i)) {
                ends.add(plan.slots().get(i));
            }
        }
        LlamaContext context = place.context();
        if (!host.enter(context, plan.slots())) {
            return true;
        }
        try {
            prepare(place, ends);
            int[] from = plan.positions(context);
            context.decode(plan.parts());
            for (int i = 0; i < from.length; i++) {
                DecodePart part = plan.parts().get(i);
                place.sequences().decoded(part.sequence(), from[i], part.to());
            }
            for (Slot slot : ends) {
                if (slot.filling >= 0) { // else it lost its place to the failure of another
                    finish(place, slot);
                }
            }
            return true;
        } catch (CancellationException e) {
            return true; // those that are to end do so in the next turn
        } catch (LlamaException e) {
            if (plan.slots().size() > 1) {
                return false;
            }
            fail(place, plan.slots().get(0), e);
            return true;
        } finally {
            host.leave();
        }
    }

    private void finish(Place place, Slot slot) {
        try {
            filled(place, slot);
        } catch (LlamaException e) {
            fail(place, slot, e);
        } catch (RuntimeException | Error e) {
            end(slot, e);
        }
    }

    private void prepare(Place place, List<Slot> ends) {
        List<Slot> read = ends.stream().filter(slot -> slot.fill().reads()).toList();
        int[] sequences = read.stream().mapToInt(slot -> slot.filling).toArray();
        List<Rules> rules = read.stream().map(slot -> slot.job.rules()).toList();
        boolean greedily = running.stream().allMatch(slot -> slot.job.isGreedy());
        place.reading().reader().prepare(sequences, rules, greedily);
    }

    private void filled(Place place, Slot slot) {
        Prefill fill = slot.fill();
        int sequence = slot.filling;
        Prefill next = slot.again ? null : slot.job.filled(place.reading(), sequence, slot.held);
        slot.again = false;
        if (fill.elsewhere()) {
            asked.sequences().giveBack(sequence, slot.job.owner());
        }
        slot.fill = null;
        slot.filling = -1;
        if (next != null) {
            slot.fill(next);
            continueIn(slot, next);
        }
    }

    /** What follows in the sequence that a request has already. */
    private void continueIn(Slot slot, Prefill next) {
        if (next.elsewhere() || slot.writing < 0) {
            return;
        }
        if (replies.sequences().reserve(slot.writing, next.prompt().longest())) {
            slot.held = replies.context().resume(slot.writing, next.prompt().ids());
        } else {
            giveBack(slot, null);
        }
    }

    /** A decode failed because of one request; where that may harm what others hold, they decode it again elsewhere. */
    void fail(Place place, Slot slot, LlamaException e) {
        end(slot, e);
        switch (e.reason()) {
            case LOGITS, DECODE, EXCEPTION, ASSERTION, MEMORY -> {
                loseAll(place);
                place.spoil();
            }
            case UNSUPPORTED, LOAD, FULL, GRAMMAR -> {}
        }
    }

    // ---- the end

    /** Whether nothing is under way. */
    boolean isEmpty() {
        return running.isEmpty() && parked.isEmpty();
    }

    /** Ends all that is under way, and frees the contexts. */
    void end(Throwable why) {
        List<Slot> all = new ArrayList<>(running);
        all.addAll(parked);
        running.clear();
        parked.clear();
        all.forEach(slot -> slot.job.ended(why));
        asked.close();
        replies.close();
    }
}
