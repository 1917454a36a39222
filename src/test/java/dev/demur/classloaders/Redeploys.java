package dev.demur.classloaders;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a server does in whose programs Demur is embedded: one stays, another is deployed again and again, each in a class
 * loader of its own that is collected in the end. Prints a line of facts for each deployment.
 */
public final class Redeploys {

    private static final String PROMPT = "How do I kill a Python process?";
    private static final int MOST_COLLECTIONS = 200;

    private Redeploys() {}

    /** Arguments: how many deployments, the class path of the programs, a model file, a llama.cpp or nothing. */
    public static void main(String[] args) throws Exception {
        int deployments = Integer.parseInt(args[0]);
        URL[] classPath = urls(args[1]);
        String llama = args.length > 3 ? args[3] : "";
        URLClassLoader staying = loader(classPath);
        UnaryOperator<String> stays = deploy(staying, args[2], llama);
        String expected = stays.apply(PROMPT);
        List<WeakReference<ClassLoader>> gone = new ArrayList<>();
        for (int i = 1; i <= deployments; i++) {
            gone.add(comeAndGo(classPath, args[2], llama, expected));
            collect(gone);
            require(stays.apply(PROMPT), expected, "the one that stays");
            System.out.println(
                    "deployment " + i + " kept " + kept(gone) + " libraries " + libraries() + " KiB " + residentKib());
        }
        ((AutoCloseable) stays).close();
        staying.close();
        gone.add(new WeakReference<>(staying));
        staying = null;
        stays = null;
        // The first owner of the library has gone, or goes at any moment.
        gone.add(comeAndGo(classPath, args[2], llama, expected));
        collect(gone);
        gone.add(comeAndGo(classPath, args[2], llama, expected));
        System.out.println("REDEPLOYED");
    }

    private static WeakReference<ClassLoader> comeAndGo(URL[] classPath, String model, String llama, String expected)
            throws Exception {
        try (URLClassLoader loader = loader(classPath)) {
            UnaryOperator<String> deployed = deploy(loader, model, llama);
            require(deployed.apply(PROMPT), expected, "a new deployment");
            ((AutoCloseable) deployed).close();
            return new WeakReference<>(loader);
        }
    }

    @SuppressWarnings("unchecked") // The class is this package's own, from another loader.
    private static UnaryOperator<String> deploy(ClassLoader loader, String model, String llama)
            throws ReflectiveOperationException {
        return (UnaryOperator<String>) loader.loadClass(Deployment.class.getName())
                .getConstructor(String.class, String.class)
                .newInstance(model, llama);
    }

    private static URLClassLoader loader(URL[] classPath) {
        return new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
    }

    private static URL[] urls(String classPath) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    private static void require(String found, String expected, String who) {
        if (!found.equals(expected)) {
            throw new IllegalStateException(who + " says '" + found + "' and not '" + expected + "'");
        }
    }

    /** Collects all of them but the last one: Java itself may hold on to that until the next one comes. */
    private static void collect(List<WeakReference<ClassLoader>> gone) throws InterruptedException {
        for (int i = 0; i < MOST_COLLECTIONS && kept(gone) > 1; i++) {
            System.gc();
            Thread.sleep(10);
        }
    }

    private static long kept(List<WeakReference<ClassLoader>> gone) {
        return gone.stream().filter(loader -> loader.get() != null).count();
    }

    /** The mapped copies of libdemur, by file. */
    private static long libraries() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("libdemur"))
                .map(line -> line.substring(line.indexOf('/')))
                .distinct()
                .count();
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
