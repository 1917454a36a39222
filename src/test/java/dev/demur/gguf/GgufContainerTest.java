package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The container: header, metadata and tensors, sound and broken. */
class GgufContainerTest {

    private static final String NAME = "model.gguf";
    private static final int F32 = 0;

    @TempDir
    private Path folder;

    @Test
    void every_value_type_reads_back() {
        GgufFile file = read(sound().u8("u8", 250)
                .u16("u16", 65_000)
                .u32("u32", 4_000_000_000L)
                .i32("i32", -5)
                .u64("u64", Long.MAX_VALUE)
                .f32("f32", 0.5f)
                .bool("bool", true)
                .string("string", "über")
                .strings("strings", List.of("", "a", "ß"))
                .i32s("i32s", List.of(1, -2))
                .f32s("f32s", List.of()));
        assertEquals(OptionalLong.of(250), file.integer("u8"));
        assertEquals(OptionalLong.of(65_000), file.integer("u16"));
        assertEquals(OptionalLong.of(4_000_000_000L), file.integer("u32"));
        assertEquals(OptionalLong.of(-5), file.integer("i32"));
        assertEquals(OptionalLong.of(Long.MAX_VALUE), file.integer("u64"));
        assertEquals(OptionalDouble.of(0.5), file.number("f32"));
        assertEquals(OptionalDouble.of(-5), file.number("i32"));
        assertEquals(Boolean.TRUE, file.bool("bool"));
        assertEquals("über", file.string("string"));
        assertEquals(List.of("", "a", "ß"), file.stringArray("strings"));
        assertTrue(file.metadataKeys().containsAll(List.of("i32s", "f32s", "general.architecture")));
    }

    @Test
    void a_missing_key_is_no_error() {
        GgufFile file = read(sound());
        assertNull(file.string("none"));
        assertNull(file.bool("none"));
        assertNull(file.stringArray("none"));
        assertEquals(OptionalLong.empty(), file.integer("none"));
        assertEquals(OptionalDouble.empty(), file.number("none"));
        assertNull(file.chatTemplate());
        assertEquals(0, file.tokenCount());
    }

    @Test
    void a_value_asked_for_as_another_type_is_an_error_that_names_key_and_types() {
        GgufFile file = read(sound().u32("key", 1).string("text", "x"));
        assertMessage(assertThrows(GgufException.class, () -> file.string("key")), "key is of type u32, not a string");
        assertMessage(assertThrows(GgufException.class, () -> file.bool("key")), "key is of type u32, not a bool");
        assertMessage(assertThrows(GgufException.class, () -> file.stringArray("key")), "not an array of strings");
        assertMessage(assertThrows(GgufException.class, () -> file.integer("text")), "of type string, not an integer");
        assertMessage(assertThrows(GgufException.class, () -> file.number("text")), "of type string, not a number");
    }

    @Test
    void an_integer_beyond_long_is_an_error() {
        GgufFile file = read(sound().u64("key", -1));
        assertMessage(assertThrows(GgufException.class, () -> file.integer("key")), "key is 18446744073709551615");
    }

    @Test
    void facts_about_the_file_are_reported() {
        GgufFile file = read(sound().version(2).alignment(64));
        assertEquals(2, file.version());
        assertEquals(64, file.alignment());
        assertEquals("test", file.architecture());
        assertEquals(folder.resolve(NAME), file.path());
        assertEquals(file.path().toFile().length(), file.fileSize());
    }

    @Test
    void tensors_are_listed_with_their_extents_and_sizes() {
        GgufFile file = read(sound().tensor("m", TensorType.Q4_0.id(), new byte[2 * 36], 64, 2));
        TensorInfo tensor = file.tensors().get(1);
        assertEquals("m", tensor.name());
        assertEquals(List.of(64L, 2L), tensor.shape());
        assertEquals(TensorType.Q4_0, tensor.type());
        assertEquals(128, tensor.elements());
        assertEquals(72, tensor.bytes());
        assertEquals(32, tensor.offset());
    }

    @Test
    void a_tensor_of_an_unknown_type_is_left_to_llama_cpp() {
        GgufFile file = read(sound().tensor("m", 99, new byte[96], 7).tensor("n", F32, new byte[32], 8));
        assertNull(file.tensors().get(1).type());
        assertEquals(-1, file.tensors().get(1).bytes());
        assertEquals(128, file.tensors().get(2).offset());
    }

    @Test
    void a_file_that_is_not_there_is_an_error() {
        refused(folder.resolve(NAME), "does not exist; check the path");
    }

    @Test
    void a_folder_is_an_error() throws IOException {
        refused(Files.createDirectory(folder.resolve(NAME)), "is a folder; name the model file in it");
    }

    @Test
    void a_pipe_is_an_error_and_is_not_waited_for() throws IOException, InterruptedException {
        Path pipe = folder.resolve(NAME);
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(pipe, "is no regular file");
    }

