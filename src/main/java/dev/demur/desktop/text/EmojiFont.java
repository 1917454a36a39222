package dev.demur.desktop.text;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The pictures in a font such as Noto Color Emoji, which Java takes for letters on Linux and then draws nothing of. Reads the
 * tables {@code cmap} (format 12), {@code CBLC} and {@code CBDT} as the OpenType specification describes them. Of a sequence
 * of several characters it has the first one's picture.
 */
final class EmojiFont {

    private static final String NAME = "NotoColorEmoji.ttf";
    private static final int DEEPEST = 4;

    private static @Nullable Optional<EmojiFont> found;

    private final ByteBuffer file;
    private final Map<Integer, Optional<BufferedImage>> images = new HashMap<>();
    private int cmap;
    private int locations;
    private int data;

    private EmojiFont(ByteBuffer file) {
        this.file = file;
        int tables = u16(4);
        for (int i = 0; i < tables; i++) {
            int entry = 12 + 16 * i;
            int offset = file.getInt(entry + 8);
            switch (file.getInt(entry)) {
                case 0x636d6170 -> cmap = offset; // cmap
                case 0x43424c43 -> locations = offset; // CBLC
                case 0x43424454 -> data = offset; // CBDT
                default -> {}
            }
        }
    }

    /** The font of this system; null: there is none, or it has no such pictures. */
    static @Nullable EmojiFont ofSystem() {
        if (found == null) {
            found = Optional.ofNullable(find());
        }
        return found.orElse(null);
    }

    private static @Nullable EmojiFont find() {
        Path home = Path.of(System.getProperty("user.home", ""));
        for (Path folder :
                List.of(Path.of("/usr/share/fonts"), home.resolve(".local/share/fonts"), home.resolve(".fonts"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.find(folder, DEEPEST, (path, kind) -> path.endsWith(NAME))) {
                    Path file = files.findFirst().orElse(null);
                    if (file != null) {
                        return open(file);
                    }
                } catch (IOException | RuntimeException e) {
                    System.getLogger("dev.demur")
                            .log(System.Logger.Level.DEBUG, folder + ": no font of emoji can be read: " + e);
                }
            }
        }
        return null;
    }

    private static @Nullable EmojiFont open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            EmojiFont font = new EmojiFont(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            return font.cmap > 0 && font.locations > 0 && font.data > 0 ? font : null;
        }
    }

    private int u16(int at) {
        return file.getShort(at) & 0xffff;
    }

    /** The picture of a character; null: there is none. */
    @Nullable
    BufferedImage image(int character) {
        return images.computeIfAbsent(character, this::read).orElse(null);
    }

    private Optional<BufferedImage> read(int character) {
        try {
            int glyph = glyph(character);
            byte[] png = glyph == 0 ? null : png(glyph);
            return png == null ? Optional.empty() : Optional.ofNullable(ImageIO.read(new ByteArrayInputStream(png)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // a damaged font has no picture of it
        }
    }

    private int glyph(int character) {
        int subtables = u16(cmap + 2);
        for (int i = 0; i < subtables; i++) {
            int table = cmap + file.getInt(cmap + 4 + 8 * i + 4);
            if (u16(table) == 12) {
                int groups = file.getInt(table + 12);
                for (int g = 0; g < groups; g++) {
                    int group = table + 16 + 12 * g;
                    int first = file.getInt(group);
                    if (character >= first && character <= file.getInt(group + 4)) {
                        return file.getInt(group + 8) + character - first;
                    }
                }
            }
        }
        return 0;
    }

    private byte @Nullable [] png(int glyph) {
        int array = locations + file.getInt(locations + 8);
        int count = file.getInt(locations + 16);
        for (int i = 0; i < count; i++) {
            int entry = array + 8 * i;
            int first = u16(entry);
            if (glyph >= first && glyph <= u16(entry + 2)) {
                return png(array + file.getInt(entry + 4), glyph, glyph - first);
            }
        }
        return null;
    }

    /** @param table an index subtable, of which this is the glyph of that number */
    private byte @Nullable [] png(int table, int glyph, int number) {
        int start = data + file.getInt(table + 4);
        int body = table + 8;
        int place = -1;
        switch (u16(table)) {
            case 1 -> place = file.getInt(body + 4 * number);
            case 2 -> place = file.getInt(body) * number;
            case 3 -> place = u16(body + 2 * number);
            case 4 -> place = pair(body, glyph);
            case 5 -> place = sparse(body, glyph);
            default -> {}
        }
        if (place < 0) {
            return null;
        }
        int at = start + place;
        switch (u16(table + 2)) { // small metrics, big ones, or none before the picture
            case 17 -> at += 5;
            case 18 -> at += 8;
            case 19 -> at += 0;
            default -> {
                return null;
            }
        }
        byte[] png = new byte[file.getInt(at)];
        file.get(at + 4, png);
        return png;
    }

    private int pair(int body, int glyph) {
        int count = file.getInt(body);
        for (int i = 0; i < count; i++) {
            if (u16(body + 4 + 4 * i) == glyph) {
                return u16(body + 4 + 4 * i + 2);
            }
        }
        return -1;
    }

    private int sparse(int body, int glyph) {
        int count = file.getInt(body + 12);
        for (int i = 0; i < count; i++) {
            if (u16(body + 16 + 2 * i) == glyph) {
                return file.getInt(body) * i;
            }
        }
        return -1;
    }
}
