package dev.demur.monitor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonFields;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A monitor as JSON and back; the fields are described in docs/CALIBRATION.md. */
final class MonitorJson {

    /** More than a file has. */
    private static final int DEEPEST = 16;

    private static final int VERSION = 1;

    private static final List<String> FIELDS = List.of(
            "version",
            "policy",
            "categories",
            "level",
            "driftLevel",
            "audit",
            "limits",
            "mostWaiting",
            "seed",
            "decisions",
            "labels",
            "overdue",
            "largest",
            "alarmAfter",
            "rates",
            "drift",
            "waiting",
            "log");

    private MonitorJson() {}

    static JsonObject of(Monitor monitor, Monitor.State state) {
        MonitorOptions options = monitor.options();
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        json.addProperty("policy", monitor.policy().checksum());
        json.add(
                "categories",
                strings(monitor.labels().categories().stream().map(Category::id).toList()));
        json.addProperty("level", options.level());
        json.addProperty("driftLevel", options.driftLevel());
        JsonObject audit = new JsonObject();
        audit.addProperty("refused", options.audit().refused());
        audit.addProperty("answered", options.audit().answered());
        json.add("audit", audit);
        JsonArray limits = new JsonArray();
        options.limits().forEach(limit -> limits.add(limit(limit)));
        json.add("limits", limits);
        json.addProperty("mostWaiting", options.mostWaiting());
        json.addProperty("seed", options.seed());
        json.addProperty("decisions", state.decisions());
        json.addProperty("labels", state.labelled());
        json.addProperty("overdue", state.audits().overdue());
        json.addProperty("largest", state.largest());
        json.addProperty("alarmAfter", state.alarmAfter());
        JsonArray rates = new JsonArray();
        state.watches().forEach(watch -> rates.add(rate(watch)));
        json.add("rates", rates);
        JsonArray drift = new JsonArray();
        state.drifts().forEach(one -> drift.add(drift(one)));
        json.add("drift", drift);
        JsonArray waiting = new JsonArray();
        state.audits().waiting().forEach(one -> waiting.add(waiting(one)));
        json.add("waiting", waiting);
        return json;
    }

    private static JsonArray strings(List<String> strings) {
        JsonArray array = new JsonArray();
        strings.forEach(array::add);
        return array;
    }

    private static JsonObject population(Population population) {
        JsonObject json = new JsonObject();
        json.addProperty("category", population.category());
        json.addProperty("kind", population.kind().id());
        json.addProperty("nearMissesOnly", population.nearMissesOnly());
        return json;
    }

    private static JsonObject limit(WatchedRate limit) {
        JsonObject json = population(limit.population());
        json.addProperty("rate", limit.rate());
        return json;
    }

    private static JsonObject rate(Watch watch) {
        JsonObject json = population(watch.population());
        json.addProperty("promised", watch.promised());
        json.add("counts", counts(watch.tally().counts()));
        RateTest test = watch.test();
        json.add("bets", test == null ? null : bets(test.bets()));
        json.addProperty("alarmAfter", watch.alarmAfter());
        return json;
    }

    private static JsonArray counts(long[] counts) {
        JsonArray array = new JsonArray();
        for (long count : counts) {
            array.add(count);
        }
        return array;
    }

    private static JsonObject bets(Bets bets) {
        JsonArray capitals = new JsonArray();
        for (double capital : bets.capitals()) {
            capitals.add(capital);
        }
        JsonObject json = new JsonObject();
        json.addProperty("observations", bets.observations());
        json.addProperty("largest", bets.largest());
        json.add("capitals", capitals);
        return json;
    }

    private static JsonObject drift(Drift drift) {
        JsonObject json = new JsonObject();
        json.addProperty("number", drift.number());
        json.add("counts", counts(drift.test().counts()));
        json.add("bets", bets(drift.test().bets()));
        json.addProperty("alarmAfter", drift.alarmAfter());
        return json;
    }

