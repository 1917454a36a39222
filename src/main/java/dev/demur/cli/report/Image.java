package dev.demur.cli.report;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.renderer.NullPlatformSupport;
import com.github.weisj.jsvg.view.ViewBox;
import dev.demur.DemurException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;

/** A plot as PNG, on white, in light colours. */
final class Image {

    /** Pixels for each unit of the plot. */
    private static final int SCALE = 2;

    private Image() {}

    /**
     * The bytes of the PNG.
     *
     * @throws DemurException if Java finds no font on this machine, without which it draws nothing
     */
    static byte[] png(Figure figure) {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true"); // no window is wanted, and no display may be there
        }
        try {
            return draw(figure);
        } catch (InternalError | LinkageError e) {
            // So Java says that there is no fontconfig, no font, or that its own font library is left out.
            throw new DemurException(
                    "--png needs fonts and Java finds none here: install fontconfig and a font, as fonts-dejavu-core,"
                            + " or leave --png out; the report itself needs none",
                    e);
        }
    }

    private static byte[] draw(Figure figure) {
        BufferedImage image =
                new BufferedImage(figure.width() * SCALE, figure.height() * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            document(figure)
                    .renderWithPlatform(
                            NullPlatformSupport.INSTANCE, graphics, new ViewBox(image.getWidth(), image.getHeight()));
        } finally {
            graphics.dispose();
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory throws none
        }
        return png.toByteArray();
    }

    private static SVGDocument document(Figure figure) {
        int content = figure.svg().indexOf('>') + 1;
        String styled = figure.svg().substring(0, content) + "<style>" + Stylesheet.plot() + "</style>"
                + figure.svg().substring(content);
        SVGDocument document = new SVGLoader()
                .load(
                        new ByteArrayInputStream(styled.getBytes(StandardCharsets.UTF_8)),
                        null,
                        LoaderContext.createDefault());
        if (document == null) {
            throw new IllegalStateException("The plot " + figure.text().id() + " is no SVG");
        }
        return document;
    }
}
