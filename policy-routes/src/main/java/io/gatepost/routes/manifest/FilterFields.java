package io.gatepost.routes.manifest;

import static io.gatepost.routes.manifest.GatewayFields.HOSTNAME;
import static io.gatepost.routes.manifest.GatewayFields.MAX_NAME;
import static io.gatepost.routes.manifest.GatewayFields.MAX_PORT;

import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.forward.Client;
import io.gatepost.routes.manifest.HttpRoute.Match;
import io.gatepost.routes.manifest.HttpRoute.PathType;
import io.gatepost.routes.manifest.RouteFilters.HeaderChanges;
import io.gatepost.routes.manifest.RouteFilters.PathChange;
import io.gatepost.routes.manifest.RouteFilters.Redirect;
import io.gatepost.routes.manifest.RouteFilters.Rewrite;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the core filters of a route's rule. */
final class FilterFields {
    private static final int MAX_FILTERS = 16;
    private static final int MAX_HEADERS = 16;
    private static final int MAX_VALUE = 4096;
    private static final int MAX_PATH = 1024;
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+\\-.^_|~]+");
    private static final Pattern HEADER_VALUE = Pattern.compile("[\\x21-\\x7e](?:[\\x20-\\x7e\\t]*[\\x21-\\x7e])?");
    private static final Pattern PATH =
            Pattern.compile("/(?!.*(?:^|/)\\.{1,2}(?:/|$))(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*");
    private static final Set<String> OF_THE_GATEWAY = Set.of(
            "host",
            "connection",
            "content-length",
            "expect",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");
    private static final Map<String, String> FIELDS = new TreeMap<>(Map.of(
            "RequestHeaderModifier", "requestHeaderModifier",
            "ResponseHeaderModifier", "responseHeaderModifier",
            "URLRewrite", "urlRewrite",
            "RequestRedirect", "requestRedirect"));

    private static final List<String> PATH_CHANGES = List.of("ReplaceFullPath", "ReplacePrefixMatch");
    private static final List<Integer> REDIRECTIONS = List.of(301, 302, 303, 307, 308);

    private final Findings findings;
    private final List<Match> matches;
    private final Set<String> seen = new HashSet<>();
    private @Nullable HeaderChanges request;
    private @Nullable HeaderChanges response;
    private @Nullable Rewrite rewrite;
    private @Nullable Redirect redirect;

    private FilterFields(Findings findings, List<Match> matches) {
        this.findings = findings;
        this.matches = matches;
    }

    /** @param matches the rule's matches, whose prefix may be replaced */
    static RouteFilters read(Fields rule, List<Match> matches, Findings findings) {
        FilterFields reader = new FilterFields(findings, matches);
        rule.list("filters", 0, MAX_FILTERS).forEach(reader::filter);
        if (reader.redirect != null && rule.has("backendRefs")) {
            findings.error(rule.keyOrigin("backendRefs"), "a rule that redirects has no `backendRefs`; remove them");
        }
        if (reader.redirect != null && reader.rewrite != null) {
            findings.error(
                    rule.keyOrigin("filters"), "`RequestRedirect` and `URLRewrite` exclude each other; keep one");
        }
        return new RouteFilters(reader.request, reader.response, reader.rewrite, reader.redirect);
    }

    private void filter(Fields filter) {
        String type = filter.require("type").meaning("type", FIELDS.keySet()).text("type", 1, MAX_NAME);
        String field = type == null ? null : FIELDS.get(type);
        if (type != null && field == null) {
            findings.unsupported(filter.origin("type"), "filter `" + type + "` is not enforced here; remove it");
            filter.names().forEach(filter::ignore);
        }
        if (field == null) {
            return;
        }
        if (!seen.add(field)) {
            findings.error(filter.origin(), "a second `" + type + "` in one rule; merge them");
        }
        Fields fields = filter.require(field).fields(field);
        filter.done();
        if (fields != null) {
            read(field, fields);
            fields.done();
        }
    }

    private void read(String field, Fields fields) {
        switch (field) {
            case "requestHeaderModifier" -> request = changes(fields);
            case "responseHeaderModifier" -> response = changes(fields);
            case "urlRewrite" -> rewrite = new Rewrite(hostname(fields), path(fields));
            default -> redirect = redirect(fields);
        }
    }

    private HeaderChanges changes(Fields fields) {
        List<String> remove = fields.texts("remove", 0, MAX_HEADERS, MAX_NAME);
        for (String name : remove) {
            checkName(fields, "remove", name);
        }
        return new HeaderChanges(values(fields, "set"), values(fields, "add"), remove);
    }

    private Map<String, String> values(Fields fields, String list) {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> names = new HashSet<>();
        for (Fields item : fields.list(list, 0, MAX_HEADERS)) {
            String name = item.require("name", "value").text("name", 1, MAX_NAME);
            String value = item.text("value", MAX_VALUE, HEADER_VALUE, "printable ASCII without blanks around it");
            item.done();
            if (name != null && value != null && checkName(item, "name", name)) {
                if (!names.add(name.toLowerCase(Locale.ROOT))) {
                    findings.error(item.origin("name"), "`" + name + "` stands in this list twice");
                }
                values.put(name, value);
            }
        }
        return values;
    }

    private boolean checkName(Fields fields, String field, String name) {
        if (!HEADER_NAME.matcher(name).matches()) {
            findings.error(fields.origin(field), "expected the name of a header");
            return false;
        }
        if (OF_THE_GATEWAY.contains(name.toLowerCase(Locale.ROOT)) || Client.isToldBy(name)) {
            findings.error(
                    fields.origin(field), "`" + name + "` is written by the gateway itself and can't be changed");
            return false;
        }
        return true;
    }

    private @Nullable String hostname(Fields fields) {
        String hostname = fields.text("hostname", MAX_NAME, HOSTNAME, "a host such as `api.example.com`");
        if (hostname != null && hostname.startsWith("*")) {
            findings.error(fields.origin("hostname"), "expected one host, without `*`");
        }
        return hostname;
    }

    private @Nullable PathChange path(Fields parent) {
        Fields fields = parent.fields("path");
        if (fields == null) {
            return null;
        }
        String type = fields.require("type").meaning("type", PATH_CHANGES).text("type", 1, MAX_NAME);
        if (type != null && !PATH_CHANGES.contains(type)) {
            findings.error(
                    fields.origin("type"), "expected `ReplaceFullPath` or `ReplacePrefixMatch`, found `" + type + "`");
        }
        boolean whole = "ReplaceFullPath".equals(type);
        String name = whole ? "replaceFullPath" : "replacePrefixMatch";
        String value =
                fields.require(name).text(name, MAX_PATH, PATH, "a path that starts with `/`, without `.` and `..`");
        fields.done();
        if (value == null) {
            return null;
        }
        return new PathChange(whole ? null : prefix(fields), value);
    }

    private String prefix(Fields fields) {
        List<String> prefixes = new ArrayList<>();
        for (Match match : matches) {
            boolean prefix = match.path().type() == PathType.PATH_PREFIX;
            prefixes.add(prefix ? match.path().value() : "");
        }
        if (prefixes.size() != 1 || prefixes.get(0).isEmpty()) {
            findings.error(
                    fields.origin("type"),
                    "`ReplacePrefixMatch` needs a rule with exactly one match, of a `PathPrefix`");
            return "";
        }
        String prefix = prefixes.get(0);
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    private Redirect redirect(Fields fields) {
        String scheme = fields.text("scheme", 5, Pattern.compile("https?"), "`http` or `https`");
        Integer status = fields.meaning("statusCode", REDIRECTIONS).integer("statusCode", 301, 308);
        if (status != null && !REDIRECTIONS.contains(status)) {
            findings.error(fields.origin("statusCode"), "expected 301, 302, 303, 307 or 308, found `" + status + "`");
        }
        return new Redirect(
                scheme,
                hostname(fields),
                path(fields),
                fields.integer("port", 1, MAX_PORT),
                status == null ? 302 : status);
    }
}
