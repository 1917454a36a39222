package dev.demur.desktop;

import java.awt.Component;
import java.awt.Container;
import java.awt.Dimension;
import java.awt.Insets;
import java.awt.LayoutManager;
import javax.swing.JComponent;
import javax.swing.text.JTextComponent;
import javax.swing.text.View;

/** One component at the trailing side, as wide as its text, up to most of the width. */
final class BubbleLayout implements LayoutManager {

    private static final double WIDEST = 0.82;
    private static final int SOME_HEIGHT = 100;

    @Override
    public void addLayoutComponent(String name, Component component) {}

    @Override
    public void removeLayoutComponent(Component component) {}

    @Override
    public Dimension preferredLayoutSize(Container parent) {
        int width = parent.getWidth() > 0 ? parent.getWidth() : 400;
        int height = 0;
        for (Component child : parent.getComponents()) {
            height = Math.max(height, heightOf(child, widthOf(child, width)));
        }
        return new Dimension(width, height);
    }

    private static int heightOf(Component child, int width) {
        child.setSize(width, Math.max(child.getHeight(), SOME_HEIGHT));
        return child.getPreferredSize().height;
    }

    private static int widthOf(Component child, int width) {
        int natural = natural(child);
        return Math.min(natural, (int) (width * WIDEST));
    }

    /** How wide the longest line is. */
    private static int natural(Component child) {
        if (child instanceof JTextComponent text) {
            View root = text.getUI().getRootView(text);
            Insets insets = text.getInsets();
            root.setSize(100_000, SOME_HEIGHT);
            return (int) Math.ceil(root.getPreferredSpan(View.X_AXIS)) + insets.left + insets.right + 2;
        }
        int width = 0;
        if (child instanceof JComponent parent && parent.getComponentCount() > 0) {
            for (Component inner : parent.getComponents()) {
                width = Math.max(width, natural(inner));
            }
            Insets insets = parent.getInsets();
            return width + insets.left + insets.right;
        }
        return child.getPreferredSize().width;
    }

    @Override
    public Dimension minimumLayoutSize(Container parent) {
        return new Dimension(0, 0);
    }

    @Override
    public void layoutContainer(Container parent) {
        for (Component child : parent.getComponents()) {
            int width = widthOf(child, parent.getWidth());
            int height = heightOf(child, width);
            int x = parent.getComponentOrientation().isLeftToRight() ? parent.getWidth() - width : 0;
            child.setBounds(x, 0, width, height);
        }
    }
}
