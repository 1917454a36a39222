import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the test classes in its arguments, where there is no Maven: under an emulator. An argument {@code -NAME} leaves the
 * test of that name out. Fails where one fails or none runs.
 */
final class Contracts {

    private Contracts() {}

    public static void main(String[] arguments) {
        List<String> leftOut = Arrays.stream(arguments)
                .filter(argument -> argument.startsWith("-"))
                .map(argument -> "method:" + argument.substring(1) + "(")
                .toList();
        PostDiscoveryFilter wanted = test -> FilterResult.includedIf(
                leftOut.stream().noneMatch(part -> test.getUniqueId().toString().contains(part)));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(arguments)
                        .filter(argument -> !argument.startsWith("-"))
                        .map(DiscoverySelectors::selectClass)
                        .toList())
                .filters(wanted)
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        PrintWriter out = new PrintWriter(System.out, true);
        summary.printFailuresTo(out, 12);
        out.printf(
                "%d tests, %d failed, %d not run%n",
                summary.getTestsFoundCount(),
                summary.getTotalFailureCount(),
                summary.getTestsSkippedCount() + summary.getTestsAbortedCount());
        System.exit(summary.getTotalFailureCount() > 0 || summary.getTestsSucceededCount() == 0 ? 1 : 0);
    }
}
