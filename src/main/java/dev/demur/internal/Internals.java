package dev.demur.internal;

import dev.demur.Demur;
import dev.demur.llama.Message;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.readout.internal.Readout;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The inside of a loaded model. What it gives is the {@link Demur}'s to close, and may be used as long as that is open.
 *
 * <p>Calibration, fitting and the application are packages of their own, and {@link Demur} is public: what they need of it and
 * users must not hold goes by this way.
 */
public interface Internals {

    /** The model that answers. */
    LlamaModel model();

    /** The model that decides: the one that answers, unless there is another. */
    LlamaModel decidingModel();

    /** What decides. */
    Readout readout();

    /**
     * The prompt at whose end a conversation is decided on; errors as for {@link Demur#promptTokens}.
     */
    EncodedPrompt decisionPrompt(List<Message> messages);

    /** The inside of this one. */
    static Internals of(Demur demur) {
        return Objects.requireNonNull(Access.opener, "Demur gives it before there is one")
                .apply(demur);
    }

    /** Called by {@link Demur} alone, before there is one. */
    static void openBy(Function<Demur, Internals> opener) {
        Access.opener = opener;
    }

    /** An interface's own fields are public and final. */
    final class Access {

        private static volatile @Nullable Function<Demur, Internals> opener;

        private Access() {}
    }
}
