package dev.demur.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.DemurException;
import dev.demur.cli.options.Failure;
import dev.demur.cli.options.OptionNames;
import dev.demur.cli.terminal.Bytes;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Text;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.Metadata;
import dev.demur.gguf.TokenType;
import dev.demur.inspect.Inspection;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.FoundDecisionTokens;
import dev.demur.readout.HeadFile;
import dev.demur.readout.internal.OwnPolicy;
import dev.demur.readout.internal.ReadoutFinder;
import dev.demur.readout.words.internal.FrameSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What {@code inspect} shows of a model file. */
public final class ModelFindings {

    private final GgufFile file;
    private final Inspection inspection;
    private final Findings facts;
    private final List<String> warnings;

    /** What decides: a head, else control tokens; null where there is neither. */
    private @Nullable Deciding deciding;

    /** What the policies among a file's keys have to fit. */
    private record Deciding(Metadata keys, Labels labels, ReadoutIdentity identity) {}

    private ModelFindings(GgufFile file, Style style) {
        this.file = file;
        this.inspection = Inspection.of(file);
        this.facts = new Findings(style);
        this.warnings = new ArrayList<>(
                inspection.warnings().stream().map(OptionNames::in).toList());
    }

    /**
     * Reads and checks a model file.
     *
     * @throws dev.demur.gguf.GgufException if it is missing, damaged or no GGUF file
     */
    public static Findings of(Path path, Style style) {
        return of(path, null, style);
    }

    /**
     * Reads and checks a model file, and what it is to be decided by.
     *
     * @param readout a frame or a head file, as {@link ReadoutFinder#find} takes it; null: what is found with the model
     * @throws dev.demur.gguf.GgufException if a file is missing, damaged or no GGUF file
     * @throws DemurException if the readout cannot be read
     */
    public static Findings of(Path path, @Nullable String readout, Style style) {
        Metadata keys = Metadata.read(path);
        if (HeadFile.ARCHITECTURE.equals(keys.string("general.architecture"))) {
            Findings head = new Findings(style);
            HeadLines.add(head, HeadFile.read(keys), keys.file());
            return head;
        }
        ModelFindings found = new ModelFindings(GgufFile.read(path), style);
        found.file();
        found.weights();
        found.vocabulary();
        FrameSpec frame = ReadoutFinder.frame(readout);
        if (frame == null) {
            found.head(readout);
        } else {
            found.frame(frame);
        }
        found.controlTokens();
        found.template();
        found.policy();
        found.presets();
        found.facts.field("warnings", found.warnings);
        for (String warning : found.warnings) {
            found.facts.line("Warning", warning);
        }
        return found.facts;
    }

    private void file() {
        facts.line(
                "File",
                inspection.file() + ", " + Bytes.text(inspection.fileSize()) + ", GGUF version "
                        + inspection.version());
        facts.field("file", inspection.file())
                .field("fileSize", inspection.fileSize())
                .field("ggufVersion", inspection.version());
        String name = inspection.name();
        facts.line("Architecture", inspection.architecture() + (name == null ? "" : " (" + name + ")"));
        facts.field("architecture", inspection.architecture()).field("name", name);
        number("contextLength", inspection.contextLength());
        number("layers", inspection.layers());
        number("embeddingLength", inspection.embeddingLength());
        facts.line(
                "",
                text("context ", inspection.contextLength())
                        + text(", layers ", inspection.layers())
                        + text(", width ", inspection.embeddingLength()));
    }

    private void number(String field, OptionalLong value) {
        if (value.isPresent()) {
            facts.field(field, value.getAsLong());
        } else {
            facts.field(field, (String) null);
        }
    }

    private static String text(String label, OptionalLong value) {
        return label + (value.isPresent() ? Long.toString(value.getAsLong()) : "not stated");
    }

    private void weights() {
        Inspection.Weights weights = inspection.weights();
        List<String> types = new ArrayList<>();
        JsonObject json = new JsonObject();
        weights.types().forEach((type, count) -> {
            types.add(type + " × " + count);
            json.addProperty(type, count);
        });
        facts.line(
                "Tensors",
                weights.tensors() + ", parameters " + weights.parameters() + ": " + String.join(", ", types));
        facts.field("tensors.count", weights.tensors())
                .field("tensors.parameters", weights.parameters())
                .field("tensors.types", json);
    }

    private void vocabulary() {
        Inspection.Vocabulary vocabulary = inspection.vocabulary();
        String model = vocabulary.model();
        String pre = vocabulary.pre();
        facts.line(
                "Vocabulary",
                vocabulary.size() + " tokens, tokenizer " + (model == null ? "not stated" : model)
                        + (pre == null ? "" : ", pre-tokenizer " + pre));
        facts.field("vocabulary.size", vocabulary.size())
                .field("vocabulary.model", model)
                .field("vocabulary.pre", pre);
        List<String> types = new ArrayList<>();
        JsonObject typesJson = new JsonObject();
        for (Map.Entry<TokenType, Integer> type : vocabulary.types().entrySet()) {
            types.add(type.getKey() + " × " + type.getValue());
            typesJson.addProperty(type.getKey().name(), type.getValue());
        }
        facts.line("", String.join(", ", types)).field("vocabulary.types", typesJson);
        List<String> ids = new ArrayList<>();
        JsonObject idsJson = new JsonObject();
        vocabulary.specialIds().forEach((role, id) -> {
            ids.add(role + " " + id);
            idsJson.addProperty(role, id);
        });
        facts.line("", String.join(", ", ids)).field("vocabulary.specialIds", idsJson);
    }

