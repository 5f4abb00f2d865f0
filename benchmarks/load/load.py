#!/usr/bin/env python3
"""The sample gateway under load beside its peers: one core for the proxy, the other for the client and the upstream.

Each peer checks the signature, the issuer, the audience and the subject of the same tokens. Rounds of all peers take turns, and what
is not measured is stopped; figures are medians over the rounds, ratios are medians of each round's ratio.
"""
import argparse, json, os, platform, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time
from jwcrypto import jwk, jwt

HERE = os.path.dirname(os.path.abspath(__file__))
JAR = os.path.abspath(os.path.join(HERE, "../../samples/llm-gateway/target/llm-gateway.jar"))
ARCHIVE = os.path.splitext(JAR)[0] + ".jsa"
CONNECTIONS, HOT, COLD, WARMING = 32, 10_000, 16_000, 32_000
PROXY, CLIENT = ("1", "0") if os.cpu_count() > 1 else ("0", "0")
JAVA = ["-Xmx512m", "-XX:+UseSerialGC"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def start(core, command, **options):
    return subprocess.Popen(["taskset", "-c", core, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


class Issuer:
    def __init__(self, folder, tokens):
        self.key = jwk.JWK.generate(kty="RSA", size=2048, kid="k1", alg="RS256", use="sig")
        self.jwks = write(f"{folder}/jwks.json", json.dumps({"keys": [json.loads(self.key.export_public())]}))
        self.pem = write(f"{folder}/key.pem", self.key.export_to_pem().decode())
        self.tokens = write(f"{folder}/tokens", "".join(self.token(n) + "\n" for n in range(tokens)))
        with open(self.tokens) as file:
            self.first = file.readline().strip()

    def token(self, number):
        now = int(time.time())
        claims = {"iss": "https://issuer.test", "sub": "alice", "aud": "llm", "iat": now, "exp": now + 86400, "jti": f"t{number}",
                  "team": "research", "roles": ["user", "reader", "admin"]}
        made = jwt.JWT(header={"alg": "RS256", "kid": "k1", "typ": "JWT"}, claims=claims)
        made.make_signed_token(self.key)
        return made.serialize()


class Upstream:
    """nginx with an answer of 1 KiB, and a stream whose chunks say when they were sent."""

    def __init__(self, folder):
        self.port, self.stream_port = free_port(), free_port()
        # One connection pool: /stream is answered by the server below through the same address.
        configuration = write(f"{folder}/upstream.conf", f"""
            daemon off; pid {folder}/upstream.pid; error_log {folder}/upstream.log; worker_processes 1;
            events {{ worker_connections 8192; }}
            http {{
              access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/upstream-body; proxy_temp_path {folder}/upstream-proxy;
              fastcgi_temp_path {folder}/u1; uwsgi_temp_path {folder}/u2; scgi_temp_path {folder}/u3;
              server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                location / {{ default_type application/json; return 200 "{'x' * 1024}"; }}
                location /stream {{ proxy_pass http://127.0.0.1:{self.stream_port}; proxy_buffering off; proxy_http_version 1.1; }}
              }}
            }}""")
        self.process = start(CLIENT, ["nginx", "-c", configuration])
        server = socket.create_server(("127.0.0.1", self.stream_port), backlog=4096)
        threading.Thread(target=self.accept, args=(server,), daemon=True).start()

    def accept(self, server):
        while True:
            client, _ = server.accept()
            threading.Thread(target=self.stream, args=(client,), daemon=True).start()

    @staticmethod
    def stream(client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.recv(65536)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for _ in range(50):
            event = b"data: %d\n\n" % time.monotonic_ns()
            client.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            time.sleep(0.02)
        client.sendall(b"0\r\n\r\n")
        client.close()


class Peer:
    routes = 0

    def __init__(self, name, folder, issuer, upstream, starts):
        self.name, self.issuer, self.port = name, issuer, free_port()
        self.checks = name not in ("direct", "nginx", "undertow")
        command = getattr(self, name.replace("-", "_"))(folder, issuer, f"127.0.0.1:{upstream.port}")
        self.process, self.startups = None, []
        for _ in range(starts if command else 0):
            self.end()
            began = time.monotonic()
            self.process = start(PROXY, command)
            while not self.answers():
                time.sleep(0.005)
                if self.process.poll() is not None:
                    raise SystemExit(f"{name} ended: {' '.join(command)}")
            self.startups.append(time.monotonic() - began)
        self.stop()
        if not command:
            self.port = upstream.port

    def direct(self, folder, issuer, upstream):
        return None

    def nginx(self, folder, issuer, upstream):
        return ["nginx", "-c", write(f"{folder}/nginx.conf", f"""
            daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
            events {{ worker_connections 8192; }}
            http {{
              access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/n0; proxy_temp_path {folder}/n1;
              fastcgi_temp_path {folder}/n2; uwsgi_temp_path {folder}/n3; scgi_temp_path {folder}/n4;
              upstream u {{ server {upstream}; keepalive 64; keepalive_requests 100000000; }}
              server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                location / {{ proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; }}
              }}
            }}""")]

    def haproxy(self, folder, issuer, upstream):
        return ["haproxy", "-db", "-f", write(f"{folder}/haproxy.cfg", f"""
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-no-delay
frontend f
  bind 127.0.0.1:{self.port} backlog 4096
  http-request set-var(txn.bearer) http_auth_bearer
  http-request deny deny_status 401 unless {{ var(txn.bearer) -m found }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_header_query('$.alg') -m str RS256 }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify("RS256","{issuer.pem}") -m int 1 }}
  http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.iss') -m str https://issuer.test }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.aud') -m str llm }}
  http-request deny deny_status 403 unless {{ var(txn.bearer),jwt_payload_query('$.sub') -m str alice }}
  http-request del-header Authorization
  default_backend b
backend b
  http-reuse always
  server s {upstream}
""")]

    def undertow(self, folder, issuer, upstream):
        subprocess.run(["javac", "-cp", JAR, "-d", f"{folder}/classes", f"{HERE}/BareProxy.java"], check=True)
        return ["java", *JAVA, "-cp", f"{JAR}:{folder}/classes", "BareProxy", str(self.port), f"http://{upstream}"]

    def gatepost(self, folder, issuer, upstream, *options):
        with open(f"{HERE}/gateway.yaml") as file:
            policy = write(f"{folder}/{self.name}.yaml", file.read().replace("JWKS", issuer.jwks) + "".join(map(self.route, range(self.routes))))
        return ["java", *JAVA, f"-XX:SharedArchiveFile={ARCHIVE}", *options, "-jar", JAR, "serve", "--file", policy,
                "--port", str(self.port), "--admin-port", "0", "--upstream", f"http://{upstream}"]

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

    def gatepost_routes(self, folder, issuer, upstream):
        """10,000 routes beside the one that is asked for."""
        self.routes = 10_000
        return self.gatepost(folder, issuer, upstream)

    def gatepost_jdk(self, folder, issuer, upstream):
        """Signatures verified by the JDK, although a faster provider is in the jar."""
        return self.gatepost(folder, issuer, upstream, "-Dgatepost.crypto=jdk")

    def spring_cloud_gateway(self, folder, issuer, upstream):
        return ["java", *JAVA, "-jar", f"{HERE}/spring-cloud-gateway/target/spring-cloud-gateway.jar", f"--server.port={self.port}",
                f"--upstream=http://{upstream}", f"--key=file:{issuer.pem}"]

    def request(self, path="/v1/chat/completions"):
        client = socket.create_connection(("127.0.0.1", self.port), 10)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer {self.issuer.first}\r\n\r\n".encode())
        return client

    def answers(self):
        try:
            with self.request() as client:
                return client.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def go(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGSTOP)

    def ticks(self):
        if not self.process:
            return 0
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

    def load(self, seconds, first, count, pause=0):
        before = self.ticks()
        run = subprocess.run(["taskset", "-c", CLIENT, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", f"{HERE}/load.lua",
                              f"http://127.0.0.1:{self.port}/v1/chat/completions", "--", self.issuer.tokens, str(first), str(count), str(pause)],
                             capture_output=True, text=True, check=True)
        requests, micros, errors, p50, p99 = (float(f) for f in next(l for l in run.stdout.splitlines() if l.startswith("RESULT")).split()[1:])
        cpu = (self.ticks() - before) * 1e6 / os.sysconf("SC_CLK_TCK") / max(1, requests)
        return {"rate": requests * 1e6 / micros, "errors": errors, "requests": requests, "p50": p50 / 1000, "p99": p99 / 1000, "cpu": cpu}

    def stream(self):
        """The median delay of a chunk in ms, and whether each came alone."""
        delays, alone = [], True
        with self.request("/stream") as client:
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
        return statistics.median(delays), alone and len(delays) == 50

    def end(self):
        if self.process:
            self.go()
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def measure(peer, kind, number, options):
    peer.go()
    try:
        if kind == "hot":
            return peer.load(options.seconds, 0, 1)
        if kind == "rotating":
            return peer.load(options.seconds, 0, HOT)
        if kind == "cold":
            # The path was warmed apart; each token is new.
            return peer.load(1, HOT + WARMING + number * COLD, COLD)
        if kind == "rejected":
            return peer.load(options.seconds, 0, 0)
        return peer.load(options.seconds, 0, 1, 20)
    finally:
        peer.stop()


def warm(peer, options):
    """Until nothing gets faster any more: each kind of load until two rounds in a row bring less than a tenth, then new tokens."""
    if peer.process is None:
        return
    peer.go()
    try:
        for first, count in ((0, 1), (0, 0), (0, HOT)) if peer.checks else ((0, 1),):
            best, stale, began = 0, 0, time.monotonic()
            while stale < 2 and time.monotonic() - began < options.warm:
                rate = peer.load(2, first, count)["rate"]
                stale = stale + 1 if rate < best * 1.1 else 0
                best = max(best, rate)
        if peer.checks:
            peer.load(8, HOT, WARMING)
    finally:
        peer.stop()


OWN = ("gatepost", "gatepost-jdk", "gatepost-routes")
KINDS = ("hot", "rotating", "cold", "rejected", "steady")


def median(values):
    return statistics.median(values) if values else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers")
    parser.add_argument("--out")
    options = parser.parse_args()
    options.rounds, options.seconds, options.warm = (1, 2, 12) if options.quick else (3, 3, 40)
    names = options.peers or ("haproxy,undertow,gatepost" if options.quick else "direct,nginx,haproxy,undertow,gatepost,gatepost-jdk,spring-cloud-gateway")
    folder = tempfile.mkdtemp()
    peers, upstream = [], None
    try:
        issuer = Issuer(folder, HOT + WARMING + options.rounds * COLD)
        upstream = Upstream(folder)
        for name in names.split(","):
            peers.append(Peer(name, folder, issuer, upstream, options.rounds))
        for peer in peers:
            warm(peer, options)
        figures = {peer.name: {kind: [] for kind in KINDS} for peer in peers}
        for number in range(options.rounds):
            for kind in KINDS:
                for peer in peers:
                    if peer.checks or kind in ("hot", "steady"):
                        figures[peer.name][kind].append(measure(peer, kind, number, options))
        for peer in peers:
            peer.go()
            figures[peer.name]["stream"] = peer.stream()
            figures[peer.name]["startups"] = peer.startups
            figures[peer.name]["resident"] = peer.resident() if peer.process else None
            peer.stop()
        report(figures)
        if options.out:
            machine = {"cores": os.cpu_count(), "system": platform.platform(),
                       "java": subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0],
                       "haproxy": subprocess.run(["haproxy", "-v"], capture_output=True, text=True).stdout.splitlines()[0]}
            write(options.out, json.dumps({"machine": machine, "rounds": options.rounds, "figures": figures}, indent=1) + "\n")
    finally:
        for peer in peers:
            peer.end()
        if upstream:
            upstream.process.terminate()
            upstream.process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def report(figures):
    def of(name, kind, what):
        value = median([run[what] for run in figures[name].get(kind, [])])
        return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.2f}"

    print("| peer | hot /s | rotating /s | cold /s | rejected /s | CPU us hot | cold | rejected | p50 / p99 hot, ms | p99 steady, ms | first 200, s | resident, MiB | delay per chunk, ms | chunks alone |")
    print("|" + "---|" * 14)
    for name, runs in figures.items():
        delay, alone = runs["stream"]
        startup, resident = median(runs["startups"]), runs["resident"]
        print(f"| {name} | {of(name, 'hot', 'rate')} | {of(name, 'rotating', 'rate')} | {of(name, 'cold', 'rate')} | {of(name, 'rejected', 'rate')} "
              f"| {of(name, 'hot', 'cpu')} | {of(name, 'cold', 'cpu')} | {of(name, 'rejected', 'cpu')} | {of(name, 'hot', 'p50')} / {of(name, 'hot', 'p99')} "
              f"| {of(name, 'steady', 'p99')} | {'-' if startup is None else f'{startup:.2f}'} | {'-' if resident is None else f'{resident:.0f}'} | {delay:.2f} | {'yes' if alone else 'no'} |")
    print()
    print("ratios, medians over the rounds:")
    for name in figures:
        for mine in OWN:
            if mine in figures and (name not in OWN or mine != name == "gatepost"):
                compare(mine, figures[mine], name, figures[name])
    for mine in OWN:
        if mine in figures:
            print("%s: 10,000 tokens / one token %.2f" % (mine, ratio(figures[mine], "rotating", "rate", figures[mine], "hot")))
    errors = {name: sum(run["errors"] for kind in KINDS if kind != "rejected" for run in runs[kind]) for name, runs in figures.items()}
    print("errors:", ", ".join(f"{name} {int(count)}" for name, count in errors.items()))


def ratio(mine, kind, what, theirs, their_kind=None):
    return median([a[what] / b[what] for a, b in zip(mine[kind], theirs[their_kind or kind])])


def compare(my_name, mine, name, theirs):
    ratios = {kind: ratio(mine, kind, "rate", theirs) for kind in KINDS if theirs[kind] and kind != "steady"}
    ratios["p99 hot"] = ratio(mine, "hot", "p99", theirs)
    ratios["p99 steady"] = ratio(mine, "steady", "p99", theirs)
    ratios["chunk delay"] = mine["stream"][0] / theirs["stream"][0]
    if theirs["startups"]:
        ratios["start"] = median(mine["startups"]) / median(theirs["startups"])
        ratios["resident"] = mine["resident"] / theirs["resident"]
    print(f"{my_name} / {name}: " + ", ".join(f"{what} {value:.2f}" for what, value in ratios.items()))


if __name__ == "__main__":
    main()
