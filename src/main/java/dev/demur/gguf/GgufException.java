package dev.demur.gguf;

import dev.demur.DemurException;

/** A file that is no GGUF model or a damaged one; the message starts with the file's name and says what to do. */
public final class GgufException extends DemurException {

    private static final long serialVersionUID = 1L;

    GgufException(String file, String problem) {
        super(file + ": " + problem);
    }

    GgufException(String file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }

    /** The contents contradict themselves: nothing but another copy helps. */
    static GgufException damaged(String file, String problem) {
        return new GgufException(file, problem + "; the file is damaged or incomplete, copy or download it again");
    }

    /** The contents are sound but llama.cpp would end the process over them. */
    static GgufException unusable(String file, String problem) {
        return new GgufException(
                file, problem + "; llama.cpp cannot run such a model, convert it again or use another file");
    }
}
