package io.gatepost.policy.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdFrameTest {
    private static final byte[] PLAIN = "{\"model\":\"m\",\"n\":[1,2,3,1,2,3,1,2,3]}".getBytes(UTF_8);

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 256, 300, 70_000, 2_000_000})
    void isReadWhateverItSaysOfItsSize(int length) throws Exception {
        byte[] plain = new byte[length];
        new Random(length).nextBytes(plain);
        Arrays.fill(plain, 0, length / 2, (byte) 7);

        for (boolean checksum : new boolean[] {true, false}) {
            assertThat(decode(streamed(plain, checksum, 27), length)).isEqualTo(plain);
        }
        assertThat(decode(Zstd.compress(plain, 19), length)).isEqualTo(plain);
    }

    @Test
    void mayBeEmpty() throws Exception {
        assertThat(decode(Zstd.compress(new byte[0]), 10)).isEmpty();
        assertThat(decode(streamed(new byte[0], true, 10), 10)).isEmpty();
    }

    @Test
    void isRefusedBeyondTheLimit() throws IOException {
        byte[] zeros = new byte[10_000_000];

        assertThat(status(Zstd.compress(zeros), 9_999_999)).isEqualTo(413);
        assertThat(status(streamed(zeros, false, 27), 9_999_999)).isEqualTo(413);
        byte[] vast = {(byte) 0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xe0, -1, -1, -1, -1, -1, -1, -1, -1, 1, 0, 0
        };
        assertThat(status(vast, Integer.MAX_VALUE)).isEqualTo(413);
    }

    @Test
    void isRefusedWhereItIsCutOffOrFollowedByAnything() throws IOException {
        for (byte[] sound : List.of(Zstd.compress(PLAIN), streamed(PLAIN, true, 20))) {
            for (int length = 0; length < sound.length; length++) {
                assertThat(status(Arrays.copyOf(sound, length), 1000)).isEqualTo(400);
            }
            assertThat(status(Arrays.copyOf(sound, sound.length + 1), 1000)).isEqualTo(400);
            assertThat(status(both(sound, sound), 1000)).isEqualTo(400);
            byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9};
            assertThat(status(both(skippable, sound), 1000)).isEqualTo(400);
            assertThat(status(both(sound, skippable), 1000)).isEqualTo(400);
            assertThat(status(skippable, 1000)).isEqualTo(400);
        }
    }

    /** Nothing but an answer comes of octets that are none. */
    @Test
    void isDecodedOrRefusedWhateverIsSent() throws IOException {
        Random random = new Random(1);
        byte[] sound = streamed(
                String.join("", Collections.nCopies(50, new String(PLAIN, UTF_8)))
                        .getBytes(UTF_8),
                false,
                27);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = sound.clone();
            for (int k = 0; k <= random.nextInt(3); k++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(decode(changed, 5_000)).hasSizeLessThanOrEqualTo(5_000);
            } catch (RejectedBodyException refused) {
                assertThat(refused.response().status()).isIn(400, 413);
            }
        }
    }

    private static byte[] streamed(byte[] plain, boolean checksum, int windowLog) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(bytes)) {
            zstd.setChecksum(checksum);
            zstd.setLong(windowLog);
            zstd.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] both(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] decode(byte[] encoded, int limit) throws RejectedBodyException {
        return RequestBody.decode(encoded, List.of("ZSTD"), limit);
    }

    private static int status(byte[] encoded, int limit) {
        return Objects.requireNonNull(
                        catchThrowableOfType(RejectedBodyException.class, () -> decode(encoded, limit)), "decoded")
                .response()
                .status();
    }
}
