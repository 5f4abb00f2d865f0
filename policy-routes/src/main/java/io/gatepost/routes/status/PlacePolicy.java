package io.gatepost.routes.status;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.Attachment;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;

/**
 * What guards requests at one point of their way.
 *
 * @param place the listener before routing, or the rule of a route after it, for people
 * @param policy what applies there
 */
public record PlacePolicy(String place, EffectivePolicy policy) {
    /**
     * What guards what: each listener, and behind it each rule of its routes.
     *
     * @param manifests the gateways and the routes
     * @param inForce the policies that count
     * @return the places, in the order of the manifests
     */
    public static List<PlacePolicy> all(Manifests manifests, List<TrafficPolicy> inForce) {
        List<PlacePolicy> all = new ArrayList<>();
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                String place = "Gateway " + gateway.name() + ", listener " + listener.name();
                all.add(new PlacePolicy(place + ", before routing", Attachment.preRouting(gateway, listener, inForce)));
                Attachment.of(manifests, gateway, listener)
                        .forEach(at -> all.add(new PlacePolicy(at.place() + ", on " + place, at.postRouting(inForce))));
            }
        }
        return all;
    }
}
