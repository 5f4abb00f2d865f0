import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.Base64;

/** Prints a token of the README's issuer for an address. Its key is the one that RFC 8037 publishes with its private part, appendix A. */
public class Token {
    public static void main(String[] args) throws Exception {
        PrivateKey key = KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(
                        NamedParameterSpec.ED25519,
                        Base64.getUrlDecoder().decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")));
        String claims = "{\"iss\":\"https://id.example.com\",\"aud\":\"llm\",\"email\":\"%s\",\"exp\":%d}"
                .formatted(args[0], Instant.now().plusSeconds(300).getEpochSecond());
        String signed = part("{\"alg\":\"EdDSA\",\"kid\":\"1\"}") + "." + part(claims);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        System.out.println(signed + "." + encode(signature.sign()));
    }

    private static String part(String json) {
        return encode(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}
