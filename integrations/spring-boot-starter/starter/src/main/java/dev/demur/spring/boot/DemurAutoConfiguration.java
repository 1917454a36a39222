package dev.demur.spring.boot;

import dev.demur.Demur;
import dev.demur.calibration.Promise;
import dev.demur.policy.RefusalPolicy;
import dev.demur.spring.DemurTemplate;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ResourceLoader;

/**
 * The model, and the template that asks it by the policy. An application's own {@link Demur}, {@link RefusalPolicy} or {@link
 * DemurTemplate} takes the place of what the properties say.
 */
@AutoConfiguration
@ConditionalOnClass(Demur.class)
@ConditionalOnProperty(prefix = DemurProperties.PREFIX, name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(DemurProperties.class)
public final class DemurAutoConfiguration {

    private static final Log LOG = LogFactory.getLog(DemurAutoConfiguration.class);

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Demur demur(DemurProperties properties) {
        return ModelLoader.load(properties);
    }

    @Bean
    @ConditionalOnMissingBean
    DemurTemplate demurTemplate(
            Demur demur, DemurProperties properties, ObjectProvider<RefusalPolicy> policies, ResourceLoader resources) {
        RefusalPolicy own = policies.getIfUnique();
        PolicyLoader.Chosen chosen = own == null
                ? PolicyLoader.choose(properties, demur, resources)
                : new PolicyLoader.Chosen(own, own, "The application's RefusalPolicy");
        Promise promise = Promise.of(chosen.calibrated(), demur, null);
        DemurTemplate template = new DemurTemplate(demur, chosen.policy(), chosen.source(), promise);
        tell(template, properties.requirePromise());
        return template;
    }

    /** Names the promise, and warns where there was one that does not hold. */
    private static void tell(DemurTemplate template, boolean required) {
        Promise promise = template.promise();
        String sentence = promise.sentence(template.policySource()) + ".";
        String runs = "Demur runs " + template.modelName() + ". Readout: "
                + template.demur().readout().description() + ". " + sentence;
        if (required && !promise.holds()) {
            throw new DemurStartException(
                    "demur.require-promise",
                    "a promise is required and there is none. " + sentence,
                    "Set demur.policy to a policy that was calibrated for this model, or demur.require-promise to false.",
                    null);
        }
        if (promise.reasons().isEmpty()) {
            LOG.info(runs);
        } else {
            LOG.warn(runs);
        }
    }
}
