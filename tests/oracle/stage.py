"""What marlin makes of the shared models, and which check reads it. Jobs in the order in which they run."""

import check
import formats
import importance
from pipeline import Job

CALIBRATION = ("--samples", "16", "--seq-len", "512")
GGML_TYPES = "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4"
WITH_IMPORTANCE = "Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS"
WITH_FEEDBACK = "Q4_0 Q5_1 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS IQ3_S IQ3_XXS IQ2_S IQ2_XS IQ2_XXS"
# From before Llama, as transformers opens them. (Its FalconLinear cannot hold packed weights.)
OPENED_FAMILIES = "phi gpt_neox opt bloom"
# Their vocabulary is 256.
FEW_IDS = ",".join(map(str, range(1, 49)))


def weights(o):
    check.weights(o.folder, o.weights)


def logits(o):
    check.logits(o.folder, o.ids, o.logits)


def opens(o):
    check.opens(o.folder, o.ids, o.logits)


def resave(o):
    check.resave(o.folder)


def modelopt(o):
    check.modelopt(o.folder, o.weights)


def ct(o):
    formats.ct(o.folder, o.weights)


def each(*checks):
    return lambda output: [c(output) for c in checks]


def peers(place, packs):
    """Packs that others wrote, as our reader decodes them."""
    for pack in ("ct/NVFP4A16", "ct/NVFP4A16-2l"):
        yield place.peer(packs / pack, check.weights)
    yield place.peer(packs / "modelopt/NVFP4", check.modelopt)


def nvfp4(place, launcher):
    # A dense model, a calibrated output and its logits by the launcher: it is under test as well.
    dense = str(place.work / "dense.safetensors")
    yield Job("dense", lambda: place.evaluate(place.model, dense, place.ids, launcher),
              lambda: check.logits(place.model, place.ids, dense))
    read = each(weights, logits, opens, resave)
    yield place.quantize("ct-rtn", "--method", "rtn", check=read)
    yield place.quantize("ct-gptq", "--method", "gptq", *CALIBRATION, check=read, by=launcher)
    yield place.quantize("ct-mr-gptq", "--method", "mr-gptq", *CALIBRATION, check=read, keep=True)
    yield place.quantize("modelopt", "--target", "trtllm", *CALIBRATION, check=each(modelopt, logits, resave))
    # Rotated weights, which no other reader runs: turned back by numpy they are a model for transformers.
    yield place.quantize("marlin", "--target", "marlin", "--transform", "had32", *CALIBRATION,
                         check=each(logits, resave), ours=["logits"])


def other_formats(place):
    """Rounded by us into each, then read by the library that owns it."""
    for scheme in ("W4A16", "W4A16_ASYM", "W8A16", "W3A16", "W2A16", "MXFP4A16", "FP8_DYNAMIC"):
        yield place.quantize(f"ct-{scheme}", "--method", "rtn", "--scheme", scheme, check=ct)
    for scheme in ("W4A16", "W3A16", "W8A16", "NVFP4A16", "MXFP4A16"):
        yield place.quantize(f"mlx-{scheme}", "--method", "rtn", "--target", "mlx-lm", "--scheme", scheme,
                             check=lambda o: formats.mlx(str(o.folder), o.weights, o.ids, o.logits))
    for target, decodes in {"gptq": formats.gptq, "awq": formats.awq}.items():
        for scheme in ("W4A16", "W4A16_ASYM"):
            yield place.quantize(f"{target}-{scheme}", "--method", "rtn", "--target", target, "--scheme", scheme,
                                 check=lambda o, f=decodes: f(o.folder, o.weights), ours=["weights"])


def gguf_files(place, launcher, libraries):
    def gguf(o):
        formats.gguf(o.gguf, o.weights)
        formats.llama(o.gguf, o.ids, o.logits, libraries)

    to_llama = ("--target", "llama.cpp", "--scheme")
    # With the scales and codes of our solver.
    for scheme in ("NVFP4A16", "W4A16", "W4A16_ASYM", "W8A16"):
        yield place.quantize(f"gguf-{scheme}", *to_llama, scheme, *CALIBRATION, check=gguf)
    for type in GGML_TYPES.split():
        yield place.convert(f"gguf-{type}", "--to", "gguf", "--scheme", type, "--allow-lossy", check=gguf)
    yield place.quantize("gguf-imatrix", *to_llama, "Q4_K", "--method", "imatrix", *CALIBRATION, check=gguf)
    # Error feedback inside the blocks.
    for type in WITH_FEEDBACK.split():
        yield place.quantize(f"gguf-full-{type}", *to_llama, type, "--method", "full", *CALIBRATION, check=gguf)
    # Carried over without a loss: the same codes in three dialects, and llama.cpp runs them.
    yield place.convert("gguf-from-ct", "--to", "gguf", model=place.work / "ct-mr-gptq", check=gguf, by=launcher,
                        keep=True)
    yield place.convert("ct-from-gguf", "--to", "compressed-tensors", model=place.work / "gguf-from-ct", check=ct,
                        ours=["weights"])


def latent_attention(place, models, libraries):
    """Latent keys and values are stored in two halves, so they stay as they are; the experts are stacked."""
    yield place.quantize("gguf-latent", "--target", "llama.cpp", "--scheme", "Q4_K", *CALIBRATION,
                         model=models / "deepseekv2-10m", ours=["logits"],
                         check=lambda o: formats.llama(o.gguf, o.ids, o.logits, libraries))


def guided_by_importance(place, libraries):
    """Files made by numpy and gguf go in, ggml's own quantizer says which bytes must come out."""
    model, gguf, dat = str(place.model), str(place.work / "imatrix.gguf"), str(place.work / "imatrix.dat")
    importance.write(model, gguf, dat)

    def ggml_bytes(file):
        return dict(ours=(), check=lambda o: importance.blocks(model, o.gguf, file, libraries))

    for type in WITH_IMPORTANCE.split():
        yield place.convert(f"imatrix-{type}", "--to", "gguf", "--scheme", type, "--allow-lossy", "--imatrix", gguf,
                            **ggml_bytes(gguf))
    to_llama = ("--target", "llama.cpp", "--scheme")
    yield place.quantize("imatrix-dat", *to_llama, "Q4_K", "--imatrix", dat, **ggml_bytes(dat))
    yield place.quantize("imatrix-none", *to_llama, "Q3_K", "--method", "rtn", **ggml_bytes("none"))


def opened_families(place, tiny):
    for family in OPENED_FAMILIES.split():
        yield place.quantize(f"tiny-{family}", "--method", "rtn", model=tiny / family, ids=FEW_IDS, ours=["logits"],
                             check=opens)


def five_shards(place, models):
    yield place.quantize("sharded", "--method", "rtn", model=models / "qwen3-31m", ours=["weights"],
                         check=each(weights, resave))
