package dev.demur.desktop.text;

import java.awt.Component;
import java.awt.Container;
import java.awt.Dimension;
import java.awt.Insets;
import java.awt.LayoutManager;
import javax.swing.JViewport;

/** Components one below the other, each as wide as there is room and as high as it then needs to be. */
public final class ColumnLayout implements LayoutManager {

    /** A text that has no height yet would not look at its width. */
    private static final int SOME_HEIGHT = 100;

    private final int gap;
    private final int widest;

    /** @param gap between two components, in pixels */
    public ColumnLayout(int gap) {
        this(gap, Integer.MAX_VALUE);
    }

    /**
     * @param gap between two components, in pixels
     * @param widest how wide components become at most; they then stand in the middle
     */
    public ColumnLayout(int gap, int widest) {
        this.gap = gap;
        this.widest = widest;
    }

    @Override
    public void addLayoutComponent(String name, Component component) {}

    @Override
    public void removeLayoutComponent(Component component) {}

    @Override
    public Dimension preferredLayoutSize(Container parent) {
        int width = parent.getParent() instanceof JViewport viewport ? viewport.getWidth() : parent.getWidth();
        if (width <= 0) {
            width = naturalWidth(parent);
        }
        Insets insets = parent.getInsets();
        int height = insets.top + insets.bottom;
        boolean any = false;
        for (Component child : parent.getComponents()) {
            if (child.isVisible()) {
                height += heightOf(child, inner(width, insets)) + (any ? gap : 0);
                any = true;
            }
        }
        return new Dimension(width, height);
    }

    private int inner(int width, Insets insets) {
        return Math.min(widest, Math.max(0, width - insets.left - insets.right));
    }

    private int naturalWidth(Container parent) {
        int width = 0;
        for (Component child : parent.getComponents()) {
            width = Math.max(width, child.getPreferredSize().width);
        }
        Insets insets = parent.getInsets();
        return Math.min(width, Math.min(widest, 480)) + insets.left + insets.right;
    }

    /** A text knows its height only once it knows its width. */
    private static int heightOf(Component child, int width) {
        child.setSize(width, Math.max(child.getHeight(), SOME_HEIGHT));
        return child.getPreferredSize().height;
    }

    @Override
    public Dimension minimumLayoutSize(Container parent) {
        return new Dimension(0, 0);
    }

    @Override
    public void layoutContainer(Container parent) {
        Insets insets = parent.getInsets();
        int width = inner(parent.getWidth(), insets);
        int x = insets.left + (parent.getWidth() - insets.left - insets.right - width) / 2;
        int y = insets.top;
        for (Component child : parent.getComponents()) {
            if (child.isVisible()) {
                int height = heightOf(child, width);
                child.setBounds(x, y, width, height);
                y += height + gap;
            }
        }
    }
}
