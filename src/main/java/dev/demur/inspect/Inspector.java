package dev.demur.inspect;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TensorInfo;
import dev.demur.gguf.TokenType;
import dev.demur.llama.TemplateMarkers;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.TemplateMarkerFinder;
import dev.demur.llama.internal.TokenSpelling;
import dev.demur.policy.Preset;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.FoundDecisionTokens;
import dev.demur.readout.internal.DecisionTokenFinder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Gathers an {@link Inspection}, and warns of what it sees on the way. */
final class Inspector {

    /** Roles and the GGUF names of their ids, one of which is misspelled there. */
    private static final String[][] SPECIAL_IDS = {
        {"bos", "bos_token_id"},
        {"eos", "eos_token_id"},
        {"eot", "eot_token_id"},
        {"eom", "eom_token_id"},
        {"unk", "unknown_token_id"},
        {"sep", "seperator_token_id"},
        {"pad", "padding_token_id"},
        {"mask", "mask_token_id"},
    };

    private static final String TOKENIZER = "tokenizer.ggml.";

    private final GgufFile file;
    private final Map<String, String> mapping;
    private final List<String> warnings = new ArrayList<>();

    Inspector(GgufFile file, Map<String, String> mapping) {
        this.file = file;
        this.mapping = mapping;
    }

    Inspection inspect() {
        Inspection.Weights weights = weights();
        Inspection.Vocabulary vocabulary = vocabulary();
        FoundDecisionTokens found = null;
        String problem = null;
        try {
            found = DecisionTokenFinder.find(file, mapping);
            warnOfControlTokens(found);
        } catch (DemurException e) {
            problem = String.valueOf(e.getMessage());
        }
        return new Inspection(
                String.valueOf(file.path().getFileName()),
                file.fileSize(),
                file.version(),
                file.architecture(),
                file.string("general.name"),
                weights,
                hyperparameter("context_length"),
                hyperparameter("block_count"),
                hyperparameter("embedding_length"),
                vocabulary,
                found,
                problem,
                template(),
                file.metadataKeys().contains(Preset.KEY),
                warnings);
    }

    private OptionalLong hyperparameter(String name) {
        return file.integer(file.architecture() + "." + name);
    }

    private Inspection.Weights weights() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        long parameters = 0;
        for (TensorInfo tensor : file.tensors()) {
            String type = tensor.type() == null
                    ? "type " + tensor.typeId()
                    : tensor.type().name();
            if (tensor.type() == null && !counts.containsKey(type)) {
                warnings.add("Tensors are of " + type + ", which is not known here: llama.cpp decides about them.");
            }
            counts.merge(type, 1, Integer::sum);
            parameters += tensor.elements();
        }
        if (file.tensors().isEmpty()) {
            warnings.add("The file has no tensors: it can be inspected but not run.");
        }
        Map<String, Integer> sorted = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return new Inspection.Weights(file.tensors().size(), parameters, sorted);
    }

    private Inspection.Vocabulary vocabulary() {
        Map<TokenType, Integer> types = new EnumMap<>(TokenType.class);
        for (int id = 0; id < file.tokenCount(); id++) {
            types.merge(file.tokenType(id), 1, Integer::sum);
        }
        Map<String, Long> ids = new LinkedHashMap<>();
        for (String[] special : SPECIAL_IDS) {
            file.integer(TOKENIZER + special[1]).ifPresent(id -> ids.put(special[0], id));
        }
        ids.forEach((role, id) -> {
            if (id < 0 || id >= file.tokenCount()) {
                warnings.add("The " + role + " token " + id + " is not in the vocabulary: llama.cpp ignores it.");
            }
        });
        String model = file.string(TOKENIZER + "model");
        if ("llama".equals(model) && !types.containsKey(TokenType.BYTE)) {
            warnings.add("The vocabulary has no byte tokens: text with characters that it lacks cannot be tokenised.");
        }
        return new Inspection.Vocabulary(model, file.string(TOKENIZER + "pre"), file.tokenCount(), ids, types);
    }

    private Inspection.@Nullable Template template() {
        String template = file.chatTemplate();
        if (template == null) {
            String implied = ChatTemplate.impliedBy(file);
            warnings.add("The file has no chat template: "
                    + (implied == null
                            ? "name one with LoadOptions.withChatTemplate."
                            : "llama.cpp's " + implied + " is taken, whose tokens the vocabulary has;"
                                    + " choose another by LoadOptions.withChatTemplate."));
            return null;
        }
        TemplateMarkers markers = TemplateMarkerFinder.find(file, template);
        if (markers.kind() == TemplateMarkers.Kind.PLAIN_TEXT) {
            warnings.add("The chat template sets messages apart by plain text ("
                    + String.join(", ", markers.plain())
                    + "): message text can imitate it, which the promise against injection does not cover.");
        } else if (markers.kind() == TemplateMarkers.Kind.UNKNOWN) {
            warnings.add("Whether the chat template sets messages apart by special tokens cannot be told: "
                    + markers.problem() + ".");
        }
        String firstLine = template.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("");
        return new Inspection.Template(template.length(), firstLine, markers);
    }

    private void warnOfControlTokens(FoundDecisionTokens found) {
        DecisionTokens tokens = found.tokens();
        TokenSpelling spelling = new TokenSpelling(file);
        for (int i = 0; i < tokens.labels().count(); i++) {
            int id = tokens.token(i);
            String text = tokens.texts().get(i);
            TokenType type = found.types().get(i);
            if (type.canBeTyped()) {
                warnings.add(
                        "The control token " + text + " (" + id + ") is of type " + type + ", not CONTROL: llama.cpp"
                                + " finds it in plain text, so programs that do not forbid it there let users inject it.");
            }
            for (int other : spelling.find(text)) {
                if (other != id) {
                    warnings.add("Token " + other + " (\"" + file.tokenText(other) + "\") is spelled like the control"
                            + " token " + id + " (\"" + file.tokenText(id) + "\").");
                }
            }
        }
    }
}
