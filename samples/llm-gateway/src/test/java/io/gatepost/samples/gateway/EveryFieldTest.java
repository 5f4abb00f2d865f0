package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A new part of a policy is noticed by everything that goes over the parts of policies. It needs no line here: until it
 * is in {@link PolicySamples} and each walk knows it, this names the walks that do not.
 */
class EveryFieldTest {
    @Test
    void noWalkForgetsAPartOfAPolicy() {
        Map<String, Set<String>> forgotten = new TreeMap<>();
        PolicyWalks.all().forEach((walk, forgets) -> {
            Set<String> parts = forgets.get();
            if (!parts.isEmpty()) {
                forgotten.put(walk, parts);
            }
        });
        assertThat(forgotten)
                .as(() -> forgotten.entrySet().stream()
                        .map(walk -> walk.getKey() + " forgets " + String.join(", ", walk.getValue()))
                        .collect(Collectors.joining("\n", "Parts of a policy that a walk forgets:\n", "\n")))
                .isEmpty();
    }
}
