package dev.demur.desktop;

import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.Window;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import javax.swing.AbstractButton;
import javax.swing.JDialog;
import javax.swing.JFrame;
import javax.swing.JMenu;
import javax.swing.text.JTextComponent;
import org.junit.jupiter.api.Assumptions;

/** Uses a window as a person does: through its components, on the event thread. */
final class Driving {

    /** Ends what hangs, on however slow a machine. */
    private static final long PATIENCE_NANOS = 1_800_000_000_000L;

    private Driving() {}

    /** Ends a test that needs a screen where there is none, and says so. */
    static void requireDisplay() {
        Assumptions.assumeFalse(
                GraphicsEnvironment.isHeadless(),
                "NOT RUN: there is no display; run it under xvfb-run, with a Java that is not headless");
    }

    static <T> T onEdt(Callable<T> task) {
        AtomicReference<T> result = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try {
            EventQueue.invokeAndWait(() -> {
                try {
                    result.set(task.call());
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
        } catch (InterruptedException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
        return result.get();
    }

    static void run(Runnable task) {
        onEdt(() -> {
            task.run();
            return null;
        });
    }

    /** Waits until something is true on the event thread. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!onEdt(condition::getAsBoolean)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited for half an hour: " + what);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** All components below one, those of menus that are not open included. */
    static List<Component> all(Container root) {
        List<Component> all = new ArrayList<>();
        for (Component child : root instanceof JMenu menu ? menu.getMenuComponents() : root.getComponents()) {
            all.add(child);
            if (child instanceof Container container) {
                all.addAll(all(container));
            }
        }
        return all;
    }

    static <T> List<T> named(Container root, Class<T> type, String name) {
        return all(root).stream()
                .filter(component -> name.equals(component.getName()))
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    static <T extends Component> T find(Container root, Class<T> type, String name) {
        List<T> found = named(root, type, name);
        if (found.isEmpty()) {
            throw new AssertionError("there is no " + type.getSimpleName() + " named " + name);
        }
        return found.stream().filter(Component::isShowing).findFirst().orElse(found.get(found.size() - 1));
    }

    /** The one that stands last, as the last message's button. */
    static <T> T last(Container root, Class<T> type, String name) {
        List<T> found = named(root, type, name);
        if (found.isEmpty()) {
            throw new AssertionError("there is no " + type.getSimpleName() + " named " + name);
        }
        return found.get(found.size() - 1);
    }

    static void click(Container root, String name) {
        run(() -> {
            AbstractButton button = find(root, AbstractButton.class, name);
            if (!button.isEnabled()) {
                throw new AssertionError(name + " cannot be pressed");
            }
            button.doClick(0);
        });
    }

    /** As {@link #click}, of a button that opens a window and waits for it. */
    static void clickLater(Container root, String name) {
        EventQueue.invokeLater(() -> find(root, AbstractButton.class, name).doClick(0));
    }

    static void type(Container root, String name, String text) {
        run(() -> find(root, JTextComponent.class, name).setText(text));
    }

    /** The window of that kind that is open, waited for. */
    static JDialog dialog() {
        await("a dialog", () -> open() != null);
        return onEdt(Driving::open);
    }

    private static JDialog open() {
        for (Window window : Window.getWindows()) {
            if (window instanceof JDialog dialog && dialog.isShowing()) {
                return dialog;
            }
        }
        return null;
    }

    /** Presses the button with these words in a dialog. */
    static void press(JDialog dialog, String words) {
        EventQueue.invokeLater(() -> all(dialog).stream()
                .filter(AbstractButton.class::isInstance)
                .map(AbstractButton.class::cast)
                .filter(button -> words.equals(button.getText()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no button " + words))
                .doClick(0));
        await("the dialog to close", () -> !dialog.isShowing());
    }

    static void screenshot(JFrame frame, Path file) throws IOException {
        screenshot((Window) frame, file);
    }

    static void screenshot(Window window, Path file) throws IOException {
        // Layout of texts settles in more than one pass.
        for (int i = 0; i < 5; i++) {
            run(() -> {
                window.validate();
                window.repaint();
            });
        }
        BufferedImage image = onEdt(() -> {
            Container root = window instanceof JFrame frame ? frame.getRootPane() : window;
            if (window instanceof JDialog dialog) {
                root = dialog.getRootPane();
            }
            BufferedImage made = new BufferedImage(root.getWidth(), root.getHeight(), BufferedImage.TYPE_INT_RGB);
            Graphics2D canvas = made.createGraphics();
            root.paint(canvas);
            canvas.dispose();
            return made;
        });
        Files.createDirectories(file.toAbsolutePath().getParent());
        ImageIO.write(image, "png", file.toFile());
    }
}