    private static JsonObject waiting(Audits.Audit audit) {
        JsonObject json = new JsonObject();
        json.addProperty("id", audit.id());
        json.addProperty("refusedAs", audit.outcome().refusedAs());
        json.add("passed", strings(audit.outcome().passed()));
        AuditLabel label = audit.label();
        json.addProperty("verdict", label == null ? null : label.verdict().name());
        json.addProperty("category", label == null ? null : label.category());
        return json;
    }

    static MonitorFile parse(String text, String source, RefusalPolicy policy) {
        JsonFields fields = JsonFields.parse(text, DEEPEST, source, MonitorException::new);
        long version = fields.count("version");
        if (version != VERSION) {
            throw fields.error(
                    "version", version + " is not " + VERSION + ": a newer release wrote it, read it with that");
        }
        fields.only(FIELDS);
        if (!fields.string("policy").equals(policy.checksum())) {
            throw fields.error(
                    "policy",
                    "another policy was watched: what is known of that says nothing about this one. Begin anew, in another"
                            + " file");
        }
        MonitorOptions options = options(fields);
        Labels labels = labels(fields, policy);
        Monitor fresh = fields.checked(() -> Monitor.of(policy, labels, options));
        Monitor.State kept = new Monitor.State(
                rates(fields, fresh.state().watches()),
                drifts(fields, fresh.state().drifts(), options.seed()),
                audits(fields, options),
                fields.count("decisions"),
                fields.count("labels"),
                least(fields, "largest", 1),
                fields.countOrNull("alarmAfter"));
        JsonFields place = fields.objectOrNull("log");
        LogPlace log = place == null
                ? null
                : place.only(List.of("position", "lines", "tail"))
                        .checked(() ->
                                new LogPlace(place.count("position"), place.count("lines"), place.string("tail")));
        return new MonitorFile(new Monitor(policy, labels, options, kept), log);
    }

    private static MonitorOptions options(JsonFields fields) {
        JsonFields audit = fields.object("audit").only(List.of("refused", "answered"));
        AuditPlan plan = audit.checked(() -> new AuditPlan(audit.number("refused"), audit.number("answered")));
        List<WatchedRate> limits = new ArrayList<>();
        for (JsonFields limit : fields.objects("limits")) {
            limit.only(List.of("category", "kind", "nearMissesOnly", "rate"));
            Population population = population(limit);
            limits.add(limit.checked(() -> new WatchedRate(
                    population.category(), population.kind(), population.nearMissesOnly(), limit.number("rate"))));
        }
        long most = fields.count("mostWaiting");
        if (most > Integer.MAX_VALUE) {
            throw fields.error("mostWaiting", most + " is too large");
        }
        return fields.checked(() -> MonitorOptions.builder()
                .level(fields.number("level"))
                .driftLevel(fields.number("driftLevel"))
                .audit(plan)
                .limits(limits)
                .mostWaiting((int) most)
                .seed(fields.whole("seed"))
                .build());
    }

    private static Population population(JsonFields fields) {
        String kind = fields.string("kind");
        for (WatchedRate.Kind known : WatchedRate.Kind.values()) {
            if (known.id().equals(kind)) {
                return new Population(fields.stringOrNull("category"), known, fields.bool("nearMissesOnly"));
            }
        }
        throw fields.error("kind", ForeignText.escaped(kind) + " is neither false-refusal nor refusal");
    }

    private static Labels labels(JsonFields fields, RefusalPolicy policy) {
        List<Category> categories = new ArrayList<>();
        for (String id : fields.strings("categories")) {
            String name = policy.category(id).map(CategoryPolicy::name).orElse(null);
            categories.add(fields.checked(() -> new Category(id, name == null ? id : name)));
        }
        return fields.checked(() -> new Labels(categories));
    }

