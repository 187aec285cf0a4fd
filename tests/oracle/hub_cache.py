"""One cache for two programs: huggingface_hub and marlin fetch the same model from a server on this machine.

hub_cache.py WORK MARLIN...   MARLIN... is the command that starts marlin

Both caches must hold the same files, links and references (marlin's own notes aside), and each program must find in
the other's cache what it would have fetched, without a request.
"""

import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEADER = json.dumps({"w": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]}}).encode()
FILES = {
    "config.json": b'{"model_type": "x"}',
    "tokenizer.json": b"{}",
    "model.safetensors": len(HEADER).to_bytes(8, "little") + HEADER + bytes(4000),
}


def etag(name):
    content = FILES[name]
    if name.endswith(".safetensors"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = []

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, body):
        Hub.requests.append(self.path)
        if self.path.startswith("/api/"):
            siblings = [{"rfilename": n, "size": len(c), "blobId": etag(n)} for n, c in FILES.items()]
            siblings[-1]["lfs"] = {"sha256": etag("model.safetensors"), "size": len(FILES["model.safetensors"])}
            content, headers = json.dumps({"id": "org/name", "sha": COMMIT, "siblings": siblings}).encode(), {}
        else:
            name = self.path.rsplit("/", 1)[1]
            content = FILES[name]
            headers = {"ETag": f'"{etag(name)}"', "X-Repo-Commit": COMMIT}
        self.send_response(200)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)


def require(condition, message):
    if not condition:
        sys.exit(f"oracle: FAILED: {message}")


def tree(cache):
    """Path to link target or content of what both programs agree on."""
    root = cache / "models--org--name"
    out = {}
    for p in sorted(root.rglob("*")):
        relative = p.relative_to(root)
        if relative.parts[0] in ("blobs", "refs", "snapshots"):
            if p.is_symlink():
                out[str(relative)] = "-> " + os.readlink(p)
            elif p.is_file():
                out[str(relative)] = p.read_bytes()
    return out


def main(work, marlin):
    work = pathlib.Path(work).absolute()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    os.environ.update(HF_ENDPOINT=endpoint, HF_HOME=str(work / "home"), HF_HUB_DISABLE_TELEMETRY="1")
    os.environ.pop("HF_HUB_OFFLINE", None)
    from huggingface_hub import hf_hub_download

    theirs, ours = work / "theirs", work / "ours"
    for name in FILES:
        hf_hub_download("org/name", name, cache_dir=theirs)

    def inspect(cache, *flags):
        variables = dict(os.environ, HF_HUB_CACHE=str(cache))
        run = subprocess.run([*marlin, "inspect", "org/name", "--json", *flags], env=variables, capture_output=True)
        require(run.returncode == 0, f"marlin inspect in {cache}: {run.stdout.decode()} {run.stderr.decode()}")

    inspect(ours)
    difference = set(tree(theirs).items()) ^ set(tree(ours).items())
    require(not difference, f"the caches differ: {sorted(k for k, _ in difference)}")
    Hub.requests.clear()
    inspect(theirs, "--offline")
    for name, content in FILES.items():
        found = hf_hub_download("org/name", name, cache_dir=ours, local_files_only=True)
        require(pathlib.Path(found).read_bytes() == content, f"huggingface_hub reads another {name}")
    require(not Hub.requests, f"requests for what is cached: {Hub.requests}")
    print(f"oracle: one cache for huggingface_hub and marlin: {len(tree(ours))} equal entries")


main(sys.argv[1], sys.argv[2:])
