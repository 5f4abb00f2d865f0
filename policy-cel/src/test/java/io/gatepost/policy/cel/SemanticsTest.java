package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Edge cases of variables, operators and functions, as reference sections 3.1 to 3.3 and the CEL specification say. */
class SemanticsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Example REQUEST = Example.of("""
            {"method": "GET", "uri": "http://h:8080/a?x=1&x=2&y=a+b%20c",
             "headers": [["One", "v"], ["Two", "a,b"], ["Two", "c"], ["Cookie", "s=1; t=2"], ["Cookie", "s=3"],
                         ["Authorization", "Basic x"]],
             "claims": {"sub": "u", "roles": ["user", "admin"], "role": "superadmin", "nothing": null, "level": 5,
                        "big": 18446744073709551615, "ratio": 1.5, "rawToken": "forged", "nested": {"k": "v"}}}
            """);
    private static final Example ANONYMOUS = Example.of("{\"method\": \"GET\"}");

    private static final String TABLE = """
            jwt.sub => "u"
            type(jwt.level) == int => true
            type(jwt.big) == uint => true
            type(jwt.ratio) == double => true
            type(1.0) == float => true
            jwt.level == 5.0 => true
            jwt.missing => error
            !jwt.missing => error
            has(jwt.nothing) => true
            has(jwt.nothing.x) => false
            has(jwt.missing.deeper) => error
            has(apiKey.key) => false
            has(llm.requestModel) => false
            has(llm.params.max_tokens) => error
            llm == null => true
            llm.requestModel => error
            apiKey == null => true
            proxy == null => true
            jwt.rawToken => "<redacted>"
            jwt.rawToken.unredacted() => error
            "admin" in jwt.roles => true
            "admin" in jwt.role => error
            !("admin" in jwt.role) => error
            "sub" in jwt => true
            jwt.contains("nested") => true
            jwt.role.contains("admin") => true
            jwt.missing == "x" || true => true
            jwt.missing == "x" && false => false
            jwt.missing == "x" || false => error
            jwt.roles[0] => "user"
            jwt.roles[2] => error
            jwt.roles["0"] => error
            jwt.sub > 1 => error
            jwt.level + 1.0 => error
            request.host => "h:8080"
            request.path => "/a"
            request.body => error
            source.port + 1 => error
            request.headers.one => "v"
            request.headers.TWO => ["a,b","c"]
            request.headers["two"] => "a,b"
            request.headers["absent"] => error
            has(request.headers.absent) => false
            "TWO" in request.headers => true
            request.headers.raw().one => ["v"]
            request.headers.join().two => "a,b,c"
            request.headers.split().two => ["a","b","c"]
            request.headers.raw().join().split().two => ["a","b","c"]
            request.headers.redacted().raw()["authorization"] => ["<redacted>"]
            request.headers.authorization => "Basic x"
            request.headers.cookie("s") => "1"
            request.headers.cookie("t") => "2"
            request.headers.cookie("u") => error
            request.headers.size() => 4
            request.headers.exists(h, h == "one") => true
            request.uri.query("x") => ["1","2"]
            request.uri.query("y") => ["a b c"]
            request.uri.query("z") => []
            request.pathAndQuery.addQuery("x", "3") => "/a?x=1&x=2&y=a+b%20c&x=3"
            request.pathAndQuery.setQuery("x", "3") => "/a?y=a+b%20c&x=3"
            default(jwt.missing.deeper, "d") => "d"
            default(jwt.missing.size(), 3) => 3
            default(jwt.nothing, 1) => 1
            default(1 / 0, 1) => error
            default([1][5], 1) => error
            default(fail("x"), 1) => error
            default(jwt.sub, 1 / 0) => "u"
            coalesce(jwt.missing, null, fail("x"), 7) => 7
            coalesce(null, 1 / 0) => null
            coalesce(1 / 0, null) => null
            coalesce(fail("a"), 1 / 0) => error
            coalesce(1) => 1
            [1].with(a, [a + [2], a]) => [[1,2],[1]]
            cel.bind(a, [1], [a + [2], a]) => [[1,2],[1]]
            {"a": 1}.mapValues(v, v / 0) => error
            {"a": 1}.filterKeys(k, dyn(1)) => error
            dyn([1, 2]).filterKeys(k, true) => error
            {"a": 1, "b": 2}.filterKeys(k, k != "a").mapValues(v, v * 2) => {"b":4}
            [1, 2].contains(1.0) => true
            {1: 2}.contains(1u) => false
            b"abc".contains(b"bc") => true
            dyn(1).contains(1) => error
            [1, 2, 3].existsOne(x, x == 1) => true
            [[1], [2]].map(x, x.map(y, y + 1)) => [[2],[3]]
            max() => null
            max([3, 7.5, 2u]) => 7.5
            max("a", "b") => "b"
            min(1, dyn("b")) => error
            size("\u00e9") => 1
            string(1.0) => "1"
            string(1e20) => "100000000000000000000"
            string(0.1) => "0.1"
            string(b"\\xff") => error
            string(dyn(null)) => error
            string(dyn(ip("1.2.3.4"))) => error
            "10".int() + 1 => 11
            "x".double() => error
            duration("1h30m").string() => "5400s"
            duration("1.5s") == duration("1500ms") => true
            duration("-1s").string() => "-1s"
            duration("0") == duration("0s") => true
            duration("5") => error
            duration("1s rest") => error
            timestamp("2026-01-02T03:04:05.12Z").string() => "2026-01-02T03:04:05.12Z"
            timestamp("2026-01-01T00:00:00+02:00").getHours() => 22
            timestamp("2026-01-01T00:00:00Z").getDayOfYear() => 0
            timestamp(0).getFullYear() => 1970
            double("NaN") == double("NaN") => false
            9223372036854775807 + 1 => error
            1 / 0 => error
            json("{\\"a\\": 1.5}").a => 1.5
            json("{\\"a\\": 1, \\"a\\": 2}") => error
            json("nonsense") => error
            jsonField("{\\"a\\": {\\"b\\": 1}}", "b") => error
            toJson({"b": b"hi", "d": duration("1.5s"), "n": double("NaN")}) => "{\\"b\\":\\"aGk=\\",\\"d\\":\\"1.5s\\",\\"n\\":null}"
            unvalidatedJwtPayload("a.b") => error
            unvalidatedJwtPayload("a.e30=.c") => {}
            scopes({"scope": " a  b "}) => ["a","b"]
            scopes({"scope": ["a", 1]}) => ["a"]
            scopes({"scp": "a"}) => ["a"]
            scopes({"x": 1}) => []
            base64.decode("!!") => error
            base64.encode(b"\\xff") => "/w=="
            url.decode("%ff") => error
            url.decode("100%") => "100%"
            form.decode("a") => {"a":""}
            form.encode({"a": {"b": 1}}) => error
            form.encode({"b": true, "a": 1.5, "c": null}) => "a=1.5&b=true"
            "aXbX".regexReplace("X", "-") => "a-bX"
            "aXb".regexReplace("(?P<n>X)", "[${n}$n$$]") => "a[XX$]b"
            "aXb".regexReplace("X", "{n}$9") => "a{n}b"
            "abc".charAt(3) => error
            "abc".indexOf("", 3) => -1
            "abc".indexOf("c", 1) => 2
            "abc".indexOf("c", -1) => error
            "abcabc".lastIndexOf("abc", 4) => 3
            "aaaaab".lastIndexOf("aaaab") => 1
            "aabaaabaaac".indexOf("aaabaaac") => 3
            "\u00e9\ud83c\udf89x".indexOf("x") => 2
            "hello".substring(1, 99) => "ello"
            "hello".substring(6) => error
            "hello".substring(3, 2) => error
            "a,b".split(",", 0) => []
            "a,b".split(",", 1) => ["a,b"]
            "abc".split("") => ["a","b","c"]
            "aba".replace("", "-") => "-a-b-a-"
            "aba".replace("a", "c", 1) => "cba"
            dyn(["a", 1]).join() => error
            "x".stripPrefix("xx") => "x"
            ip("10.0.0.256") => error
            ip("fe80::1%1") => error
            ip("01.2.3.4") => error
            ip("2001:DB8::1") == ip("2001:db8:0::1") => true
            ip("::ffff:10.0.0.1").family() => 6
            cidr("10.0.0.0/8").containsIP("::ffff:10.0.0.1") => false
            cidr("10.0.0.0/33") => error
            cidr("10.0.0.0/8").containsIP("nope") => error
            cidr("10.0.0.0/8").containsCIDR("0.0.0.0/0") => false
            cidr("2001:db8::/33").containsIP("2001:db8:7fff::1") => true
            cidr("2001:db8::/33").containsIP("2001:db8:8000::1") => false
            ip("224.0.1.1").isLinkLocalMulticast() => false
            ip("fe80::1").isLinkLocalUnicast() => true
            ip("255.255.255.255").isGlobalUnicast() => false
            math.bitAnd(b"\\x0f\\x05", b"\\x04") == b"\\x00\\x04" => true
            math.bitOr(b"\\x04", 1) => 5
            math.bitShiftRight(-1024, 3) => 2305843009213693824
            math.bitShiftLeft(1, 64) => 0
            jwt.?missing.orValue("none") => "none"
            [?jwt.?sub, ?jwt.?missing] => ["u"]
            variables().request.path => "/a"
            "llm" in variables() => false
            """;

    static Stream<Arguments> rows() {
        return TABLE.lines().map(line -> line.split(" => ", 2)).map(row -> Arguments.of(row[0], row[1]));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void evaluates(String expression, String value) throws InvalidExpressionException {
        String outcome;
        try {
            outcome = REQUEST.outcome(expression);
        } catch (InvalidExpressionException e) {
            // An error either way; when it is found belongs to the tests of loading.
            outcome = "error";
        }
        if (value.equals("error")) {
            assertThat(outcome).isEqualTo("error");
        } else {
            assertThat(outcome).isNotEqualTo("error");
            assertThat(JSON.readTree(outcome)).isEqualTo(JSON.readTree(value));
        }
    }

    @Test
    void hasNoClaimsWithoutAToken() throws Exception {
        assertThat(ANONYMOUS.outcome("jwt == null")).isEqualTo("true");
        assertThat(ANONYMOUS.outcome("has(jwt.sub)")).isEqualTo("false");
        assertThat(ANONYMOUS.outcome("jwt.sub")).isEqualTo("error");
        assertThat(ANONYMOUS.outcome("default(jwt.sub, 'anonymous')")).isEqualTo("\"anonymous\"");
        assertThat(ANONYMOUS.outcome("'chat' in scopes(jwt)")).isEqualTo("error");
    }

    @Test
    void neverRepeatsAValueInAnError() {
        assertThatThrownBy(() -> REQUEST.eval("fail(jwt.role)"))
                .isInstanceOf(EvaluationException.class)
                .message()
                .doesNotContain("superadmin");
        assertThatThrownBy(() -> REQUEST.eval("{'a': 1}[jwt.role]"))
                .isInstanceOf(EvaluationException.class)
                .message()
                .doesNotContain("superadmin");
    }

    @Test
    void readsTheModelAsOneThing() throws Exception {
        Example twice = new Example(
                PolicyRequest.builder("POST", "/")
                        .body("{\"model\":\"a\",\"model\":\"b\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .build(),
                null);

        assertThat(twice.outcome("llm.requestModel")).isEqualTo("error");
        assertThat(twice.holds("llm.requestModel != 'a'")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'admin' in jwt.keys",
                "jwt.keys.contains('admin')",
                "'admin' in jwt['keys']",
                "'admin' in default(jwt.keys, [])",
                "jwt.?keys.orValue([]).contains('admin')",
                "!('other' in jwt.keys)",
                "jwt.with(token, 'admin' in token.keys)",
                "jwt.keys.with(keys, 'admin' in keys)",
                "cel.bind(keys, jwt.keys, 'admin' in keys)",
                "[jwt].exists(token, token.keys.contains('admin'))",
                "jwt.clients.exists(client, 'admin' in client)",
                "jwt.clients.first().value().contains('admin')",
                "'admin' in jwt.clients[0]",
                "'admin' in (has(jwt.keys) ? jwt.keys : [])",
                "'admin' in coalesce(jwt.none, jwt.keys)",
                "jwt.?keys.optMap(keys, 'admin' in keys).orValue(true)",
                "'admin' in variables().jwt.keys",
            })
    void takesNoClaimThatIsAnObjectForAList(String expression) {
        VerifiedToken token = new VerifiedToken(
                "i", null, Map.of("keys", Map.of("admin", 1L), "clients", List.of(Map.of("admin", 1L))));

        assertThatThrownBy(() -> new CelExpressionCompiler()
                        .compile(expression, ResultType.BOOLEAN)
                        .evaluate(PolicyRequest.builder("GET", "/").build(), token))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("a claim that is an object is no list");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "has(jwt.keys.admin)",
                "'keys' in jwt",
                "jwt.with(token, 'keys' in token)",
                "jwt.keys.exists(key, key == 'admin')",
                "'admin' in jwt.keys.map(key, key)",
                "jwt.keys[?'admin'].hasValue()",
                "toJson(jwt.keys) == '{\"admin\":1}'",
                "jwt.keys == {'admin': 1}",
                "'admin' in json('{\"admin\": 1}')",
                "jwt.contains('keys')",
                "'admin' in jwt.list",
                "'admin' in {'admin': 1}",
                "'admin' in jwt.keys || true",
                "math.bitAnd(0x4u, base64.decode('BQ==')) == 4",
                "math.bitOr(b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff', 1u) == 18446744073709551615u",
                "default(math.bitAnd(-1, 1), 0) == 1",
                "coalesce(math.bitAnd(-1, base64.decode('BQ==')), 'error') == 'error'",
            })
    void asksForMembersAndTakesBytesForUnsignedNumbers(String expression) throws Exception {
        VerifiedToken token =
                new VerifiedToken("i", null, Map.of("keys", Map.of("admin", 1L), "list", List.of("admin")));

        assertThat(new CelExpressionCompiler()
                        .compile(expression, ResultType.BOOLEAN)
                        .evaluate(PolicyRequest.builder("GET", "/").build(), token))
                .isEqualTo(true);
    }
}
