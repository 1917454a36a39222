package dev.demur.desktop;

import java.awt.Color;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.LayoutManager;
import java.awt.RenderingHints;
import javax.swing.BorderFactory;
import javax.swing.JPanel;
import javax.swing.UIManager;

/** A panel with round corners, in a colour of the theme. */
@SuppressWarnings("serial") // never written
final class RoundPanel extends JPanel {

    private static final int ARC = 14;

    private String colour;

    RoundPanel(LayoutManager layout, String colour) {
        super(layout);
        this.colour = colour;
        setOpaque(false);
        setBorder(BorderFactory.createEmptyBorder(8, 12, 8, 12));
    }

    void setColour(String newColour) {
        colour = newColour;
        repaint();
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        Color background = UIManager.getColor(colour);
        if (background != null) {
            Graphics2D canvas = (Graphics2D) graphics.create();
            canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            canvas.setColor(background);
            canvas.fillRoundRect(0, 0, getWidth(), getHeight(), ARC, ARC);
            canvas.dispose();
        }
        super.paintComponent(graphics);
    }
}
