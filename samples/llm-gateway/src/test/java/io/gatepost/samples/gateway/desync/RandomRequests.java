package io.gatepost.samples.gateway.desync;

import io.gatepost.samples.gateway.desync.Sent.Behaviour;
import io.gatepost.samples.gateway.desync.Sent.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws requests of one user, in what both protocols have in common. Not thread-safe. */
final class RandomRequests {
    static final List<String> USERS = List.of("alice", "bob");

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH");
    private static final List<Behaviour> BEHAVIOURS = behaviours();
    private static final List<List<String>> ODD = List.of(
            List.of("x-empty", ""),
            List.of("x-octets", "caf\u00e9 \u00ff"),
            List.of("x-tab", "a\tb"),
            List.of("!#$%&'*+-.^_`|~09az", "v"),
            List.of("x-long", "v".repeat(3000)),
            List.of("content-type", "application/json"),
            List.of("x-forwarded-for", "6.6.6.6"),
            List.of("accept-encoding", "gzip, br;q=0.5"),
            List.of("cookie", "a=b"),
            List.of("x-colon", "GET / HTTP/1.1: x"));
    private static final String SMUGGLED =
            "\r\n0\r\n\r\nGET /guarded/alice/x HTTP/1.1\r\nHost: a.test\r\nx-id: evil\r\nx-evil: 1\r\n\r\n";

    final Random random;
    private final Ledger ledger;
    private final String name;
    private final List<String> tokens;
    private int count;

    /** @param tokens one for each user */
    RandomRequests(Ledger ledger, String name, Random random, List<String> tokens) {
        this.ledger = ledger;
        this.name = name;
        this.random = random;
        this.tokens = tokens;
    }

    /** Most are well-behaved, lest the others be all that is tried. */
    private static List<Behaviour> behaviours() {
        List<Behaviour> all = new ArrayList<>(List.of(Behaviour.values()));
        for (int i = 0; i < 15; i++) {
            all.add(Behaviour.LENGTH);
            all.add(Behaviour.CHUNKED);
        }
        return all;
    }

    /**
     * A request, and the headers that it has besides those of its framing.
     *
     * @param headers names and values, in turn
     */
    record Drawn(Sent sent, List<String> headers) {}

    /** Draws one and notes it down. */
    Drawn draw(Fate fate) {
        String id = name + "-" + count++;
        int user = random.nextInt(USERS.size());
        boolean denied = fate == Fate.DENIED;
        boolean open = !denied && random.nextInt(3) == 0;
        String path = (open ? "/open/" : "/guarded/" + USERS.get(user) + "/") + id + (chance(9) ? "?q=%C3%A9&a" : "");
        String method = oneOf(METHODS);
        Behaviour behaviour = oneOf(BEHAVIOURS);
        boolean sent = method.equals("POST") || method.equals("PUT") || method.equals("PATCH") || chance(20);
        // What of a body nobody reads, Undertow keeps of the connection's window (RFC 9113 section 6.9): a little.
        boolean read = fate == Fate.ALLOWED && behaviour.isSound() && behaviour != Behaviour.EARLY;
        String body = sent ? body(read ? 60_000 : 300) : "";
        List<String> headers = new ArrayList<>(List.of("x-id", id));
        if (denied) {
            if (chance(2)) {
                headers.addAll(List.of("authorization", "Bearer " + tokens.get(1 - user)));
            }
        } else if (!open) {
            headers.addAll(List.of("authorization", "Bearer " + tokens.get(user)));
        }
        while (chance(3)) {
            headers.addAll(oneOf(ODD));
        }
        return new Drawn(ledger.add(new Sent(id, method, path, body, fate, behaviour)), headers);
    }

    private String body(int most) {
        int size = switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> random.nextInt(most);
            default -> random.nextInt(300);
        };
        String filler = "{\"n\":" + random.nextInt() + "}";
        String body = filler.repeat(size / filler.length() + 1).substring(0, size);
        return chance(4) ? body + SMUGGLED : body;
    }

    boolean chance(int of) {
        return random.nextInt(of) == 0;
    }

    <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
