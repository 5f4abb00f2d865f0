package io.gatepost.samples.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code serve} of the jar that the build made, in a process of its own, with its admin port. */
final class GatewayProcess implements AutoCloseable {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Process process;
    private final int adminPort;
    private final List<String> printed = new ArrayList<>();
    private final Path log;

    /** What a process holds at one moment. */
    record Held(long threads, long files, long classes) {}

    /** Starts it and waits for its {@code ready} line. */
    GatewayProcess(Path folder, String... options) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            adminPort = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(
                java("java"),
                "-Xmx512m",
                "-jar",
                System.getProperty("gatepost.jar", "target/llm-gateway.jar"),
                "serve",
                "--port",
                "0",
                "--admin-port",
                Integer.toString(adminPort)));
        if (!List.of(options).contains("--warm-up")) {
            command.addAll(List.of("--warm-up", "0s"));
        }
        command.addAll(List.of(options));
        log = folder.resolve("stderr-" + adminPort);
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null) {
            printed.add(line);
            line = line.startsWith("ready ") ? null : out.readLine();
        }
        if (printed.isEmpty() || !printed.get(printed.size() - 1).startsWith("ready ")) {
            throw new IOException("not ready: " + printed + Files.readString(log));
        }
    }

    private static String java(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }

    /** What it printed until it was ready. */
    List<String> printed() {
        return printed;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    URI url() {
        return URI.create(printed.get(printed.size() - 1).substring("ready ".length()));
    }

    HttpResponse<String> admin(String path) throws Exception {
        URI url = URI.create("http://127.0.0.1:" + adminPort + path);
        return CLIENT.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A number of {@code /metrics}; 0 where it is not there. */
    long metric(String series) throws Exception {
        Matcher number = Pattern.compile("(?m)^" + Pattern.quote(series) + " ([0-9.E+]+)$")
                .matcher(admin("/metrics").body());
        return number.find() ? (long) Double.parseDouble(number.group(1)) : 0;
    }

    /** After garbage is collected. */
    Held held() throws Exception {
        jcmd("GC.run");
        jcmd("GC.run");
        String counters = jcmd("PerfCounter.print");
        long classes = counter(counters, "java.cls.loadedClasses")
                + counter(counters, "java.cls.sharedLoadedClasses")
                - counter(counters, "java.cls.unloadedClasses")
                - counter(counters, "java.cls.sharedUnloadedClasses");
        return new Held(count("task"), count("fd"), classes);
    }

    private long count(String what) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(process.pid()), what))) {
            return entries.count();
        }
    }

    private static long counter(String counters, String name) {
        Matcher value =
                Pattern.compile("(?m)^" + Pattern.quote(name) + "=(\\d+)$").matcher(counters);
        if (!value.find()) {
            throw new IllegalStateException("no " + name);
        }
        return Long.parseLong(value.group(1));
    }

    String jcmd(String command) throws IOException {
        Process jcmd = new ProcessBuilder(java("jcmd"), Long.toString(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** As service managers ask a process to end. */
    void terminate() {
        process.destroy();
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
