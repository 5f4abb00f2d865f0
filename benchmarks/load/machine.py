"""What a measurement stands on: two cores, tokens, an upstream, and an account of what else ran on the machine."""
import base64, json, multiprocessing, os, platform, socket, subprocess, threading, time
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwcrypto import jwk

CORES = os.cpu_count()
CLIENT = 0
TICK = os.sysconf("SC_CLK_TCK")
ANSWER = "x" * 1024


def siblings(core):
    """Those that share the same physical core, as far as the system says so."""
    try:
        with open(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list") as file:
            parts = file.read().strip().replace("-", ",").split(",")
        return range(int(parts[0]), int(parts[-1]) + 1) if len(parts) == 2 and int(parts[1]) == int(parts[0]) + 1 else [int(part) for part in parts]
    except OSError:
        return [core]


PROXY = next((core for core in range(1, CORES) if core not in siblings(CLIENT)), CORES - 1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def start(core, command, **options):
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    return subprocess.Popen(["taskset", "-c", str(core), *command], **options)


def ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def sign(work):
    """Makes tokens with numbers of their own; a function of the module, so that each core can take a share."""
    pem, algorithm, subject, numbers = work
    key, made = serialization.load_pem_private_key(pem, None), []
    now = int(time.time())

    def coded(octets):
        return base64.urlsafe_b64encode(octets).rstrip(b"=")

    head = coded(json.dumps({"alg": algorithm, "kid": algorithm, "typ": "JWT"}).encode())
    for number in numbers:
        claims = {"iss": "https://issuer.test", "sub": subject, "aud": "llm", "iat": now, "exp": now + 86400, "jti": f"t{number}",
                  "team": "research", "roles": ["user", "reader", "admin"]}
        text = head + b"." + coded(json.dumps(claims).encode())
        if algorithm == "RS256":
            signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        else:
            r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        made.append((text + b"." + coded(signature)).decode())
    return made


class Issuer:
    """Two keys, and files of tokens of one line each."""

    def __init__(self, folder):
        self.folder, self.next = folder, 0
        self.keys = {"RS256": jwk.JWK.generate(kty="RSA", size=2048, kid="RS256", alg="RS256", use="sig"),
                     "ES256": jwk.JWK.generate(kty="EC", crv="P-256", kid="ES256", alg="ES256", use="sig")}
        self.private = {name: key.export_to_pem(private_key=True, password=None) for name, key in self.keys.items()}
        self.pem = {name: write(f"{folder}/{name}.pem", key.export_to_pem().decode()) for name, key in self.keys.items()}
        self.jwks = json.dumps({"keys": [json.loads(key.export_public()) for key in self.keys.values()]})
        self.jwks_file = write(f"{folder}/jwks.json", self.jwks)
        self.alice, self.mallory = self.make("RS256", 1)[0], self.make("RS256", 1, "mallory")[0]
        self.alice_es = self.make("ES256", 1)[0]

    def make(self, algorithm, count, subject="alice"):
        numbers = range(self.next, self.next + count)
        self.next += count
        work = [(self.private[algorithm], algorithm, subject, numbers[core::CORES]) for core in range(CORES)]
        if count < 1000:
            return [token for part in work for token in sign(part)]
        # Anew, not forked: a copy of this process has its locks, but not the threads that hold them.
        with multiprocessing.get_context("spawn").Pool(CORES) as pool:
            return [token for part in pool.map(sign, work) for token in part]

    def file(self, name, tokens):
        return write(f"{self.folder}/{name}", "".join(token + "\n" for token in tokens))


class Upstream:
    """nginx with an answer of 1 KiB. To a request with the header X-Watched, which it remembers, a stream whose chunks say when they were sent."""

    def __init__(self, folder):
        self.port, self.stream_port, self.last = free_port(), free_port(), b""
        # One pool of connections: the stream is answered by the server below through the same address.
        configuration = write(f"{folder}/upstream.conf", f"""
            daemon off; master_process off; pid {folder}/upstream.pid; error_log {folder}/upstream.log;
            events {{ worker_connections 8192; }}
            http {{
              access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/upstream-body; proxy_temp_path {folder}/upstream-proxy;
              fastcgi_temp_path {folder}/u1; uwsgi_temp_path {folder}/u2; scgi_temp_path {folder}/u3;
              server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                error_page 418 = @watched;
                location / {{ default_type application/json; if ($http_x_watched) {{ return 418; }} return 200 "{ANSWER}"; }}
                location @watched {{ proxy_pass http://127.0.0.1:{self.stream_port}; proxy_buffering off; proxy_http_version 1.1; }}
              }}
            }}""")
        self.process = start(CLIENT, ["nginx", "-c", configuration])
        server = socket.create_server(("127.0.0.1", self.stream_port), backlog=4096)
        threading.Thread(target=self.accept, args=(server,), daemon=True).start()

    def accept(self, server):
        while True:
            client, _ = server.accept()
            threading.Thread(target=self.stream, args=(client,), daemon=True).start()

    def stream(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        octets = b""
        while not octets.endswith(b"}"):  # Each body is JSON.
            part = client.recv(65536)
            if not part:
                break
            octets += part
        self.last = octets
        try:
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
            for _ in range(50):
                event = b"data: %d\n\n" % time.monotonic_ns()
                client.sendall(b"%x\r\n%s\r\n" % (len(event), event))
                time.sleep(0.02)
            client.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        client.close()

    def end(self):
        self.process.terminate()
        self.process.wait()


class Account:
    """Who had the processor's time: whatever this run started, or others."""

    def __init__(self, pids):
        self.pids, self.notes = pids, []
        self.load = os.getloadavg()
        self.began = self.now()

    def now(self):
        with open("/proc/stat") as file:
            user, nice, system, idle, wait, hard, soft, steal = (int(field) for field in file.readline().split()[1:9])
        times, own = os.times(), {pid: ticks(pid) for pid in self.pids()}
        done = (times.user + times.system + times.children_user + times.children_system) * TICK
        return {"total": user + nice + system + idle + wait + hard + soft + steal, "busy": user + nice + system, "steal": steal,
                "kernel": hard + soft, "done": done, "own": own}

    def since(self, before):
        now = self.now()
        # What ended meanwhile counts among the children that are done.
        lost = sum(value for pid, value in before["own"].items() if pid not in now["own"])
        own = now["done"] - before["done"] - lost + sum(value - before["own"].get(pid, 0) for pid, value in now["own"].items())
        total = max(1, now["total"] - before["total"])
        return {"others": round(max(0, now["busy"] - before["busy"] - own) / total * CORES, 3),
                "steal": round((now["steal"] - before["steal"]) / total * CORES, 3)}

    def note(self, phase, before):
        self.notes.append({"phase": phase, **self.since(before)})

    def summary(self):
        whole = self.since(self.began)
        return {"load average before": self.load, "others, cores": whole["others"], "steal, cores": whole["steal"],
                "quiet": whole["others"] < 0.05 and whole["steal"] < 0.05 and self.load[0] < 0.5 * CORES, "phases": self.notes}


def version(*command):
    found = subprocess.run(command, capture_output=True, text=True)
    return (found.stdout + found.stderr).strip().splitlines()[0]


def description(java, java_25, envoy):
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": CORES, "client and proxy share a physical core": PROXY in siblings(CLIENT), "system": platform.platform(), "java": version(java, "-version"),
            "java 25": version(java_25, "-version") if java_25 else None, "haproxy": version("haproxy", "-v"),
            "nginx": version("nginx", "-v"), "envoy": "Envoy " + version(envoy, "--version").split("version:")[-1].split("/")[1] if envoy else None}
