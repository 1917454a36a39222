package dev.demur.desktop.text;

import java.awt.Component;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import javax.swing.Icon;
import org.jspecify.annotations.Nullable;

/** Where emoji are in a text, and how each is drawn. */
final class Emoji {

    private static final int FIRST = 0x1F1E6;
    private static final int LAST = 0x1FAFF;
    private static final int FIRST_TONE = 0x1F3FB;
    private static final int LAST_TONE = 0x1F3FF;
    private static final int JOINER = 0x200D;
    private static final int PICTURE = 0xFE0F;

    private Emoji() {}

    /** Where the next emoji begins at or behind a place; the text's length where there is none. */
    static int next(String text, int from) {
        int at = from;
        while (at < text.length() && !isEmoji(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    private static boolean isEmoji(int character) {
        return character >= FIRST && character <= LAST;
    }

    /** Where an emoji ends, with the tone, the joined pictures and the like that belong to it. */
    static int end(String text, int begin) {
        int at = begin + Character.charCount(text.codePointAt(begin));
        while (at < text.length()) {
            int next = text.codePointAt(at);
            if (next >= FIRST_TONE && next <= LAST_TONE || next == PICTURE) {
                at += Character.charCount(next);
            } else if (next == JOINER && at + 1 < text.length()) {
                at += 1 + Character.charCount(text.codePointAt(at + 1));
            } else {
                return at;
            }
        }
        return at;
    }

    /** What draws a character as high as letters are; null: the letters' font does. */
    static @Nullable Icon icon(int character, int size) {
        EmojiFont font = EmojiFont.ofSystem();
        BufferedImage image = font == null ? null : font.image(character);
        return image == null ? null : new Picture(image, size * 5 / 4);
    }

    private record Picture(BufferedImage image, int size) implements Icon {

        @Override
        public void paintIcon(Component component, Graphics graphics, int x, int y) {
            Graphics2D canvas = (Graphics2D) graphics.create();
            canvas.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            canvas.drawImage(image, x, y, size, size, null);
            canvas.dispose();
        }

        @Override
        public int getIconWidth() {
            return size;
        }

        @Override
        public int getIconHeight() {
            return size;
        }
    }
}
