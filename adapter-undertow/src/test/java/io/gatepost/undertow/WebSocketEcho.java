package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** An upstream that takes every WebSocket and sends each message back (RFC 6455). */
final class WebSocketEcho implements RawUpstream.Answer {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int CLOSE = 8;

    @Override
    public void to(RawUpstream.Request request, Socket client) throws IOException {
        client.getOutputStream().write(switched(request).getBytes(ISO_8859_1));
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        for (int opcode = -1; opcode != CLOSE; ) {
            opcode = echo(in, out);
        }
        client.close();
    }

    /** The answer that agrees, with the first sub-protocol that was offered. */
    static String switched(RawUpstream.Request request) {
        String key = request.values("sec-websocket-key").get(0);
        String protocol = request.values("sec-websocket-protocol").stream()
                .map(offered -> "Sec-WebSocket-Protocol: " + offered.split(",", -1)[0] + "\r\n")
                .findFirst()
                .orElse("");
        return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + protocol
                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n";
    }

    private static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns what kind of frame it was. */
    private static int echo(DataInputStream in, DataOutputStream out) throws IOException {
        int head = in.readUnsignedByte();
        int length = in.readUnsignedByte() & 0x7f;
        int whole = length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(whole);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        out.writeByte(head);
        out.writeByte(length);
        if (length == 126) {
            out.writeShort(whole);
        } else if (length == 127) {
            out.writeLong(whole);
        }
        out.write(payload);
        out.flush();
        return head & 0xf;
    }
}
