package io.gatepost.routes;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.routes.Exposure.Exposed;
import io.gatepost.routes.RouteMatch.PathType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something that policies guarded and that a route leaves open now, whichever names the routes had and have.
 *
 * @param route the route that takes it now
 * @param request such as {@code POST any.host/chat}; null where no request is known to show it
 * @param guards the policies that guarded it
 */
public record Opening(ObjectName route, @Nullable String request, Set<ObjectName> guards) {
    public Opening {
        Objects.requireNonNull(route, "route");
        guards = Collections.unmodifiableSet(guards);
    }

    /**
     * What is open and was guarded. Asks both for requests to each match that was guarded, and to each that is open
     * now: a new match may be narrower than what it takes requests from. How long that takes grows with the number of
     * matches, not with its square.
     *
     * @param before what was served
     * @param now what is to be served
     * @return the openings; none where nothing becomes open
     */
    public static List<Opening> between(Exposure before, Exposure now) {
        Search search = new Search(before, now);
        search.matches();
        search.hosts();
        search.names();
        return List.copyOf(search.found.values());
    }

    String guardedBy() {
        return "policy " + guards.stream().map(ObjectName::toString).collect(Collectors.joining(", "));
    }

    /**
     * What a log says of it.
     *
     * @return a line for a person
     */
    public String line() {
        return "route " + route + ": open to everyone since this reload; before it was guarded by " + guardedBy()
                + (request == null ? "" : "; such as `" + request + "`");
    }

    /** For what refuses it. */
    String refused() {
        return "route " + route + " would be open, which " + guardedBy() + " guarded until now"
                + (request == null ? "" : ", such as `" + request + "`");
    }

    private static final class Search {
        private final Exposure before;
        private final Exposure now;
        private final Map<String, Opening> found = new LinkedHashMap<>();

        Search(Exposure before, Exposure now) {
            this.before = before;
            this.now = now;
        }

        void matches() {
            before.guardedMatches().forEach(entry -> firstOf(MatchSamples.of(entry.host(), entry.match())));
            now.openMatches().forEach(entry -> firstOf(MatchSamples.of(entry.host(), entry.match())));
        }

        /** A route for a host of its own takes that host's requests from the routes of all hosts, below its path. */
        void hosts() {
            NavigableMap<String, List<Router.Entry<Exposed>>> wide = new TreeMap<>();
            before.guardedMatches().stream()
                    .filter(entry ->
                            entry.host().text().isEmpty() || entry.host().isWildcard())
                    .forEach(entry -> wide.computeIfAbsent(start(entry), path -> new ArrayList<>())
                            .add(entry));
            Set<String> known = before.openMatches().stream().map(Search::key).collect(Collectors.toSet());
            Set<HostPattern> told = new HashSet<>();
            for (Router.Entry<Exposed> open : now.openMatches()) {
                if (!open.host().text().isEmpty()
                        && open.match().path().type() != PathType.EXACT
                        && !known.contains(key(open))
                        && !told.contains(open.host())
                        && takesFrom(wide, open)) {
                    told.add(open.host());
                }
            }
        }

        private boolean takesFrom(NavigableMap<String, List<Router.Entry<Exposed>>> wide, Router.Entry<Exposed> open) {
            String start = start(open);
            // Lazily: one request is enough to tell of a host.
            return wide.subMap(start, true, start + Character.MAX_VALUE, false).values().stream()
                    .flatMap(List::stream)
                    .filter(entry -> entry.host().compareTo(open.host()) > 0
                            && entry.host().matches(MatchSamples.host(open.host())))
                    .anyMatch(entry -> firstOf(MatchSamples.of(open.host(), entry.match())));
        }

        /** What the paths begin with that a match takes. */
        private static String start(Router.Entry<Exposed> entry) {
            RouteMatch.PathMatch path = entry.match().path();
            return path.type() == PathType.PATTERN ? MatchSamples.literalStart(path.value()) : path.value() + "/";
        }

        private static String key(Router.Entry<Exposed> entry) {
            RouteMatch match = entry.match();
            return entry.host().text() + " " + match.path().type() + " "
                    + match.path().value() + " " + match.method() + " " + match.headers() + " " + match.query();
        }

        /** Patterns of which no request is known are compared by the names of their routes. */
        void names() {
            Set<ObjectName> told = found.values().stream().map(Opening::route).collect(Collectors.toSet());
            now.openedSince(before).forEach((route, guards) -> {
                if (!told.contains(route)) {
                    found.put("route " + route, new Opening(route, null, guards));
                }
            });
        }

        /** The first of some requests that was guarded and is not; whether there is one. */
        private boolean firstOf(List<PolicyRequest> requests) {
            for (PolicyRequest request : requests) {
                Exposed was = before.taking(request);
                Exposed is = now.taking(request);
                ObjectName route = is.route();
                if (!was.isOpen() && is.isOpen() && route != null) {
                    String told = request.method() + " " + request.host() + request.path();
                    found.putIfAbsent(route + " " + told, new Opening(route, told, was.guards()));
                    return true;
                }
            }
            return false;
        }
    }
}
