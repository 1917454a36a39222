package dev.demur.spring.boot;

import dev.demur.spring.DemurTemplate;
import dev.demur.spring.actuate.DemurHealthIndicator;
import dev.demur.spring.actuate.DemurMeters;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health and meters, where the application has an actuator. */
@AutoConfiguration(
        after = DemurAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration"
        })
@ConditionalOnBean(DemurTemplate.class)
public final class DemurActuatorAutoConfiguration {

    /** Health. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
    static class OfHealth {

        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnEnabledHealthIndicator("demur")
        DemurHealthIndicator demurHealthIndicator(DemurTemplate template, DemurProperties properties) {
            DemurProperties.Health health = properties.health();
            return new DemurHealthIndicator(template, health.fresh(), health.timeout());
        }
    }

    /** Meters. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    @ConditionalOnBean(MeterRegistry.class)
    static class OfMeters {

        @Bean
        @ConditionalOnMissingBean
        DemurMeters demurMeters(MeterRegistry registry, DemurTemplate template) {
            return new DemurMeters(registry, template);
        }
    }
}