    /** What is watched follows from policy and options; the file must have kept the same. */
    private static List<Watch> rates(JsonFields fields, List<Watch> fresh) {
        List<JsonFields> kept = fields.objects("rates");
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            JsonFields rate = kept.get(i)
                    .only(List.of("category", "kind", "nearMissesOnly", "promised", "counts", "bets", "alarmAfter"));
            Watch same = i < fresh.size() ? fresh.get(i) : null;
            Double promised = rate.numberOrNull("promised");
            if (same == null
                    || !same.population().equals(population(rate))
                    || !Objects.equals(same.promised(), promised)) {
                throw fields.error("rates[" + i + "]", "is not what this policy promises: it was calibrated anew");
            }
            RateTest test = same.test();
            RateTest keptTest = test == null ? null : new RateTest(test.bound(), bets(rate, RateTest.sizes()));
            long[] counts = rate.counts("counts");
            requireLength(rate, "counts", counts.length, Tally.COUNTS);
            watches.add(new Watch(
                    same.population(), promised, new Tally(counts), keptTest, rate.countOrNull("alarmAfter")));
        }
        if (watches.size() != fresh.size()) {
            throw fields.error("rates", "are " + watches.size() + ", and there must be " + fresh.size());
        }
        return watches;
    }

    private static List<Drift> drifts(JsonFields fields, List<Drift> fresh, long seed) {
        List<JsonFields> kept = fields.objects("drift");
        requireLength(fields, "drift", kept.size(), fresh.size());
        List<Drift> drifts = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            JsonFields one = kept.get(i).only(List.of("number", "counts", "bets", "alarmAfter"));
            String number = one.string("number");
            if (!number.equals(fresh.get(i).number())) {
                throw one.error("number", "must be " + fresh.get(i).number() + " here");
            }
            long[] counts = one.counts("counts");
            requireLength(one, "counts", counts.length, DriftTest.BINS);
            DriftTest test = new DriftTest(seed + i, counts, bets(one, DriftTest.sizes()));
            drifts.add(new Drift(number, test, one.countOrNull("alarmAfter")));
        }
        return drifts;
    }

    private static Bets bets(JsonFields fields, int sizes) {
        JsonFields bets = fields.object("bets").only(List.of("observations", "largest", "capitals"));
        double[] capitals = bets.numbers("capitals");
        requireLength(bets, "capitals", capitals.length, sizes);
        for (double capital : capitals) {
            if (!(capital >= 0)) {
                throw bets.error("capitals", capital + " is below 0");
            }
        }
        return new Bets(capitals, bets.count("observations"), least(bets, "largest", 1));
    }

    private static double least(JsonFields fields, String name, double least) {
        double number = fields.number(name);
        if (!(number >= least)) {
            throw fields.error(name, number + " is below " + least);
        }
        return number;
    }

    private static void requireLength(JsonFields fields, String name, int found, int wanted) {
        if (found != wanted) {
            throw fields.error(name, "has " + found + " elements, and must have " + wanted);
        }
    }

    private static Audits audits(JsonFields fields, MonitorOptions options) {
        Audits audits = new Audits(options.mostWaiting(), fields.count("overdue"));
        for (JsonFields one : fields.objects("waiting")) {
            one.only(List.of("id", "refusedAs", "passed", "verdict", "category"));
            Outcome outcome = new Outcome(one.stringOrNull("refusedAs"), one.strings("passed"));
            String verdict = one.stringOrNull("verdict");
            String id = one.stringOrNull("id");
            AuditLabel label = verdict == null
                    ? null
                    : one.checked(() -> new AuditLabel(verdict(one, verdict), one.stringOrNull("category")));
            if (id == null && label == null) {
                throw one.error("id", "is missing, and so the label could never come");
            }
            one.checked(() -> {
                audits.add(id, outcome, label);
                return audits;
            });
        }
        return audits;
    }

    private static AuditLabel.Verdict verdict(JsonFields fields, String name) {
        for (AuditLabel.Verdict verdict : AuditLabel.Verdict.values()) {
            if (verdict.name().equals(name)) {
                return verdict;
            }
        }
        throw fields.error("verdict", ForeignText.escaped(name) + " is none of ANSWER, REFUSE, UNDECIDED");
    }
}
