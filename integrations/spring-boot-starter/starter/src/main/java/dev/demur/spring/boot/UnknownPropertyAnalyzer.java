package dev.demur.spring.boot;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which property that is meant for Demur does not exist, and which one is probably meant. */
@Order(Ordered.HIGHEST_PRECEDENCE) // Spring's own says that elements were left unbound
final class UnknownPropertyAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    private static final String PREFIX = DemurProperties.PREFIX + ".";

    /** What Demur reads as system properties of Java, before and beside Spring. */
    private static final Set<String> OF_JAVA =
            Set.of("demur.binding", "demur.kernel", "demur.kernel.cap", "demur.library", "demur.native.dir");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        for (ConfigurationProperty unbound : cause.getUnboundProperties()) {
            String name = unbound.getName().toString();
            if (name.startsWith(PREFIX)) {
                String origin = unbound.getOrigin() == null ? "" : "\n    Origin: " + unbound.getOrigin();
                return new FailureAnalysis(
                        "Demur cannot start: there is no such property.\n\n    Property: " + name + "\n    Value: "
                                + unbound.getValue() + origin,
                        action(name),
                        cause);
            }
        }
        return null;
    }

    private static String action(String name) {
        if (OF_JAVA.contains(name)) {
            return name + " is a system property of Java, not of Spring: start Java with -D" + name
                    + "=VALUE, and leave it out here.";
        }
        String nearest = known().stream()
                .min(Comparator.comparingInt(known -> distance(known, name)))
                .orElseThrow();
        return "Did you mean " + nearest + "? Correct the name, or leave it out.";
    }

    /** The names of all properties. */
    static List<String> known() {
        List<String> names = new ArrayList<>();
        collect(DemurProperties.class, PREFIX, names);
        return names;
    }

    private static void collect(Class<?> type, String prefix, List<String> names) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
            if (component.getType().isRecord()) {
                collect(component.getType(), name + ".", names);
            } else {
                names.add(name);
            }
        }
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
