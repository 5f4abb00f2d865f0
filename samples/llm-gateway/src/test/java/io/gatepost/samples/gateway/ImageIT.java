package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the tar holds that {@code -P image} makes. */
@Tag("image")
class ImageIT {
    private static final String IMAGE = "target/llm-gateway-image.tar";
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void runsServeWithoutRights() throws Exception {
        JsonNode config = JSON.readTree(tar("-xOf", IMAGE, "config.json")).path("config");

        assertThat(config.path("User").asString()).isEqualTo("65532:65532");
        assertThat(config.path("Entrypoint").toString()).contains("io.gatepost.samples.gateway.Main");
        assertThat(config.path("Cmd").toString())
                .isEqualTo("[\"serve\",\"--host\",\"0.0.0.0\",\"--file\",\"/etc/gatepost\"]");
        assertThat(config.path("ExposedPorts").propertyNames()).containsExactlyInAnyOrder("8080/tcp", "9901/tcp");
    }

    @Test
    void keepsTheGatewayInALayerOfItsOwn() throws Exception {
        JsonNode manifest = JSON.readTree(tar("-xOf", IMAGE, "manifest.json")).path(0);
        JsonNode config = JSON.readTree(tar("-xOf", IMAGE, "config.json"));

        assertThat(manifest.path("Layers").size()).isGreaterThan(3);
        assertThat(config.path("rootfs").path("diff_ids").size())
                .isEqualTo(manifest.path("Layers").size());
        assertThat(manifest.path("RepoTags").toString()).contains("gatepost/llm-gateway:latest");
    }

    private static String tar(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "tar";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return text;
    }
}
