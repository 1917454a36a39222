package dev.demur.llama.internal;

/** A reply that goes on with what was drawn. */
final class Growing implements DecodeStep {

    private final int sequence;
    private final Sampler sampler;
    private int token;

    Growing(int sequence, int token, Sampler sampler) {
        this.sequence = sequence;
        this.token = token;
        this.sampler = sampler;
    }

    @Override
    public int sequence() {
        return sequence;
    }

    @Override
    public int token() {
        return token;
    }

    @Override
    public Sampler sampler() {
        return sampler;
    }

    void goOn(int drawn) {
        token = drawn;
    }
}
