package io.gatepost.policy.forward;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
    private static final byte[] PLAIN = "{\"model\":\"m\"}".getBytes(UTF_8);

    @Test
    void isReadWithoutItsEncoding() throws Exception {
        assertThat(RequestBody.decode(PLAIN, List.of(), 100)).isEqualTo(PLAIN);
        assertThat(RequestBody.decode(PLAIN, List.of("identity"), 100)).isEqualTo(PLAIN);
        assertThat(RequestBody.decode(gzip(PLAIN), List.of("GZip"), 100)).isEqualTo(PLAIN);
        assertThat(RequestBody.decode(deflate(PLAIN, false), List.of("deflate"), 100))
                .isEqualTo(PLAIN);
        assertThat(RequestBody.decode(deflate(PLAIN, true), List.of("deflate"), 100))
                .isEqualTo(PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "gzip, gzip", "gzip,identity", "zstd, gzip", "x"})
    void isRefusedInOtherEncodings(String encoding) {
        assertThat(refusal(() -> RequestBody.decode(PLAIN, List.of(encoding), 100)))
                .isEqualTo(415);
    }

    @Test
    void isRefusedWhereItInflatesBeyondTheLimit() throws IOException {
        byte[] bomb = gzip(new byte[10_000]);

        assertThat(bomb.length).isLessThan(100);
        assertThat(refusal(() -> RequestBody.decode(bomb, List.of("gzip"), 9_999)))
                .isEqualTo(413);
    }

    @Test
    void isRefusedWhereItIsNotEncodedAsItSays() {
        assertThat(refusal(() -> RequestBody.decode(PLAIN, List.of("gzip"), 100)))
                .isEqualTo(400);
        assertThat(refusal(() -> RequestBody.decode(new byte[0], List.of("deflate"), 100)))
                .isEqualTo(400);
    }

    /** What follows the first stream is read by some servers and not by others. */
    @Test
    void isOneEncodedStreamAlone() throws IOException {
        byte[] gzip = gzip(PLAIN);
        byte[] deflate = deflate(PLAIN, false);
        byte[] changed = gzip.clone();
        changed[changed.length - 5] ^= 1;

        for (byte[] body : List.of(
                joined(gzip, gzip),
                joined(gzip, new byte[1]),
                joined(gzip, new byte[0], gzip(new byte[0])),
                Arrays.copyOf(gzip, gzip.length - 1),
                changed)) {
            assertThat(refusal(() -> RequestBody.decode(body, List.of("gzip"), 100)))
                    .isEqualTo(400);
        }
        assertThat(refusal(() -> RequestBody.decode(joined(deflate, deflate), List.of("deflate"), 100)))
                .isEqualTo(400);
        assertThat(refusal(() -> RequestBody.decode(joined(deflate, new byte[1]), List.of("deflate"), 100)))
                .isEqualTo(400);
    }

    @Test
    void readsTheOptionalPartsOfAGzipHead() throws Exception {
        byte[] plain = gzip(PLAIN);
        byte[] head = {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 'e', 'x', 'n', 0, 'c', 0, 1, 1};

        assertThat(RequestBody.decode(joined(head, Arrays.copyOfRange(plain, 10, plain.length)), List.of("gzip"), 100))
                .isEqualTo(PLAIN);
        for (int length = 0; length < head.length; length++) {
            byte[] cut = Arrays.copyOf(head, length);
            assertThat(refusal(() -> RequestBody.decode(cut, List.of("gzip"), 100)))
                    .isEqualTo(400);
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void getsAModelAndKeepsTheRest() throws Exception {
        assertThat(withModel("{\"a\":[1,2.0,1e99999999999,\"\\u00e9\u00e9\",null],\"model\":\"m1\",\"z\":{}}"))
                .isEqualTo("{\"a\":[1,2.0,1e99999999999,\"\\u00e9\u00e9\",null],\"model\":\"m\\\"2\",\"z\":{}}");
        assertThat(withModel("{}")).isEqualTo("{\"model\":\"m\\\"2\"}");
        assertThat(withModel("{ \"a\" : {\"model\":\"m1\"} \n}\n"))
                .isEqualTo("{ \"a\" : {\"model\":\"m1\"} \n,\"model\":\"m\\\"2\"}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"m1\"",
                "\"\"",
                "\"m\\\"1\\n\u00e9\"",
                "1",
                "-1.5e3",
                "true",
                "null",
                "[]",
                "{}",
                "[{\"model\":[1]},\"\"]"
            })
    void replacesAModelOfAnyKind(String model) throws Exception {
        for (String name : List.of("model", "mod\\u0065l")) {
            String member = "\"" + name + "\" :\t";
            assertThat(withModel("{" + member + model + "}")).isEqualTo("{" + member + "\"m\\\"2\"}");
            assertThat(withModel("{\"a\":1," + member + model + " ,\"b\":[]} "))
                    .isEqualTo("{\"a\":1," + member + "\"m\\\"2\" ,\"b\":[]} ");
        }
    }

    /** What another reader could decode otherwise is written anew. */
    @Test
    void writesAnewWhatIsNotPlainText() throws Exception {
        String other = "{\"a\":\"\\ud83d\\ude00\",\"model\":\"m1\"}";

        assertThat(withModel(other)).isEqualTo("{\"a\":\"\ud83d\ude00\",\"model\":\"m\\\"2\"}");
        assertThat(new String(RequestBody.withModel("{\"model\":1}".getBytes(UTF_16LE), "m2", true), UTF_8))
                .isEqualTo("{\"model\":\"m2\"}");
    }

    private static String withModel(String body) throws RejectedBodyException {
        return new String(RequestBody.withModel(body.getBytes(UTF_8), "m\"2", true), UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"a\":\"\\ud83d\",\"b\":1e99999999999}",
                "{\"a\":tru}",
                "{\"a\":1,}",
                "{\"Model\":\"m\"}",
                "{\"a\":1}}",
                "[]",
                "\"m\"",
                "{",
                "{}{}",
                "{\"model\":1,\"model\":2}",
                "{\"a\":{\"b\":1,\"b\":1}}",
                "{a:1}"
            })
    void getsNoModelWhereItIsNotOneObjectThatSaysOneThing(String body) {
        assertThat(refusal(() -> RequestBody.withModel(body.getBytes(UTF_8), "m", true)))
                .isEqualTo(400);
    }

    private interface Reading {
        byte[] read() throws RejectedBodyException;
    }

    private static int refusal(Reading reading) {
        RejectedBodyException refused = catchThrowableOfType(RejectedBodyException.class, reading::read);
        assertThat(refused.response().body()).contains("\"error\"").doesNotContain("model\\\":");
        return refused.response().status();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(encoded)) {
            gzip.write(plain);
        }
        return encoded.toByteArray();
    }

    private static byte[] deflate(byte[] plain, boolean raw) throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream deflate = new DeflaterOutputStream(encoded, new Deflater(9, raw))) {
            deflate.write(plain);
        }
        return encoded.toByteArray();
    }
}
