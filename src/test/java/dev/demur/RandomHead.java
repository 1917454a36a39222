package dev.demur;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.HiddenState;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.readout.Head;
import dev.demur.readout.HeadFacts;
import dev.demur.readout.HeadFile;
import dev.demur.readout.Wording;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Heads that fit a model and know nothing. */
public final class RandomHead {

    private RandomHead() {}

    /** A head, the same each time, whose first category has a reply of its own. */
    public static HeadFile of(
            GgufFile file,
            LoadOptions options,
            Labels labels,
            List<HiddenState> values,
            Head.Sees sees,
            Wording wording,
            RefusalPolicy policy) {
        Random random = new Random(11);
        int width = (int) file.hyperparameter("embedding_length").orElseThrow();
        float[] weight = new float[labels.count() * values.size() * width];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (random.nextGaussian() / width);
        }
        float[] bias = new float[labels.count()];
        for (int i = 0; i < bias.length; i++) {
            bias[i] = 0.25f * i;
        }
        String[] replies = Collections.nCopies(labels.respondIndex(), "").toArray(String[]::new);
        replies[0] = "Not that.";
        Head head = new Head(labels, List.of(replies), sees, wording, values, width, weight, bias);
        ChatTemplate template = ChatTemplate.of(LlamaRuntime.open(options.llama()), file, null);
        HeadFacts facts = new HeadFacts(
                "Tiny",
                file.fingerprint(),
                file.baseFingerprint(),
                template.nameOrText(),
                "{\"rows\":0}",
                "{\"auc\":0.5}",
                new long[0],
                Map.of(Preset.KEY, PolicyFile.write(policy)));
        return new HeadFile(head, facts);
    }
}