    private void frame(FrameSpec frame) {
        FrameLines.add(facts, frame);
        if (frame.usesModelTemplate() && file.chatTemplate() == null) {
            warnings.add(
                    "The frame " + frame.name() + " asks by the model's own chat template, and the file has none.");
        }
    }

    private void head(@Nullable String readout) {
        try {
            Metadata keys = HeadFile.find(file, readout);
            if (keys != null) {
                HeadFile head = HeadFile.read(keys);
                HeadLines.add(facts, head, keys == file.metadata() ? "in the file" : keys.file());
                deciding = new Deciding(keys, head.head().labels(), head.head().identity());
            }
        } catch (IllegalArgumentException | DemurException e) {
            warnings.add("The head cannot be used: " + e.getMessage());
        }
    }

    private void controlTokens() {
        FoundDecisionTokens found = inspection.controlTokens();
        facts.field("controlTokens.problem", inspection.controlTokenProblem());
        if (found == null) {
            facts.line(
                    "Control tokens",
                    deciding != null ? "none: the head decides" : "not found: " + inspection.controlTokenProblem());
            return;
        }
        DecisionTokens tokens = found.tokens();
        Labels labels = tokens.labels();
        if (deciding == null) {
            deciding = new Deciding(file.metadata(), labels, tokens.identity());
        }
        int respond = labels.respondIndex();
        facts.line("Control tokens", "named by " + found.source().description());
        facts.field("controlTokens.source", found.source().name().toLowerCase(Locale.ROOT));
        JsonArray categories = new JsonArray();
        for (int i = 0; i < respond; i++) {
            Category category = labels.categories().get(i);
            TokenType type = found.types().get(i);
            tokenLine(category.id(), tokens.texts().get(i), tokens.token(i), type);
            JsonObject json = token(tokens.texts().get(i), tokens.token(i), type);
            json.addProperty("id", category.id());
            json.addProperty("name", category.name());
            categories.add(json);
        }
        TokenType respondType = found.types().get(respond);
        String respondText = tokens.texts().get(respond);
        tokenLine(Labels.RESPOND, respondText, tokens.token(respond), respondType);
        facts.field("controlTokens.categories", categories)
                .field("controlTokens.respond", token(respondText, tokens.token(respond), respondType));
    }

    private void tokenLine(String id, String text, int token, TokenType type) {
        facts.line("", id + ": " + text + ", token " + token + ", " + type);
    }

    private static JsonObject token(String text, int token, TokenType type) {
        JsonObject json = new JsonObject();
        json.addProperty("token", token);
        json.addProperty("tokenText", text);
        json.addProperty("type", type.name());
        return json;
    }

    private void template() {
        Inspection.@Nullable Template template = inspection.template();
        if (template == null) {
            facts.line("Chat template", "none").field("chatTemplate", (String) null);
            return;
        }
        String kind = template.markers().kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        facts.line("Chat template", template.length() + " characters, messages set apart by: " + kind);
        facts.line("", template.firstLine());
        renderer();
        facts.field("chatTemplate.markers", kind).field("chatTemplate.text", file.chatTemplate());
    }

    /** The file is read without llama.cpp, but whether that knows the template is for the default one to say. */
    private void renderer() {
        try {
            ChatTemplate template = ChatTemplate.of(LlamaRuntime.open((Path) null), file, null);
            facts.line("", "rendered by: " + rendered(template.renderer()));
            facts.field("chatTemplate.renderer", template.renderer().id());
        } catch (DemurException e) {
            facts.line("", "rendered by: not known, " + Text.oneLine(Failure.message(e)));
            facts.field("chatTemplate.renderer", (String) null);
        }
    }

    /** Who renders a template, for people. */
    public static String rendered(ChatTemplate.Renderer renderer) {
        return renderer.id()
                + (renderer == ChatTemplate.Renderer.JINJA ? ", as the model file has it" : ", by its own list");
    }

    private void presets() {
        if (deciding != null) {
            OwnPolicy policies = new OwnPolicy(deciding.keys, deciding.labels, deciding.identity);
            PolicyFindings.addPresets(facts, policies.presets(), policies::policy);
        }
    }

    private void policy() {
        Metadata keys = deciding == null ? file.metadata() : deciding.keys;
        String json = keys.string(Preset.KEY);
        if (json == null) {
            facts.line("Policy", "none: the rule threshold with 0.5 for every category applies");
            facts.field("policy", (String) null);
            return;
        }
        try {
            RefusalPolicy policy = PolicyFile.parse(json, Preset.KEY);
            if (deciding != null) {
                policy.requireFits(deciding.labels, deciding.identity, Preset.KEY);
            }
            List<String> thresholds = new ArrayList<>();
            for (CategoryPolicy category : policy.categories()) {
                Double threshold = category.threshold();
                thresholds.add(category.id() + " " + (threshold == null ? "none" : Decimal.brief(threshold)));
            }
            facts.line("Policy", "rule " + policy.rule().id() + ", thresholds: " + String.join(", ", thresholds));
            facts.field("policy", JsonParser.parseString(json));
        } catch (PolicyException e) {
            facts.line("Policy", "not valid: " + e.getMessage());
            facts.field("policy", (String) null);
            warnings.add("The policy in the file cannot be used: " + e.getMessage());
        }
    }
}
