package dev.demur.spring.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Says which property keeps Demur from starting, where it was set, and what to do. */
final class DemurFailureAnalyzer extends AbstractFailureAnalyzer<DemurStartException> {

    private final Environment environment;

    DemurFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DemurStartException cause) {
        String description = "Demur cannot start: " + cause.getMessage() + "\n\n    Property: " + cause.property()
                + set(cause.property());
        return new FailureAnalysis(description, cause.action(), cause);
    }

    private String set(String property) {
        ConfigurationProperty found = find(property);
        if (found == null) {
            return "\n    Value: not set";
        }
        String origin = found.getOrigin() == null ? "" : "\n    Origin: " + found.getOrigin();
        return "\n    Value: " + found.getValue() + origin;
    }

    private @Nullable ConfigurationProperty find(String property) {
        ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty found = source.getConfigurationProperty(name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
