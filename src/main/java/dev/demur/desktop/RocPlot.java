package dev.demur.desktop;

import dev.demur.statistics.RocCurve;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import javax.accessibility.AccessibleContext;
import javax.accessibility.AccessibleRole;
import javax.swing.JComponent;
import javax.swing.UIManager;

/** The share of bad requests that is refused against that of good ones, for every place of a threshold. */
@SuppressWarnings("serial") // never written
final class RocPlot extends JComponent {

    private static final int SIZE = 170;
    private static final int MARGIN = 26;
    private static final int TOP = 34;

    private final String title;
    private final String subtitle;
    private final RocCurve curve;
    private final double falseRefusal;
    private final double refusal;

    /**
     * @param subtitle below the title, as the area
     * @param falseRefusal where the policy stands; NaN: nowhere
     * @param refusal likewise
     */
    RocPlot(String title, String subtitle, RocCurve curve, double falseRefusal, double refusal) {
        this.title = title;
        this.subtitle = subtitle;
        this.curve = curve;
        this.falseRefusal = falseRefusal;
        this.refusal = refusal;
        setPreferredSize(new Dimension(SIZE + MARGIN + 8, SIZE + MARGIN + TOP));
        getAccessibleContext().setAccessibleName(title + " " + subtitle);
        Ui.data(this);
    }

    @Override
    public AccessibleContext getAccessibleContext() {
        if (accessibleContext == null) {
            accessibleContext = new AccessibleJComponent() {
                @Override
                public AccessibleRole getAccessibleRole() {
                    return AccessibleRole.CANVAS;
                }
            };
        }
        return accessibleContext;
    }

    private static Color colour(String key) {
        Color colour = UIManager.getColor(key);
        return colour == null ? Color.GRAY : colour;
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        Graphics2D canvas = (Graphics2D) graphics.create();
        canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        canvas.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        canvas.setFont(UIManager.getFont("Label.font").deriveFont(11f));
        FontMetrics metrics = canvas.getFontMetrics();
        canvas.setColor(colour("Label.foreground"));
        canvas.drawString(title, MARGIN, metrics.getAscent());
        canvas.setColor(colour("Demur.muted"));
        canvas.drawString(subtitle, MARGIN, metrics.getAscent() + metrics.getHeight());
        int top = TOP;
        canvas.setColor(colour("Demur.paper"));
        canvas.fillRect(MARGIN, top, SIZE, SIZE);
        canvas.setColor(colour("Demur.line"));
        for (int i = 0; i <= 4; i++) {
            canvas.drawLine(MARGIN + i * SIZE / 4, top, MARGIN + i * SIZE / 4, top + SIZE);
            canvas.drawLine(MARGIN, top + i * SIZE / 4, MARGIN + SIZE, top + i * SIZE / 4);
        }
        Path2D line = new Path2D.Double();
        for (RocCurve.Point point : curve.points()) {
            double x = MARGIN + point.falseRefusalRate() * SIZE;
            double y = top + SIZE - point.refusalRate() * SIZE;
            if (line.getCurrentPoint() == null) {
                line.moveTo(x, y);
            } else {
                line.lineTo(x, y);
            }
        }
        canvas.setColor(colour("Component.accentColor"));
        canvas.setStroke(new BasicStroke(2));
        canvas.draw(line);
        if (!Double.isNaN(falseRefusal) && !Double.isNaN(refusal)) {
            canvas.setColor(colour("Demur.bar.above"));
            int x = (int) Math.round(MARGIN + falseRefusal * SIZE);
            int y = (int) Math.round(top + SIZE - refusal * SIZE);
            canvas.fillOval(x - 4, y - 4, 9, 9);
        }
        canvas.setColor(colour("Demur.muted"));
        canvas.drawString("0", MARGIN - 3, top + SIZE + metrics.getAscent() + 2);
        canvas.drawString("1", MARGIN + SIZE - 5, top + SIZE + metrics.getAscent() + 2);
        canvas.drawString("1", MARGIN - 12, top + metrics.getAscent() - 2);
        canvas.dispose();
    }
}
