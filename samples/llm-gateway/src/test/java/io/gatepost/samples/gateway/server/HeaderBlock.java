package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Writes headers as they are, each a literal without an index (RFC 7541 section 6.2.2). */
final class HeaderBlock {
    private HeaderBlock() {}

    /** @param headers names and values, in turn */
    static byte[] of(List<String> headers) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < headers.size(); i += 2) {
            block.write(0);
            string(block, headers.get(i));
            string(block, headers.get(i + 1));
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] octets = text.getBytes(ISO_8859_1);
        int length = octets.length;
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            for (length -= 127; length >= 128; length /= 128) {
                block.write(length % 128 | 128);
            }
            block.write(length);
        }
        block.writeBytes(octets);
    }
}
