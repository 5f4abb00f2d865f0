package io.gatepost.policy;

import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a policy can attach to: a gateway or a route as a whole, one listener of a gateway, one named rule of a route.
 * Immutable.
 *
 * @param kind such as {@code Gateway} or {@code HTTPRoute}
 * @param name the object's name
 * @param labels the object's labels
 * @param sectionName a listener of the gateway or a rule of the route; null for the whole object
 */
public record PolicyTarget(
        String kind,
        ObjectName name,
        Map<String, String> labels,
        @Nullable String sectionName) {
    private static final Pattern TEXT = Pattern.compile(
            "(?<kind>[A-Za-z]+)/(?:(?<namespace>[a-z0-9.-]+)/)?(?<name>[a-z0-9.-]+)(?:#(?<section>[a-z0-9.-]+))?");

    public PolicyTarget {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        labels = Map.copyOf(labels);
    }

    /**
     * A whole object.
     *
     * @param kind such as {@code Gateway} or {@code HTTPRoute}
     * @param name the object's name
     * @param labels the object's labels
     * @return the target
     */
    public static PolicyTarget of(String kind, ObjectName name, Map<String, String> labels) {
        return new PolicyTarget(kind, name, labels, null);
    }

    /**
     * Reads a target from a setting: {@code Gateway/llm}, {@code HTTPRoute/team-a/chat}, {@code Gateway/llm#https}.
     *
     * @param text the kind, the namespace unless it is {@code default}, and the name; then a section, if it is one
     * @return the target, without labels
     * @throws IllegalArgumentException where the text is no such thing; its message is a user's
     */
    public static PolicyTarget parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("expected a target such as `HTTPRoute/chat`, `HTTPRoute/team-a/chat` or"
                    + " `Gateway/llm#https`, found `" + text + "`");
        }
        String namespace = Objects.requireNonNullElse(parts.group("namespace"), "default");
        return new PolicyTarget(
                parts.group("kind"), new ObjectName(namespace, parts.group("name")), Map.of(), parts.group("section"));
    }

    /**
     * A part of this object.
     *
     * @param section the name of a listener of this gateway or of a rule of this route
     * @return the target
     */
    public PolicyTarget section(String section) {
        return new PolicyTarget(kind, name, labels, Objects.requireNonNull(section, "section"));
    }

    /**
     * Whether a policy attaches here, by name or by labels. It can't reach beyond its own namespace, and a policy on
     * the whole object is not one on its parts: it comes to them by being less specific.
     *
     * @param policy the policy
     * @return whether one of its targets is this one
     */
    public boolean isTargetOf(TrafficPolicy policy) {
        return policy.name().namespace().equals(name.namespace()) && (isNamedBy(policy) || isSelectedBy(policy));
    }

    private boolean isNamedBy(TrafficPolicy policy) {
        for (TargetRef ref : policy.targetRefs()) {
            if (ref.kind().equals(kind)
                    && ref.name().equals(name.name())
                    && Objects.equals(ref.sectionName(), sectionName)) {
                return true;
            }
        }
        return false;
    }

    private boolean isSelectedBy(TrafficPolicy policy) {
        for (TargetSelector selector : policy.targetSelectors()) {
            if (selector.kind().equals(kind)
                    && labels.entrySet().containsAll(selector.matchLabels().entrySet())
                    && Objects.equals(selector.sectionName(), sectionName)) {
                return true;
            }
        }
        return false;
    }
}
