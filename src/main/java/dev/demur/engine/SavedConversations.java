package dev.demur.engine;

import dev.demur.llama.internal.SavedTokens;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What idle sequences held that gave way, for their owners to come back to: copying a token out and back
 * costs a twentieth of decoding it with demur-tiny, and a two-hundredth with demur-small.
 * Together they are no more tokens than told; the one that was saved longest ago goes first.
 */
final class SavedConversations implements AutoCloseable {

    private final long most;
    private final Map<Object, SavedTokens> saved = new LinkedHashMap<>();
    private long tokens;

    /** A place for so many tokens at most. */
    SavedConversations(long most) {
        this.most = most;
    }

    /** Keeps what was saved for an owner, who has nothing here yet; takes it over. */
    void put(Object owner, SavedTokens held) {
        saved.put(owner, held);
        tokens += held.size();
        while (tokens > most) {
            forget(saved.keySet().iterator().next());
        }
    }

    /** What there is for an owner, which then is the caller's; null: nothing. */
    @Nullable
    SavedTokens take(@Nullable Object owner) {
        SavedTokens held = owner == null ? null : saved.remove(owner);
        tokens -= held == null ? 0 : held.size();
        return held;
    }

    /** Forgets what there is for an owner. */
    void forget(Object owner) {
        SavedTokens held = take(owner);
        if (held != null) {
            held.close();
        }
    }

    /** How many tokens there are. */
    long tokens() {
        return tokens;
    }

    @Override
    public void close() {
        saved.values().forEach(SavedTokens::close);
        saved.clear();
        tokens = 0;
    }
}