    @Test
    void a_device_is_an_error() {
        GgufException e = assertThrows(GgufException.class, () -> GgufFile.read(Path.of("/dev/zero")));
        assertEquals("zero: is no regular file; name a file that holds the model", e.getMessage());
    }

    @Test
    void a_file_inside_an_archive_is_an_error() throws IOException {
        Path archive = folder.resolve("models.zip");
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            refused(Files.write(zip.getPath("/" + NAME), sound().build()), "copy it to a folder of this machine");
        }
    }

    @Test
    void an_empty_file_is_an_error() {
        refused(new byte[0], "is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GGU", "PK\3\4 something else", "# A text that says nothing about models"})
    void another_kind_of_file_is_an_error(String text) {
        refused(text.getBytes(StandardCharsets.UTF_8), "is no GGUF file");
    }

    @Test
    void a_git_lfs_pointer_is_told_apart() {
        byte[] pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n".getBytes(StandardCharsets.UTF_8);
        refused(pointer, "is a Git LFS pointer, not the model; fetch the model with git lfs pull");
    }

    @Test
    void a_file_that_ends_anywhere_before_its_last_tensor_byte_is_an_error() {
        byte[] bytes = sound().strings("strings", List.of("a", "b")).build();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            GgufException e = assertThrows(GgufException.class, () -> GgufFile.read(write(cut)), "cut to " + length);
            assertTrue(e.getMessage().startsWith(NAME + ": "), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, of which nothing is known here",
        "1, is in GGUF version 1",
        "4, is in GGUF version 4",
        "0x03000000, is a big-endian GGUF file",
    })
    void other_versions_are_errors(String version, String message) {
        refused(sound().version(Integer.decode(version)), message);
    }

    @ParameterizedTest
    @ValueSource(longs = {1000, 1L << 31, 1L << 32, 1L << 61, Long.MAX_VALUE, -1})
    void counts_that_the_file_has_no_room_for_are_errors(long count) {
        refused(patched(8, count), "tensors, for which its ");
        refused(patched(16, count), "metadata keys, for which its ");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1 << 20, 1L << 32, Long.MAX_VALUE, -1})
    void the_length_of_a_key_is_checked(long length) {
        refused(patched(24, length), "metadata key 0 at offset 24 has a name of " + Long.toUnsignedString(length));
    }

    @ParameterizedTest
    @ValueSource(longs = {1000, 1L << 32, Long.MAX_VALUE, -1})
    void the_length_of_a_string_is_checked(long length) {
        int at = 24 + 8 + "general.architecture".length() + 4;
        refused(
                patched(at, length),
                "a string of general.architecture at offset " + at + " says that it has "
                        + Long.toUnsignedString(length) + " bytes");
    }

    @ParameterizedTest
    @ValueSource(longs = {1000, 1L << 32, 1L << 61, Long.MAX_VALUE, -1})
    void the_length_of_an_array_is_checked(long count) {
        for (ValueType type : List.of(ValueType.U8, ValueType.STRING, ValueType.F64)) {
            refused(sound().array("key", type.ordinal(), count, new byte[0]), "elements, but only ");
        }
    }

    @Test
    void a_string_inside_an_array_is_checked() {
        byte[] element = {0x7f, 0, 0, 0, 0, 1, 0, 0};
        refused(sound().array("key", ValueType.STRING.ordinal(), 1, element), "a string of key at offset");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 99, -1})
    void value_types_that_do_not_exist_are_errors(int type) {
        refused(sound().raw("key", type, new byte[8]), "the value type " + type + ", which does not exist");
        refused(sound().array("key", type, 0, new byte[0]), "the value type " + type + ", which does not exist");
    }

    @Test
    void nested_arrays_are_errors() {
        refused(
                sound().array("key", ValueType.ARRAY.ordinal(), 1, new byte[12]),
                "key at offset 68 is an array of arrays");
    }

    @Test
    void a_key_twice_is_an_error() {
        refused(sound().u32("key", 1).duplicate("key"), "has the key key twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "a\nb", "\u007f"})
    void names_with_control_characters_are_errors(String name) {
        refused(sound().u32(name, 1), "metadata key 1 at offset 68 has a control character in its name");
        refused(sound().tensor(name, F32, new byte[4], 1), "has a control character in its name");
    }

    @Test
    void names_that_are_not_utf8_are_errors() {
        refused(sound().patch(24 + 8, 0xc3), "metadata key 0 at offset 24 has a name that is not UTF-8");
    }

    @Test
    void metadata_without_end_is_not_read_into_memory() {
        Path file = write(sound().array("key", ValueType.U8.ordinal(), FileBytes.LIMIT, new byte[0])
                .build());
        try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(2L * FileBytes.LIMIT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        refused(file, "its metadata goes on beyond 256 MiB");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 48, -1})
    void an_alignment_that_is_no_power_of_two_is_an_error(int alignment) {
        refused(sound().u32("general.alignment", alignment), "general.alignment is ");
    }

    @Test
    void an_alignment_of_another_type_is_an_error() {
        refused(sound().u64("general.alignment", 32), "general.alignment is of type u64, not u32");
    }

    @Test
    void an_alignment_beyond_the_file_is_an_error() {
        refused(sound().u32("general.alignment", 0x8000_0000L), "reaches beyond the end of the file");
    }

    @Test
    void tensors_that_llama_cpp_could_not_map_are_errors() {
        refused(sound().alignment(8).tensor("a", F32, new byte[8], 2), "begin at a multiple of 32 bytes");
    }

    @Test
    void a_smaller_alignment_does_no_harm_where_tensors_lie_well() {
        assertEquals(
                8,
                read(new GgufBuilder().string("general.architecture", "test").alignment(8))
                        .alignment());
    }

    @Test
    void a_tensor_twice_is_an_error() {
        refused(sound().tensor("t", F32, new byte[4], 1), "has the tensor t twice");
    }

    @Test
    void a_long_tensor_name_is_an_error() {
        assertEquals(
                2,
                read(sound().tensor("n".repeat(63), F32, new byte[4], 1))
                        .tensors()
                        .size());
        refused(sound().tensor("n".repeat(64), F32, new byte[4], 1), "has a name of 64 bytes instead of 1 to 63");
    }

    @Test
    void too_few_or_too_many_dimensions_are_errors() {
        refused(sound().tensor("a", F32, new byte[4]), "tensor a at offset 101 has 0 dimensions instead of 1 to 4");
        refused(sound().tensor("a", F32, new byte[4], 1, 1, 1, 1, 1), "has 5 dimensions instead of 1 to 4");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0", "-1, 1", "4611686018427387904, 2", "3037000500, 3037000500"})
    void extents_of_nothing_or_too_much_are_errors(long row, long rows) {
        refused(sound().tensor("a", F32, new byte[4], row, rows), "tensor a at offset 101 has in dimension ");
    }

    @Test
    void a_size_in_bytes_beyond_long_is_an_error() {
        refused(sound().tensor("a", F32, new byte[4], Long.MAX_VALUE / 2), "tensor a has 4611686018427387903 elements");
    }

    @Test
    void rows_that_are_no_whole_blocks_are_errors() {
        refused(
                sound().tensor("a", TensorType.Q8_0.id(), new byte[34], 31),
                "tensor a of type Q8_0 has rows of 31 elements, no multiple of 32");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 31, 64, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE})
    void a_tensor_anywhere_but_behind_the_one_before_is_an_error(long offset) {
        refused(sound().tensorAt(offset, "a", F32, new byte[4], 1), "of the data section instead of 32");
    }

    @Test
    void offsets_around_a_tensor_of_unknown_type_are_checked() {
        refused(sound().tensorAt(16, "a", 99, new byte[4], 1), "instead of 32");
        GgufBuilder unknown = sound().tensor("a", 99, new byte[96], 1);
        refused(unknown.tensorAt(33, "b", F32, new byte[4], 1), "instead of a multiple of 32 from 32 on");
    }

    @Test
    void a_tensor_that_reaches_beyond_the_file_is_an_error() {
        refused(sound().tensor("a", F32, new byte[4], 2), "tensor a reaches beyond the end of the file, by 4 bytes");
        refused(sound().tensor("a", F32, new byte[4], 1L << 60), "reaches beyond the end of the file");
    }

    @Test
    void more_keys_than_any_model_has_are_an_error() {
        GgufBuilder builder = sound();
        byte[] bytes = builder.array("key", ValueType.U8.ordinal(), 1 << 19, new byte[1 << 19])
                .patch(16, 1, 0x40, 0, 0, 0, 0, 0, 0)
                .build();
        refused(bytes, "has 16385 metadata keys, more than the 16384 that are read");
    }

    private static GgufBuilder sound() {
        return new GgufBuilder().string("general.architecture", "test").tensor("t", F32, new byte[4], 1);
    }

    private static GgufBuilder patched(int at, long value) {
        int[] bytes = new int[8];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (int) (value >>> 8 * i);
        }
        return sound().patch(at, bytes);
    }

    private GgufFile read(GgufBuilder builder) {
        return GgufFile.read(write(builder.build()));
    }

    private void refused(GgufBuilder builder, String message) {
        refused(builder.build(), message);
    }

    private void refused(byte[] bytes, String message) {
        refused(write(bytes), message);
    }

    private static void refused(Path file, String message) {
        assertMessage(assertThrows(GgufException.class, () -> GgufFile.read(file)), message);
    }

    private static void assertMessage(GgufException e, String message) {
        String text = String.valueOf(e.getMessage());
        assertTrue(text.startsWith(NAME + ": ") && text.contains(message), text);
    }

    private Path write(byte[] bytes) {
        try {
            return Files.write(folder.resolve(NAME), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
