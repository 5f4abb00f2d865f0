package io.gatepost.benchmarks;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.auth.principal.DefaultJWTParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** What verifies a token: Gatepost without its cache, its peers, and the signature alone as the floor. */
public enum Verifier {
    /** A whole decision without rules and without the cache. */
    GATEPOST {
        @Override
        Verification of(Tokens tokens) {
            PolicyEngine engine = PolicyEngine.builder()
                    .policies(List.of(TrafficPolicy.of(
                            "p", JwtAuthentication.of(JwtMode.STRICT, tokens.issuer.provider(Tokens.AUDIENCE)), null)))
                    .cachedTokens(0)
                    .build();
            return new Verification() {
                @Override
                public Object verify(String token) {
                    Decision decision = engine.decide(PolicyRequest.builder("GET", "/")
                            .header("Authorization", "Bearer " + token)
                            .build());
                    if (decision instanceof Decision.Allow) {
                        return decision;
                    }
                    throw new IllegalStateException("refused: " + decision.explanation());
                }

                @Override
                public void close() {
                    engine.close();
                }
            };
        }
    },

    /** The provider's signature check and nothing else. */
    JCA {
        @Override
        Verification of(Tokens tokens) throws Exception {
            PublicKey key = key(tokens);
            String name = jcaName(tokens.issuer.algorithm());
            return token -> {
                int end = token.lastIndexOf('.');
                byte[] signature = Base64.getUrlDecoder().decode(token.substring(end + 1));
                Signature check = Signature.getInstance(name);
                check.initVerify(key);
                check.update(token.substring(0, end).getBytes(StandardCharsets.US_ASCII));
                return must(check.verify(signature));
            };
        }
    },

    /** jose4j's own consumer. */
    JOSE4J {
        @Override
        Verification of(Tokens tokens) throws Exception {
            JwtConsumer consumer = new JwtConsumerBuilder()
                    .setVerificationKey(key(tokens))
                    .setExpectedIssuer(tokens.issuer.issuer())
                    .setExpectedAudience(Tokens.AUDIENCE)
                    .setRequireExpirationTime()
                    .setJwsAlgorithmConstraints(
                            new AlgorithmConstraints(ConstraintType.PERMIT, tokens.issuer.algorithm()))
                    .build();
            return consumer::process;
        }
    },

    /** Spring Security's decoder. */
    SPRING {
        @Override
        Verification of(Tokens tokens) throws Exception {
            DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
            processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                    JWSAlgorithm.parse(tokens.issuer.algorithm()),
                    new ImmutableJWKSet<>(JWKSet.parse(tokens.issuer.jwks()))));
            processor.setJWTClaimsSetVerifier((claims, context) -> {});
            NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
            decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                    JwtValidators.createDefaultWithIssuer(tokens.issuer.issuer()),
                    new JwtClaimValidator<List<String>>("aud", audiences -> audiences.contains(Tokens.AUDIENCE))));
            return decoder::decode;
        }
    },

    /** SmallRye JWT, as in Quarkus. */
    SMALLRYE {
        @Override
        Verification of(Tokens tokens) throws Exception {
            JWTAuthContextInfo context = new JWTAuthContextInfo(key(tokens), tokens.issuer.issuer());
            context.setSignatureAlgorithm(Set.of(SignatureAlgorithm.fromAlgorithm(tokens.issuer.algorithm())));
            context.setExpectedAudience(Set.of(Tokens.AUDIENCE));
            DefaultJWTParser parser = new DefaultJWTParser(context);
            return parser::parse;
        }
    },

    /** Auth0's java-jwt, which knows no EdDSA. */
    AUTH0 {
        @Override
        Verification of(Tokens tokens) throws Exception {
            PublicKey key = key(tokens);
            Algorithm algorithm = key instanceof RSAPublicKey rsa
                    ? Algorithm.RSA256(rsa, null)
                    : Algorithm.ECDSA256((ECPublicKey) key, null);
            JWTVerifier verifier = JWT.require(algorithm)
                    .withIssuer(tokens.issuer.issuer())
                    .withAudience(Tokens.AUDIENCE)
                    .withClaimPresence("exp")
                    .build();
            return verifier::verify;
        }
    },

    /** Vert.x, whose EdDSA keys are read from PEM only. */
    VERTX {
        @Override
        Verification of(Tokens tokens) {
            Vertx vertx = Vertx.vertx();
            JWTAuth provider = JWTAuth.create(
                    vertx,
                    new JWTAuthOptions()
                            .addJwk(new JsonObject(tokens.issuer.jwk()))
                            .setJWTOptions(new JWTOptions()
                                    .setIssuer(tokens.issuer.issuer())
                                    .addAudience(Tokens.AUDIENCE)));
            return new Verification() {
                @Override
                public Object verify(String token) {
                    return provider.authenticate(new TokenCredentials(token))
                            .toCompletionStage()
                            .toCompletableFuture()
                            .join();
                }

                @Override
                public void close() {
                    vertx.close().toCompletionStage().toCompletableFuture().join();
                }
            };
        }
    };

    abstract Verification of(Tokens tokens) throws Exception;

    private static PublicKey key(Tokens tokens) throws Exception {
        return PublicJsonWebKey.Factory.newPublicJwk(tokens.issuer.jwk()).getPublicKey();
    }

    private static String jcaName(String algorithm) {
        return switch (algorithm) {
            case "RS256" -> "SHA256withRSA";
            case "ES256" -> "SHA256withECDSAinP1363Format";
            default -> "Ed25519";
        };
    }

    private static Object must(boolean valid) {
        if (!valid) {
            throw new IllegalStateException("the signature does not match");
        }
        return true;
    }

    /** A verifier that is ready; throws where a token is no good. */
    @FunctionalInterface
    interface Verification extends AutoCloseable {
        Object verify(String token) throws Exception;

        @Override
        default void close() {}
    }
}
