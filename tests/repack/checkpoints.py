"""Checkpoints to repack: one layer of seeded random weights, rounded once by marlin, its layer repeated."""
import json, os, random, shutil, struct

HIDDEN, MLP, HEADS, KV, DIM, WORDS = 4096, 14336, 32, 8, 128, 8192


def dense(folder, tokenizer):
    """A Llama of one layer in bfloat16."""
    os.makedirs(folder)
    shapes = {"model.embed_tokens.weight": [WORDS, HIDDEN], "model.norm.weight": [HIDDEN]}
    layer = {
        "input_layernorm": [HIDDEN], "post_attention_layernorm": [HIDDEN],
        "self_attn.q_proj": [HEADS * DIM, HIDDEN], "self_attn.k_proj": [KV * DIM, HIDDEN],
        "self_attn.v_proj": [KV * DIM, HIDDEN], "self_attn.o_proj": [HIDDEN, HEADS * DIM],
        "mlp.gate_proj": [MLP, HIDDEN], "mlp.up_proj": [MLP, HIDDEN], "mlp.down_proj": [HIDDEN, MLP],
    }
    shapes.update({f"model.layers.0.{k}.weight": v for k, v in layer.items()})
    config(folder, 1)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(tokenizer, name), folder)
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 2 * count(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    rng = random.Random(1)
    # The upper byte of a weight: sign and exponent of .004 to .06, small ones more often.
    exponents = bytes((0x80 if i & 1 else 0) | (0x3b, 0x3c, 0x3c, 0x3d)[i >> 1 & 3] for i in range(256))
    with open(os.path.join(folder, "model.safetensors"), "wb") as f:
        write_header(f, header)
        for name, shape in shapes.items():
            n = count(shape)
            both = bytearray(2 * n)
            both[0::2] = rng.randbytes(n)
            both[1::2] = rng.randbytes(n).translate(exponents) if len(shape) > 1 else b"\x3f" * n
            f.write(both)


def config(folder, layers):
    values = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN,
        "intermediate_size": MLP, "num_hidden_layers": layers, "num_attention_heads": HEADS,
        "num_key_value_heads": KV, "head_dim": DIM, "vocab_size": WORDS, "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_act": "silu", "attention_bias": False,
        "tie_word_embeddings": True, "torch_dtype": "bfloat16",
    }
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(values, f)


def repeated(source, folder, layers):
    """The checkpoint `source` of one layer with that layer so many times."""
    os.makedirs(folder)
    for name in os.listdir(source):
        if name.startswith(("tokenizer", "quantize_config", "hf_quant")):
            shutil.copy(os.path.join(source, name), folder)
    with open(os.path.join(source, "config.json")) as f:
        values = json.load(f)
    values["num_hidden_layers"] = layers
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(values, f)
    with open(os.path.join(source, "model.safetensors"), "rb") as f:
        length = struct.unpack("<Q", f.read(8))[0]
        old = json.loads(f.read(length))
        meta = old.pop("__metadata__", None)
        header, parts, at = {} if meta is None else {"__metadata__": meta}, [], 0
        for layer in range(layers):
            for name, t in sorted(old.items(), key=lambda e: e[1]["data_offsets"]):
                inside = name.startswith("model.layers.0.")
                if layer > 0 and not inside:
                    continue
                begin, end = t["data_offsets"]
                new = name.replace("model.layers.0.", f"model.layers.{layer}.") if inside else name
                header[new] = dict(t, data_offsets=[at, at + end - begin])
                parts.append((8 + length + begin, end - begin))
                at += end - begin
        with open(os.path.join(folder, "model.safetensors"), "wb") as out:
            write_header(out, header)
            for begin, size in parts:
                f.seek(begin)
                out.write(f.read(size))


def single_level(source, folder):
    """A compressed-tensors NVFP4 pack said as MLX's nvfp4: the same codes and group scales, no tensor scale."""
    os.makedirs(folder)
    for name in os.listdir(source):
        if name.startswith("tokenizer"):
            shutil.copy(os.path.join(source, name), folder)
    with open(os.path.join(source, "config.json")) as f:
        values = json.load(f)
    del values["quantization_config"]
    values["quantization"] = {"group_size": 16, "bits": 4, "mode": "nvfp4"}
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(values, f)
    with open(os.path.join(source, "model.safetensors"), "rb") as f:
        length = struct.unpack("<Q", f.read(8))[0]
        old = json.loads(f.read(length))
        header, parts, at = {"__metadata__": {"format": "mlx"}}, [], 0
        for name, t in old.items():
            if name == "__metadata__" or name.endswith("global_scale"):
                continue
            begin, end = t["data_offsets"]
            t["data_offsets"] = [at, at + end - begin]
            if name.endswith(".weight_packed"):
                name = name.replace(".weight_packed", ".weight")
                t.update(dtype="U32", shape=[t["shape"][0], t["shape"][1] // 4])
            elif name.endswith(".weight_scale"):
                name = name.replace(".weight_scale", ".scales")
                t.update(dtype="U8")
            header[name] = t
            parts.append((8 + length + begin, end - begin))
            at += end - begin
        with open(os.path.join(folder, "model.safetensors"), "wb") as out:
            write_header(out, header)
            for begin, size in parts:
                f.seek(begin)
                out.write(f.read(size))


def write_header(f, header):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    f.write(struct.pack("<Q", len(text)) + text)


def count(shape):
    n = 1
    for d in shape:
        n *= d
    return n
