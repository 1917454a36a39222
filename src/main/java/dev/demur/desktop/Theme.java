package dev.demur.desktop;

import com.formdev.flatlaf.FlatDarkLaf;
import com.formdev.flatlaf.FlatLaf;
import com.formdev.flatlaf.FlatLightLaf;
import java.awt.Font;
import java.util.Locale;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/** How the application looks. */
enum Theme {
    LIGHT,
    DARK;

    private static final int SMALLEST = 9;
    private static final int LARGEST = 28;

    /** The theme of that name; light for any other. */
    static Theme of(@Nullable String name) {
        return DARK.id().equals(name) ? DARK : LIGHT;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    Theme other() {
        return this == LIGHT ? DARK : LIGHT;
    }

    /**
     * Has everything look so, also what is on the screen.
     *
     * @param zoom points that letters are larger by than usual
     */
    void use(int zoom) {
        // Its native code only decorates windows, and would be unpacked into the folder for temporary files.
        System.setProperty("flatlaf.useNativeLibrary", "false");
        FlatLaf.registerCustomDefaultsSource("dev.demur.desktop.themes", Theme.class.getClassLoader());
        UIManager.put("defaultFont", null);
        FlatLaf laf = this == DARK ? new FlatDarkLaf() : new FlatLightLaf();
        if (!FlatLaf.setup(laf)) {
            throw new IllegalStateException("the look cannot be set up");
        }
        Font font = UIManager.getFont("defaultFont");
        if (font != null && zoom != 0) {
            float size = Math.max(SMALLEST, Math.min(LARGEST, font.getSize() + zoom));
            UIManager.put("defaultFont", font.deriveFont(size));
            FlatLaf.setup(laf);
        }
        FlatLaf.updateUI();
    }
}
