#!/usr/bin/env python3
"""Opens silent event streams through the gateway, or through Undertow's bare proxy, in 512 MiB of heap.

  streams.py gateway|bare COUNT [JAR]

Says what each stream costs in heap, direct memory and resident memory, and how quickly other requests are answered meanwhile,
while one client reads a byte per second of a large answer.
"""
import os, re, socket, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"
LARGE = 64 * 1024 * 1024


def head_of(client):
    octets = b""
    while b"\r\n\r\n" not in octets:
        more = client.recv(65536)
        if not more:
            return b""
        octets += more
    return octets


def serve(client):
    while True:
        target = head_of(client).split(b" ")[1:2]
        if not target:
            return
        if target == [b"/quick"]:
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        elif target == [b"/large"]:
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE + b"x" * LARGE)
        else:
            client.sendall(HEAD)


def serve_to_the_end(client):
    try:
        serve(client)
    except OSError:
        pass  # the proxy has ended


def accept(server, kept):
    while True:
        client, _ = server.accept()
        kept.append(client)
        threading.Thread(target=serve_to_the_end, args=(client,), daemon=True).start()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request(port, target):
    client = socket.create_connection(("127.0.0.1", port), 60)
    client.sendall(b"GET %s HTTP/1.1\r\nHost: a.test\r\n\r\n" % target)
    return client


def quick(port):
    start = time.time()
    with request(port, b"/quick") as client:
        octets = b""
        while not octets.endswith(b"ok"):
            octets += client.recv(4096)
    return time.time() - start


def memory(pid):
    run = lambda *command: subprocess.run(["jcmd", str(pid), *command], capture_output=True, text=True).stdout
    run("GC.run")
    heap = sum(int(used) for used in re.findall(r"generation\s+total \d+K, used (\d+)K", run("GC.heap_info")))
    direct = int(re.search(r"Other \(reserved=(\d+)KB", run("VM.native_memory", "summary")).group(1))
    resident = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))
    return heap, direct, resident


def main(kind, count, jar):
    threading.stack_size(128 * 1024)
    server = socket.create_server(("127.0.0.1", 0), backlog=4096)
    kept = []
    threading.Thread(target=accept, args=(server, kept), daemon=True).start()
    upstream, port = f"http://127.0.0.1:{server.getsockname()[1]}", free_port()
    java = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:NativeMemoryTracking=summary"]
    if kind == "bare":
        java += ["-cp", jar, os.path.join(HERE, "../load/BareProxy.java"), str(port), upstream]
    else:
        java += ["-jar", jar, "serve", "--file", os.path.join(HERE, "gateway.yaml"), "--port", str(port), "--admin-port", "0", "--upstream", upstream]
    process = subprocess.Popen(java, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        while b"ready" not in process.stdout.readline():
            pass
        for _ in range(300):
            quick(port)
        before = memory(process.pid)
        streams = []
        for _ in range(count):
            stream = request(port, b"/stream")
            octets = b""
            while b"data: 1" not in octets:
                octets += stream.recv(4096)
            streams.append(stream)
        after = memory(process.pid)
        slow = request(port, b"/large")
        times = []
        for n in range(200):
            if n % 40 == 0:
                slow.recv(1)
            times.append(quick(port) * 1000)
        times.sort()
        heap, direct, resident = ((b - a) / count for a, b in zip(before, after))
        print(f"{kind}: {len(streams)} streams; KiB per stream: heap {heap:.2f}, direct {direct:.2f}, resident {resident:.2f}; "
              f"a small request meanwhile: median {times[100]:.1f} ms, 99th percentile {times[197]:.1f} ms")
    finally:
        process.terminate()
        process.wait()


main(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else os.path.join(HERE, "../../samples/llm-gateway/target/llm-gateway.jar"))
