package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.policy.ErrorResponse;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Puts an answer with a body where Undertow's parser writes its bare 400. The parser does that between exchanges; what
 * is written within one, or once the connection has another protocol, passes as it is.
 */
final class BareRefusals extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private static final ByteBuffer BARE = ByteBuffer.wrap(
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));

    private final HeadOctets head;
    private final Supplier<ErrorResponse> answer;
    private @Nullable ByteBuffer sending;

    /** @param head what the connection's parser reads from */
    BareRefusals(StreamSinkConduit next, HeadOctets head, Supplier<ErrorResponse> answer) {
        super(next);
        this.head = head;
        this.answer = answer;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer instead = sending;
        if (instead == null && head.areBetweenExchanges() && source.equals(BARE)) {
            instead = octets(answer.get());
            sending = instead;
        }
        if (instead == null) {
            return next.write(source);
        }
        while (instead.hasRemaining()) {
            if (next.write(instead) == 0) {
                return 0;
            }
        }
        int count = source.remaining();
        source.position(source.limit());
        return count;
    }

    private static ByteBuffer octets(ErrorResponse answer) {
        byte[] body = answer.bodyBytes();
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(answer.status())
                .append(' ')
                .append(StatusCodes.getReason(answer.status()))
                .append("\r\n");
        answer.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        head.append("content-length: ").append(body.length).append("\r\nconnection: close\r\n\r\n");
        return ByteBuffer.allocate(head.length() + body.length)
                .put(head.toString().getBytes(ISO_8859_1))
                .put(body)
                .flip();
    }
}
