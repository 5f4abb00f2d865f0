package io.gatepost.samples.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** {@code token}: signs a token with a key of {@code keys}, for trying a policy out. */
@Command(name = "token", description = "Prints a signed token.", mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--issuer", required = true, paramLabel = "I", description = "the claim iss")
    @SuppressWarnings("NullAway.Init")
    private String issuer;

    @Option(names = "--subject", required = true, paramLabel = "S", description = "the claim sub")
    @SuppressWarnings("NullAway.Init")
    private String subject;

    @Option(
            names = "--claim",
            paramLabel = "NAME=JSON",
            description = "a further claim, such as --claim 'roles=[\"admin\"]'; repeatable, the last one counts")
    private List<String> claims = List.of();

    @Option(
            names = "--expires-in",
            paramLabel = "TIME",
            defaultValue = "1h",
            converter = TimeConverter.class,
            description = "such as 90s, 15m, 1h30m or 7d; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration expiresIn;

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "private.jwk as `keys` writes it")
    @SuppressWarnings("NullAway.Init")
    private Path key;

    @Override
    public Integer call() throws JoseException {
        PublicJsonWebKey signer = readKey();
        JsonWebSignature token = new JsonWebSignature();
        token.setAlgorithmHeaderValue(signer.getAlgorithm());
        token.setKeyIdHeaderValue(signer.getKeyId());
        token.setHeader("typ", "JWT");
        token.setPayload(claims().toJson());
        token.setKey(signer.getPrivateKey());
        spec.commandLine().getOut().println(token.getCompactSerialization());
        return 0;
    }

    private JwtClaims claims() {
        JwtClaims all = new JwtClaims();
        all.setIssuer(issuer);
        all.setSubject(subject);
        NumericDate now = NumericDate.now();
        all.setIssuedAt(now);
        all.setExpirationTime(NumericDate.fromSeconds(now.getValue() + expiresIn.toSeconds()));
        for (String claim : claims) {
            int equals = claim.indexOf('=');
            if (equals < 1) {
                throw new CommandException("--claim `" + claim + "`: expected NAME=JSON, such as 'team=\"blue\"'");
            }
            all.setClaim(claim.substring(0, equals), value(claim, claim.substring(equals + 1)));
        }
        return all;
    }

    private static Object value(String claim, String text) {
        try {
            return JsonMapper.shared().readValue(text, Object.class);
        } catch (JacksonException problem) {
            throw new CommandException("--claim `" + claim + "`: expected JSON after the equals sign; text needs"
                    + " double quotes, such as 'team=\"blue\"'");
        }
    }

    /** What a key file holds is never repeated in a message. */
    private PublicJsonWebKey readKey() {
        String expected = "`" + key + "`: expected a private key as `keys` writes it";
        try {
            PublicJsonWebKey read = PublicJsonWebKey.Factory.newPublicJwk(Files.readString(key));
            if (read.getPrivateKey() == null || read.getAlgorithm() == null) {
                throw new CommandException(expected);
            }
            return read;
        } catch (NoSuchFileException problem) {
            throw new CommandException("`" + key + "` does not exist: `keys --out DIR` makes a key");
        } catch (IOException problem) {
            throw new CommandException("cannot read `" + key + "`");
        } catch (JoseException problem) {
            throw new CommandException(expected);
        }
    }

    /** A time of whole days, hours, minutes and seconds. */
    static final class TimeConverter implements ITypeConverter<Duration> {
        private static final Pattern TIME = Pattern.compile("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?");

        @Override
        public Duration convert(String text) {
            Matcher parts = TIME.matcher(text);
            if (text.isEmpty() || !parts.matches()) {
                throw new TypeConversionException("expected a time such as 90s, 15m or 1h30m, found `" + text + "`");
            }
            try {
                return Duration.ofDays(number(parts, 1))
                        .plusHours(number(parts, 2))
                        .plusMinutes(number(parts, 3))
                        .plusSeconds(number(parts, 4));
            } catch (ArithmeticException | NumberFormatException problem) {
                throw new TypeConversionException("`" + text + "` is too long a time");
            }
        }

        private static long number(Matcher parts, int group) {
            String digits = parts.group(group);
            return digits == null ? 0 : Long.parseLong(digits);
        }
    }
}
