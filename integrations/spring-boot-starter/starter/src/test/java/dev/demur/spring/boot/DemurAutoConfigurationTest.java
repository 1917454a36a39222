package dev.demur.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.demur.Demur;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.spring.DemurTemplate;
import dev.demur.spring.Models;
import dev.demur.spring.actuate.DemurHealthIndicator;
import dev.demur.spring.actuate.DemurMeters;
import dev.demur.spring.ai.DemurAdvisor;
import dev.demur.spring.ai.DemurChatModel;
import dev.demur.spring.ai.StubChatModel;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class DemurAutoConfigurationTest {

    @TempDir
    private Path folder;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DemurAutoConfiguration.class,
                    DemurAiAutoConfiguration.class,
                    DemurActuatorAutoConfiguration.class));

    private final ApplicationContextRunner tiny = runner.withPropertyValues("demur.model=" + Models.tiny());

    @Test
    void a_model_is_enough_and_everything_is_closed_with_the_application(CapturedOutput output) {
        AtomicReference<Demur> kept = new AtomicReference<>();
        tiny.run(context -> {
            assertThat(context)
                    .hasSingleBean(Demur.class)
                    .hasSingleBean(DemurTemplate.class)
                    .hasSingleBean(DemurAdvisor.class)
                    .hasSingleBean(DemurChatModel.class)
                    .hasSingleBean(ChatClientBuilderCustomizer.class)
                    .hasSingleBean(DemurHealthIndicator.class)
                    .doesNotHaveBean(DemurMeters.class);
            kept.set(context.getBean(Demur.class));
            assertThat(context.getBean(DemurTemplate.class)
                            .decide(Models.HARMFUL)
                            .kind())
                    .isEqualTo("refuse");
        });
        assertThatThrownBy(() -> kept.get().decide("Hello")).isInstanceOf(IllegalStateException.class);
        assertThat(output)
                .contains("Demur runs demur-tiny. Readout: tokens")
                .contains("The model's own policy promises nothing.");
    }

    @Test
    void properties_reach_the_load() {
        tiny.withPropertyValues(
                        "demur.threads=1",
                        "demur.context-length=300",
                        "demur.gpu-layers=0",
                        "demur.devices=CPU",
                        "demur.parallel=2",
                        "demur.readout=tokens",
                        "demur.chat-template=chatml",
                        "demur.decider=" + Models.tiny(),
                        "demur.chat.max-tokens=5",
                        "demur.chat.stop-sequences=a,b",
                        "demur.advisor.order=17")
                .run(context -> {
                    var options = context.getBean(Demur.class).options();
                    assertThat(options.threads()).isEqualTo(1);
                    assertThat(options.contextSize()).isEqualTo(300);
                    assertThat(options.gpuLayers()).isZero();
                    assertThat(options.devices()).containsExactly("CPU");
                    assertThat(options.parallel()).isEqualTo(2);
                    assertThat(options.readout()).isEqualTo("tokens");
                    assertThat(options.chatTemplate()).isEqualTo("chatml");
                    assertThat(options.decider()).isEqualTo(Models.tiny());
                    var chat = context.getBean(DemurChatModel.class).getOptions();
                    assertThat(chat.getMaxTokens()).isEqualTo(5);
                    assertThat(chat.getStopSequences()).containsExactly("a", "b");
                    assertThat(context.getBean(DemurAdvisor.class).getOrder()).isEqualTo(17);
                });
    }

    @Test
    void a_model_may_be_given_as_a_url() {
        runner.withPropertyValues("demur.model=" + Models.tiny().toUri())
                .run(context -> assertThat(context).hasSingleBean(Demur.class));
    }

    @Test
    void nothing_is_there_where_it_is_disabled() {
        runner.withPropertyValues("demur.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(Demur.class)
                        .doesNotHaveBean(DemurAdvisor.class)
                        .doesNotHaveBean(ChatModel.class)
                        .doesNotHaveBean(DemurHealthIndicator.class));
    }

    @Test
    void the_application_s_own_beans_take_the_place() {
        try (Demur own = Demur.load(Models.tiny())) {
            RefusalPolicy never = own.policy().withoutThreshold("safety");
            runner.withBean("own", Demur.class, () -> own, definition -> definition.setDestroyMethodName(""))
                    .withBean(RefusalPolicy.class, () -> never)
                    .run(context -> {
                        assertThat(context.getBean(Demur.class)).isSameAs(own);
                        DemurTemplate template = context.getBean(DemurTemplate.class);
                        assertThat(template.policy()).isEqualTo(never);
                        assertThat(template.policySource()).isEqualTo("The application's RefusalPolicy");
                    });
        }
    }

    @Test
    void another_provider_s_model_stays_the_chat_model_and_gets_the_advisor() {
        tiny.withBean(StubChatModel.class).run(context -> {
            assertThat(context).hasSingleBean(ChatModel.class).doesNotHaveBean(DemurChatModel.class);
            ChatClient.Builder builder = ChatClient.builder(context.getBean(ChatModel.class));
            context.getBean(ChatClientBuilderCustomizer.class).customize(builder);
            ChatClient client = builder.build();
            assertThat(client.prompt().user(Models.HARMFUL).call().content()).startsWith("I am sorry");
            assertThat(client.prompt().user(Models.HARMLESS).call().content()).isEqualTo(StubChatModel.ANSWER);
        });
    }

    @Test
    void which_model_answers_can_be_chosen_as_between_any_providers() {
        tiny.withBean(StubChatModel.class)
                .withPropertyValues("spring.ai.model.chat=demur")
                .run(context -> assertThat(context)
                        .hasBean("demurChatModel")
                        .getBeans(ChatModel.class)
                        .hasSize(2));
        tiny.withPropertyValues("spring.ai.model.chat=openai")
                .run(context -> assertThat(context).doesNotHaveBean(ChatModel.class));
        tiny.withPropertyValues("demur.chat.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(ChatModel.class));
    }

    @Test
    void the_advisor_can_be_left_to_the_application() {
        tiny.withPropertyValues("demur.advisor.enabled=false")
                .run(context -> assertThat(context)
                        .hasSingleBean(DemurAdvisor.class)
                        .doesNotHaveBean(ChatClientBuilderCustomizer.class));
    }

    @Test
    void it_decides_without_spring_ai_and_without_an_actuator() {
        tiny.withClassLoader(new FilteredClassLoader(ChatModel.class, ChatClient.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(DemurTemplate.class)
                        .doesNotHaveBean("demurAdvisor")
                        .doesNotHaveBean("demurChatModel"));
        tiny.withClassLoader(new FilteredClassLoader(HealthIndicator.class, MeterRegistry.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(DemurTemplate.class)
                        .doesNotHaveBean("demurHealthIndicator")
                        .doesNotHaveBean("demurMeters"));
    }

    @Test
    void thresholds_change_the_policy() {
        tiny.withPropertyValues("demur.thresholds.safety=none")
                .run(context -> assertThat(context.getBean(DemurTemplate.class)
                                .decide(Models.HARMFUL)
                                .kind())
                        .isEqualTo("respond"));
        tiny.withPropertyValues("demur.thresholds.incomplete=0")
                .run(context -> assertThat(context.getBean(DemurTemplate.class)
                                .decide(Models.HARMLESS)
                                .kind())
                        .isEqualTo("refuse"));
    }

    private Path policy(String fingerprint) throws Exception {
        try (Demur demur = Demur.load(Models.tiny())) {
            String print = fingerprint.isEmpty() ? demur.model().file().fingerprint() : fingerprint;
            return Files.writeString(
                    folder.resolve("policy.json"), PolicyFile.write(Models.calibrated(demur, demur.policy(), print)));
        }
    }

    @Test
    void a_promise_that_holds_is_named_at_the_start(CapturedOutput output) throws Exception {
        tiny.withPropertyValues("demur.policy=" + policy(""), "demur.require-promise=true")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(DemurTemplate.class).promise().holds())
                            .isTrue();
                });
        assertThat(output).contains("policy.json refuses at most 5 % of what should be answered, with confidence 95 %");
    }

    @Test
    void a_promise_that_does_not_hold_is_warned_of_and_can_be_insisted_on(CapturedOutput output) throws Exception {
        Path other = policy("sha256:another");
        tiny.withPropertyValues("demur.policy=" + other)
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output.getOut())
                .containsPattern(
                        "WARN.*policy.json: its promises do not hold here, because .*fingerprint.* was sha256:another and is");
        tiny.withPropertyValues("demur.policy=" + other, "demur.require-promise=true")
                .run(context -> assertThat(failure(context.getStartupFailure()).property())
                        .isEqualTo("demur.require-promise"));
    }

    @Test
    void a_changed_threshold_voids_the_promise(CapturedOutput output) throws Exception {
        tiny.withPropertyValues("demur.policy=" + policy(""), "demur.thresholds.safety=0.9")
                .run(context -> assertThat(
                                context.getBean(DemurTemplate.class).promise().holds())
                        .isFalse());
        assertThat(output).contains("it was changed after it was calibrated");
    }

    @Test
    void health_is_up_while_it_decides_and_down_once_it_cannot() {
        tiny.run(context -> {
            DemurHealthIndicator indicator = context.getBean(DemurHealthIndicator.class);
            Health health = indicator.health();
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails())
                    .containsEntry("model", "demur-tiny")
                    .containsEntry("promiseHolds", false)
                    .containsKeys("readout", "policy", "promise", "queued");
            context.getBean(Demur.class).close();
            assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
        });
    }

    @Test
    void a_failed_request_makes_the_next_health_check_find_out_for_itself() {
        tiny.withPropertyValues("demur.health.fresh=1h").run(context -> {
            DemurTemplate template = context.getBean(DemurTemplate.class);
            template.decide("Hello");
            assertThatThrownBy(() -> template.decide("word ".repeat(20_000))).isInstanceOf(RuntimeException.class);
            assertThat(context.getBean(DemurHealthIndicator.class).health().getStatus())
                    .isEqualTo(Status.UP);
        });
        tiny.withPropertyValues("management.health.demur.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(DemurHealthIndicator.class));
    }

    @Test
    void meters_count_what_is_decided() {
        tiny.withBean(SimpleMeterRegistry.class).run(context -> {
            DemurTemplate template = context.getBean(DemurTemplate.class);
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get("demur.decisions")
                            .tag("category", "unsupported")
                            .counter()
                            .count())
                    .isZero();
            template.decide(Models.HARMFUL);
            template.decide(Models.HARMLESS);
            template.decide(Models.HARMLESS);
            assertThat(registry.get("demur.decisions")
                            .tags("decision", "refuse", "category", "safety")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("demur.decisions")
                            .tags("decision", "respond", "category", "none")
                            .counter()
                            .count())
                    .isEqualTo(2);
            assertThat(registry.get("demur.decide").timer().count()).isEqualTo(3);
            assertThat(registry.get("demur.coverage").summary().mean()).isBetween(0.9, 1.0);
            assertThat(registry.get("demur.coverage.low").counter().count()).isZero();
            assertThat(registry.get("demur.queue").gauge().value()).isZero();
            assertThat(registry.get("demur.promise.holds").gauge().value()).isZero();
            assertThatThrownBy(() -> template.decide("word ".repeat(20_000))).isInstanceOf(RuntimeException.class);
            assertThat(registry.get("demur.failures").counter().count()).isEqualTo(1);
        });
    }

    static DemurStartException failure(Throwable startup) {
        for (Throwable cause = startup; cause != null; cause = cause.getCause()) {
            if (cause instanceof DemurStartException start) {
                return start;
            }
        }
        throw new AssertionError("the start failed otherwise, or not at all", startup);
    }

    @Test
    void each_wrong_property_is_named() throws Exception {
        Path damaged = Files.writeString(folder.resolve("damaged.gguf"), "no GGUF file");
        Path nonsense = Files.writeString(folder.resolve("nonsense.json"), "{\"version\": 2}");
        for (List<String> wrong : List.of(
                List.of("demur.model", "no model is named", "demur.model="),
                List.of("demur.model", "there is no file", "demur.model=nowhere.gguf"),
                List.of("demur.model", "is no file", "demur.model=" + folder),
                List.of("demur.model", "could not be loaded", "demur.model=" + damaged),
                List.of("demur.model", "inside of a jar", "demur.model=classpath:model.gguf"),
                List.of("demur.model", "there is no device 'cuda9'", "demur.devices=cuda9"),
                List.of("demur.model", "nowhere.gguf", "demur.readout=nowhere.gguf"),
                List.of("demur.decider", "there is no file", "demur.decider=nowhere.gguf"),
                List.of("demur.threads", "threads is -1", "demur.threads=-1"),
                List.of("demur.context-length", "context size is -5", "demur.context-length=-5"),
                List.of("demur.parallel", "parallel is 0", "demur.parallel=0"),
                List.of("demur.policy", "no such policy file", "demur.policy=nowhere.json"),
                List.of("demur.policy", "no such policy file", "demur.policy=classpath:nowhere.json"),
                List.of("demur.policy", "nonsense.json", "demur.policy=" + nonsense),
                List.of("demur.preset", "the policy cannot be used", "demur.preset=strict"),
                List.of("demur.preset", "are both set", "demur.preset=strict", "demur.policy=policy.json"),
                List.of("demur.thresholds.safty", "no category", "demur.thresholds.safty=0.5"),
                List.of("demur.thresholds.safety", "'2' is no threshold", "demur.thresholds.safety=2"),
                List.of("demur.thresholds.safety", "'much' is no threshold", "demur.thresholds.safety=much"),
                List.of("demur.chat.max-tokens", "max tokens is -1", "demur.chat.max-tokens=-1"),
                List.of("demur.chat.temperature", "temperature is -1.0", "demur.chat.temperature=-1"),
                List.of("demur.chat.top-p", "top-p is 3.0", "demur.chat.top-p=3"))) {
            tiny.withPropertyValues(wrong.subList(2, wrong.size()).toArray(String[]::new))
                    .run(context -> {
                        assertThat(context).as(wrong.toString()).hasFailed();
                        DemurStartException failure = failure(context.getStartupFailure());
                        assertThat(failure.property()).as(wrong.toString()).isEqualTo(wrong.get(0));
                        assertThat(failure).hasMessageContaining(wrong.get(1));
                        assertThat(failure.action()).isNotBlank();
                    });
        }
    }

    @Test
    void a_misspelt_property_ends_the_start() {
        tiny.withPropertyValues("demur.treads=1")
                .run(context ->
                        assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("demur.treads"));
    }
}
