package dev.demur.desktop;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import javax.swing.JComponent;
import javax.swing.JSlider;
import javax.swing.UIManager;
import javax.swing.plaf.basic.BasicSliderUI;

/**
 * A slider for a threshold, drawn as a line across the bar of a probability, so that one sees on which side of it the
 * probability lies.
 */
@SuppressWarnings("serial") // never written
final class ThresholdBar extends JSlider {

    /** So many steps are from 0 to 1. */
    static final int STEPS = 1000;

    private static final int HEIGHT = 26;
    private static final int BAR = 12;

    private double probability = Double.NaN;
    private boolean above;
    private boolean line = true;

    ThresholdBar() {
        super(0, STEPS, STEPS / 2);
        setOpaque(false);
        setMajorTickSpacing(STEPS / 20);
    }

    @Override
    public void updateUI() {
        setUI(new BarUi(this));
    }

    /**
     * Shows a probability.
     *
     * @param newProbability NaN: none
     * @param newAbove whether it reaches the threshold
     */
    void show(double newProbability, boolean newAbove) {
        probability = newProbability;
        above = newAbove;
        repaint();
    }

    /** Whether there is a threshold. */
    void setLine(boolean newLine) {
        line = newLine;
        repaint();
    }

    @Override
    public Dimension getPreferredSize() {
        return new Dimension(180, HEIGHT);
    }

    /** Draws it. */
    private static final class BarUi extends BasicSliderUI {

        private final ThresholdBar bar;

        BarUi(ThresholdBar bar) {
            super(bar);
            this.bar = bar;
        }

        @Override
        protected Dimension getThumbSize() {
            return new Dimension(12, HEIGHT - 4);
        }

        private static Color colour(String key) {
            Color colour = UIManager.getColor(key);
            return colour == null ? Color.GRAY : colour;
        }

        @Override
        public void paint(Graphics graphics, JComponent component) {
            Graphics2D canvas = (Graphics2D) graphics.create();
            canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            super.paint(canvas, component);
            canvas.dispose();
        }

        @Override
        public void paintTrack(Graphics graphics) {
            int y = trackRect.y + (trackRect.height - BAR) / 2;
            graphics.setColor(colour("Demur.bar.track"));
            graphics.fillRoundRect(trackRect.x, y, trackRect.width, BAR, BAR, BAR);
            if (!Double.isNaN(bar.probability)) {
                int width = (int) Math.round(bar.probability * trackRect.width);
                graphics.setColor(colour(bar.above ? "Demur.bar.above" : "Demur.bar.below"));
                graphics.fillRoundRect(trackRect.x, y, Math.max(width, 3), BAR, BAR, BAR);
            }
        }

        @Override
        public void paintThumb(Graphics graphics) {
            if (!bar.line) {
                return;
            }
            int x = thumbRect.x + thumbRect.width / 2;
            graphics.setColor(colour("Demur.bar.threshold"));
            graphics.fillRoundRect(x - 1, thumbRect.y + 1, 3, thumbRect.height - 2, 3, 3);
            if (bar.isEnabled()) {
                graphics.fillOval(x - 4, thumbRect.y + thumbRect.height - 9, 9, 9);
            }
        }

        @Override
        public void paintFocus(Graphics graphics) {
            graphics.setColor(colour("Component.focusColor"));
            graphics.drawRoundRect(0, 0, bar.getWidth() - 1, bar.getHeight() - 1, 10, 10);
        }
    }
}
