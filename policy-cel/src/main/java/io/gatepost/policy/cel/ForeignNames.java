package io.gatepost.policy.cel;

import io.gatepost.policy.cel.Names.Use;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What other languages and other gateways call what has another name here. */
final class ForeignNames {
    private static final Map<String, String> VARIABLES = variables();
    private static final Map<String, String> FUNCTIONS = functions();

    /** Fields that are not where they are looked for. */
    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("model", "llm.requestModel"),
            Map.entry("stream", "llm.streaming"),
            Map.entry("messages", "llm.params.messages"),
            Map.entry("query", "request.uri.query(\"name\")"),
            Map.entry("params", "request.uri.query(\"name\")"),
            Map.entry("cookies", "request.headers.cookie(\"name\")"),
            Map.entry("url", "request.uri"),
            Map.entry("hostname", "request.host"),
            Map.entry("authority", "request.host"),
            Map.entry("protocol", "request.version"),
            Map.entry("time", "request.startTime"),
            Map.entry("timestamp", "request.startTime"),
            Map.entry("now", "request.startTime"),
            Map.entry("ip", "source.address"),
            Map.entry("remoteAddr", "source.address"),
            Map.entry("clientIp", "source.address"),
            Map.entry("auth", "jwt"),
            Map.entry("user", "jwt"),
            Map.entry("claims", "jwt"),
            Map.entry("jwt", "jwt"),
            Map.entry("token", "jwt"));

    private final Set<String> functions;

    ForeignNames(Set<String> functions) {
        this.functions = functions;
    }

    /** Read when it is first needed: the catalogue makes a compiler's declarations of its own. */
    private static final class Forms {
        static final Map<String, List<String>> BY_NAME = Catalogue.entries().stream()
                .filter(entry -> entry.kind() == Catalogue.Kind.FUNCTION)
                .collect(Collectors.groupingBy(
                        Catalogue.Entry::name, Collectors.mapping(Catalogue.Entry::form, Collectors.toList())));
    }

    private static Map<String, String> variables() {
        Stream<String> claims = Stream.of(
                "iss sub aud exp nbf iat jti email email_verified scope scp role roles group groups azp client_id tid oid realm_access resource_access preferred_username permissions amr acr tenant team"
                        .split(" ", -1));
        Map<String, String> names = claims.collect(Collectors.toMap(name -> name, name -> "jwt." + name));
        for (String token : "claims claim token user payload principal identity auth session jwt_claims jwtclaims me"
                .split(" ", -1)) {
            names.put(token, "jwt");
        }
        for (String request : "req http httprequest ctx context".split(" ", -1)) {
            names.put(request, "request");
        }
        for (String field : "headers method path host scheme uri body".split(" ", -1)) {
            names.put(field, "request." + field);
        }
        names.putAll(Map.ofEntries(
                Map.entry("header", "request.headers"),
                Map.entry("url", "request.uri"),
                Map.entry("query", "request.uri.query(\"name\")"),
                Map.entry("model", "llm.requestModel"),
                Map.entry("ai", "llm"),
                Map.entry("stream", "llm.streaming"),
                Map.entry("streaming", "llm.streaming"),
                Map.entry("messages", "llm.params.messages"),
                Map.entry("ip", "source.address"),
                Map.entry("client_ip", "source.address"),
                Map.entry("clientip", "source.address"),
                Map.entry("remote_addr", "source.address"),
                Map.entry("remoteaddr", "source.address"),
                Map.entry("client", "source"),
                Map.entry("peer", "source"),
                Map.entry("connection", "source"),
                Map.entry("now", "request.startTime"),
                Map.entry("true", "true"),
                Map.entry("false", "false"),
                Map.entry("none", "null"),
                Map.entry("nil", "null"),
                Map.entry("null", "null"),
                Map.entry("undefined", "null")));
        return Map.copyOf(names);
    }

    /**
     * In the cure {@code 1} stands for what the function is called on, or its first argument, {@code 2} for the next.
     */
    private static Map<String, String> functions() {
        Map<String, String> names = new HashMap<>();
        add(names, "len length count strlen", "size(<1>)");
        add(names, "lower tolower tolowercase to_lower lowercase lcase downcase casefold", "<1>.lowerAscii()");
        add(names, "upper toupper touppercase to_upper uppercase ucase upcase", "<1>.upperAscii()");
        add(names, "includes include contain has_value hasitem containsvalue", "<1>.contains(<2>)");
        add(names, "containskey haskey has_key has", "<2> in <1>");
        add(names, "isin oneof anyof in", "<1> in [<2>]");
        add(names, "some any anymatch find any_match", "<1>.exists(x, x == \"value\")");
        add(names, "every allmatch all_match foreach", "<1>.all(x, x == \"value\")");
        add(names, "isempty empty isblank is_empty", "size(<1>) == 0");
        add(names, "isnotempty notempty", "size(<1>) > 0");
        add(names, "equals equal eq isequal", "<1> == <2>");
        add(names, "equalsignorecase equalfold", "<1>.lowerAscii() == <2>");
        add(names, "hasprefix has_prefix beginswith starts_with prefix", "<1>.startsWith(<2>)");
        add(names, "hassuffix has_suffix ends_with suffix", "<1>.endsWith(<2>)");
        add(names, "slice", "<1>.substring(<2>)");
        add(names, "match test regex regexmatch regex_match regexp rematch re_match like search", "<1>.matches(<2>)");
        add(names, "strip trimspace", "<1>.trim()");
        add(names, "concat", "<1> + <2>");
        add(names, "tostring str to_string", "string(<1>)");
        add(names, "toint parseint tonumber number integer to_int", "int(<1>)");
        add(names, "get getitem at", "<1>[<2>]");
        add(names, "hasrole hasanyrole hasauthority hasgroup isingroup", "<1> in jwt.roles");
        add(names, "hasscope hasscopes", "<1> in scopes(jwt)");
        add(names, "hasclaim defined exists isset isdefined is_defined isnotnull notnull", "has(<1>)");
        add(names, "isnull is_null", "!has(<1>)");
        add(names, "not", "!(<1>)");
        add(names, "and", "<1> && <2>");
        add(names, "or", "<1> || <2>");
        add(names, "ifnull nvl getordefault get_or_default orelse or_else unwrap_or", "default(<1>, <2>)");
        add(names, "now today currenttime current_time time date", "request.startTime");
        add(
                names,
                "cidrmatch cidr_match incidr incidrrange ipinrange ip_in_range cidrcontains insubnet ipmatch inrange",
                "cidr(\"10.0.0.0/8\").containsIP(source.address)");
        return Map.copyOf(names);
    }

    private static void add(Map<String, String> names, String foreign, String cure) {
        for (String name : foreign.split(" ", -1)) {
            names.put(name, cure);
        }
    }

    static @Nullable String field(String name, Use use) {
        String meant = FIELDS.get(name);
        int dot = use.index();
        boolean claims = use.tokens().text(dot).equals(".");
        return meant != null && meant.equals("jwt") && claims ? behind(meant, use, dot + 1) : meant;
    }

    static boolean isLength(String name) {
        return Set.of("length", "len", "size", "count").contains(name.toLowerCase(Locale.ROOT));
    }

    /** How something is written here that has another name elsewhere; null where that is not known. */
    @Nullable
    String cure(String name, Use use) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (use.isCall()) {
            String own = functions.stream()
                    .filter(function -> function.equalsIgnoreCase(name))
                    .findFirst()
                    .orElse(null);
            return own != null ? orElse(form(own, use), own) : called(lower, use);
        }
        String variable = use.isMember() ? null : VARIABLES.get(lower);
        boolean key = use.tokens().text(use.index() - 1).equals("[")
                && use.tokens().text(use.index() + 1).equals("]");
        return variable == null || key ? null : seconds(behind(variable, use, use.index()), use);
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }

    private @Nullable String called(String name, Use use) {
        List<String> subjects = use.subjects();
        String first = subjects.isEmpty() ? "" : subjects.get(0);
        boolean ofHeaders = Set.of("headers", "header").contains(name)
                || (first.equals("request.headers") && name.startsWith("get"));
        if (ofHeaders || name.equals("jwt") || name.equals("claim") || name.equals("claims")) {
            String key = subjects.isEmpty() ? "" : subjects.get(subjects.size() - 1);
            return (ofHeaders ? "request.headers[" : "jwt[")
                    + (key.startsWith("\"") || key.startsWith("'") ? key : "\"name\"") + "]";
        }
        if (Set.of("substr", "slice").contains(name)
                && subjects.size() == 3
                && subjects.get(1).equals("0")) {
            return first + ".substring(0, " + subjects.get(2) + ")";
        }
        if (name.equals("substr") && subjects.size() > 1) {
            return first + ".substring(" + subjects.get(1)
                    + (subjects.size() == 2 ? ")" : ", " + subjects.get(1) + " + " + subjects.get(2) + ")");
        }
        String cure = FUNCTIONS.get(name);
        return cure == null
                ? null
                : seconds(cure, use)
                        .replace("<1>", first.isEmpty() ? "x" : first)
                        .replace("<2>", subjects.size() < 2 ? "\"value\"" : subjects.get(1));
    }

    /** Claims such as {@code exp} are numbers. */
    private static String seconds(String cure, Use use) {
        String operator = use.tokens().text(use.index() - 1);
        boolean claim = use.operands().before(use.index() - 1, "").matches("jwt\\.(exp|iat|nbf|auth_time)");
        return cure.equals("request.startTime") && operator.matches("[<>]=?") && claim ? "int(" + cure + ")" : cure;
    }

    /** A variable with what is written behind its foreign name; claims stand right under the token. */
    private static String behind(String variable, Use use, int index) {
        StringBuilder written = new StringBuilder(variable);
        boolean token = variable.equals("jwt");
        int i = index;
        while (use.tokens().text(i + 1).equals(".")
                && use.operands().isWord(i + 2)
                && !use.tokens().text(i + 3).equals("(")) {
            String field = use.tokens().text(i + 2);
            boolean repeated =
                    token && i == index && Set.of("claims", "jwt", "payload").contains(field);
            written.append(repeated ? "" : "." + field);
            i += 2;
        }
        boolean indexed = use.tokens().text(i + 1).equals("[") && use.operands().isText(i + 2);
        return written + (indexed ? "[" + use.tokens().text(i + 2) + "]" : "");
    }

    /** How a function is called, with what it was given where that fits; null where the call looks as it should. */
    @Nullable
    String form(String function, Use use) {
        List<String> forms = Forms.BY_NAME.getOrDefault(function, List.of());
        List<String> subjects = use.subjects();
        if (forms.isEmpty()) {
            return null;
        }
        if (function.equals("exists") && !use.isMember() && subjects.size() == 1) {
            return "has(" + subjects.get(0) + ")";
        }
        boolean members = forms.stream().allMatch(ForeignNames::isMember);
        boolean globals = forms.stream().noneMatch(form -> isMember(form) || form.contains("also "));
        int parameters = forms.get(0).split("[(,]", -1).length - (forms.get(0).endsWith("()") ? 2 : 1);
        String rest = String.join(", ", subjects.subList(Math.min(1, subjects.size()), subjects.size()));
        if (members && subjects.size() == parameters + 1) {
            return subjects.get(0) + "." + function + "(" + rest + ")";
        }
        return globals && use.isMember() && subjects.size() == parameters
                ? function + "(" + String.join(", ", subjects) + ")"
                : forms.get(0);
    }

    /** A single letter before the dot is a value. */
    private static boolean isMember(String form) {
        return form.indexOf('.') == 1;
    }

    /**
     * The names that calls of unknown functions give to elements: they are unknown as well, and no problem of their
     * own.
     */
    Set<String> parametersOfUnknown(ExpressionTokens tokens, Operands operands) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i + 1 < tokens.size(); i++) {
            boolean call = operands.isWord(i) && tokens.text(i + 1).equals("(");
            if (call
                    && !isLoop(tokens.text(i))
                    && operands.isWord(i + 2)
                    && tokens.text(i + 3).equals(",")) {
                names.add(tokens.text(i + 2));
            } else if (call && tokens.text(i).equals("any")) {
                operands.arguments(i + 1).stream().skip(1).findFirst().ifPresent(names::add);
            }
        }
        return names;
    }

    private boolean isLoop(String name) {
        return functions.contains(name);
    }
}
