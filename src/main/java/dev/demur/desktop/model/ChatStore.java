package dev.demur.desktop.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * Conversations on the disk, each a file that is only ever added to, so that a kill at any moment loses at most the line that
 * was being written.
 */
public final class ChatStore {

    private static final String ENDING = ".jsonl";

    private final Path folder;

    /** The conversations in a folder, which is made for this user alone. */
    public ChatStore(Path folder) throws IOException {
        this.folder = folder;
        PrivateFiles.createFolder(folder);
    }

    /** A conversation without a message; nothing is written of it yet. */
    Chat begin() {
        return new Chat(UUID.randomUUID().toString(), System.currentTimeMillis());
    }

    /** All conversations, the latest first. */
    List<Chat> read() throws IOException {
        List<Chat> chats = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ENDING)) {
            for (Path file : files) {
                Chat chat = read(file);
                if (!chat.isEmpty()) {
                    chats.add(chat);
                }
            }
        }
        chats.sort(Comparator.comparingLong(Chat::changed).reversed());
        return chats;
    }

    private static Chat read(Path file) throws IOException {
        String name = file.getFileName().toString();
        Chat chat = new Chat(
                name.substring(0, name.length() - ENDING.length()),
                Files.getLastModifiedTime(file).toMillis());
        // A kill may have cut a character in half; that line is not read, and the others are.
        byte[] bytes = Files.readAllBytes(file);
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                String line = new String(Arrays.copyOfRange(bytes, from, i), StandardCharsets.UTF_8);
                if (!line.isBlank() && !ChatRecords.apply(chat, line)) {
                    System.getLogger("dev.demur")
                            .log(System.Logger.Level.DEBUG, file + ": a line cannot be read and is passed over");
                }
                from = i + 1;
            }
        }
        return chat;
    }

    /** Adds lines to a conversation's file; a line that was cut off before stays by itself. */
    void append(Chat chat, String lines) throws IOException {
        Path file = file(chat);
        try (FileChannel out = PrivateFiles.append(file)) {
            PrivateFiles.write(out, endsWithin(file) ? "\n" + lines : lines);
        }
    }

    private static boolean endsWithin(Path file) throws IOException {
        try (FileChannel in = FileChannel.open(file)) {
            long size = in.size();
            if (size == 0) {
                return false;
            }
            ByteBuffer last = ByteBuffer.allocate(1);
            in.read(last, size - 1);
            return last.get(0) != '\n';
        }
    }

    /** Deletes a conversation. */
    void delete(Chat chat) throws IOException {
        Files.deleteIfExists(file(chat));
    }

    private Path file(Chat chat) {
        return folder.resolve(chat.id() + ENDING);
    }
}
