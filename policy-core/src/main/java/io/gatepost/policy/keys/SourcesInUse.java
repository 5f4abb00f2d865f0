package io.gatepost.policy.keys;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The places that keys are read from, each once, however many engines name it. Thread-safe. */
final class SourcesInUse {
    private final KeyReaders readers;
    private final PolledKeys.Settings settings;
    private final @Nullable KeptKeys kept;
    private final Map<Place, Shared> sources = new LinkedHashMap<>();

    /** What is in {@link #sources}, for those who must not wait for anybody. */
    private volatile List<PolledKeys> inUse = List.of();

    /** @param kept where the last good keys of key servers outlive this process; null for nowhere */
    SourcesInUse(KeyReaders readers, PolledKeys.Settings settings, @Nullable KeptKeys kept) {
        this.readers = readers;
        this.settings = settings;
        this.kept = kept;
    }

    /** Where keys come from and how often they are read. */
    private record Place(String name, Duration period) {}

    /** A source and how many engines use it. */
    private record Shared(PolledKeys keys, int users) {}

    /** In the order of first use. */
    List<KeyState> states() {
        return inUse.stream().map(PolledKeys::state).toList();
    }

    /** The keys of a provider, shared with all engines that name the same place; reading starts at first use. */
    PolledKeys acquire(JwtProvider provider) {
        Place place = new Place(KeyReaders.name(provider), readers.period(provider.jwks()));
        PolledKeys keys;
        boolean first;
        synchronized (sources) {
            Shared shared = sources.get(place);
            first = shared == null;
            keys = shared == null ? of(place, provider) : shared.keys();
            sources.put(place, new Shared(keys, shared == null ? 1 : shared.users() + 1));
            publish();
        }
        if (first) {
            keys.start();
        } else {
            keys.joined();
        }
        return keys;
    }

    /** Gives back what was acquired; the last user ends the reading. */
    void release(PolledKeys keys) {
        synchronized (sources) {
            sources.replaceAll(
                    (place, shared) -> shared.keys() == keys ? new Shared(keys, shared.users() - 1) : shared);
            if (sources.values().removeIf(shared -> shared.users() == 0)) {
                keys.close();
                publish();
            }
        }
    }

    void close() {
        synchronized (sources) {
            sources.values().forEach(shared -> shared.keys().close());
        }
    }

    private void publish() {
        inUse = sources.values().stream().map(Shared::keys).toList();
    }

    private PolledKeys of(Place place, JwtProvider provider) {
        KeptKeys outlasting = provider.jwks() instanceof JwksSource.File ? null : kept;
        return new PolledKeys(place.name(), readers.of(provider), place.period(), settings, outlasting);
    }
}
