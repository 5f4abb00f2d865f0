package io.gatepost.samples.gateway;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jwk.Use;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys}: makes the key pair that {@code token} signs with, and the JWKS that a policy trusts. */
@Command(
        name = "keys",
        description = "Makes a new key pair: DIR/private.jwk for `token`, DIR/jwks.json for a policy.",
        mixinStandardHelpOptions = true)
final class KeysCommand implements Callable<Integer> {
    private static final int RSA_BITS = 2048;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "the folder to write to")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(
            names = "--alg",
            paramLabel = "ALG",
            defaultValue = "RS256",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Algorithm alg;

    private enum Algorithm {
        RS256,
        RS384,
        RS512,
        PS256,
        PS384,
        PS512,
        ES256,
        ES384,
        ES512,
        EdDSA
    }

    @Override
    public Integer call() throws JoseException {
        PublicJsonWebKey key = generate();
        key.setAlgorithm(alg.name());
        key.setUse(Use.SIGNATURE);
        key.setKeyId(key.calculateBase64urlEncodedThumbprint("SHA-256"));
        Path secret = out.resolve("private.jwk");
        Path jwks = out.resolve("jwks.json");
        try {
            Files.createDirectories(out);
            writeNew(secret, key.toJson(OutputControlLevel.INCLUDE_PRIVATE) + "\n", ownerOnly());
            Files.writeString(jwks, new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY) + "\n");
        } catch (FileAlreadyExistsException problem) {
            throw new CommandException("`" + secret + "` exists: delete it or choose another folder");
        } catch (IOException problem) {
            throw new CommandException("cannot write to `" + out + "`: " + problem.getMessage());
        }
        PrintWriter print = spec.commandLine().getOut();
        print.println("wrote " + secret + " (keep it secret) and " + jwks);
        return 0;
    }

    private PublicJsonWebKey generate() throws JoseException {
        return switch (alg) {
            case RS256, RS384, RS512, PS256, PS384, PS512 -> RsaJwkGenerator.generateJwk(RSA_BITS);
            case ES256 -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
            case ES384 -> EcJwkGenerator.generateJwk(EllipticCurves.P384);
            case ES512 -> EcJwkGenerator.generateJwk(EllipticCurves.P521);
            case EdDSA -> OkpJwkGenerator.generateJwk(OctetKeyPairJsonWebKey.SUBTYPE_ED25519);
        };
    }

    /** The file has its permissions from the moment it exists. */
    private static void writeNew(Path file, String text, FileAttribute<?>... attributes) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(file, options, attributes)) {
            channel.write(StandardCharsets.UTF_8.encode(text));
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
