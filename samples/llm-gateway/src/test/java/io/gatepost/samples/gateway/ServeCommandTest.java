package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void refusesAStateDirectoryThatOthersMayWrite() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));

        Cli serve = Cli.run("serve", "--file", folder.toString(), "--state-dir", folder.toString());

        assertThat(serve.exit()).isEqualTo(1);
        assertThat(serve.err()).contains("the state directory `" + folder + "` must be a folder that its owner");
    }
}
