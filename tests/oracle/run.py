"""run.py VENV WORK SHARED: all checks of the oracle (tests/oracle/run starts it). The first failure ends it."""

import pathlib
import shutil
import subprocess
import sys

# First: it sets variables that torch, transformers and tokenizers read when they are imported.
import check
import families
import pipeline
import stage
import templates
import vocabularies
from commands import Launcher, Session
from outputs import Workplace
from safetensors.numpy import load_file

GGUF_FAMILIES = {
    "models/tiny": "phi gpt_neox gpt2 bloom falcon starcoder2 nemotron cohere2 glm4 ernie4_5 hunyuan_v1_dense mixtral"
    " mistral phi3 phi3-short gpt_oss",
    "runtime/src/test/resources/tiny": "olmo2 granite stablelm smollm3 exaone4-full glm4_moe falcon-one-norm"
    " llama-longrope mixtral-own",
}
HERE = pathlib.Path(__file__).absolute().parent
ROOT = HERE.parent.parent


def hub_cache(work):
    """In a process of its own: huggingface_hub reads where the hub and its cache are when it is imported."""
    command = [sys.executable, HERE / "hub_cache.py", work / "hub", ROOT / "marlin"]
    return pipeline.Job("hub_cache", lambda: None, lambda: check.require(
        subprocess.run(command).returncode == 0, "hub_cache.py failed"))


def jobs(session, work, shared, libraries):
    models = shared / "models"
    model, launcher = models / "qwen3-7m", Launcher(ROOT / "marlin")
    ids = load_file(model / "golden_logits.safetensors")["input_ids"].reshape(-1)
    place = Workplace(session, work, model, ",".join(map(str, ids)))
    yield from stage.peers(place, shared / "packs")
    yield from stage.nvfp4(place, launcher)
    yield from stage.other_formats(place)
    yield from stage.gguf_files(place, launcher, libraries)
    yield from stage.latent_attention(place, models, libraries)
    yield from stage.guided_by_importance(place, libraries)
    yield from stage.opened_families(place, models / "tiny")
    tiny = [(shared if folder.startswith("models") else ROOT) / folder / name
            for folder, names in GGUF_FAMILIES.items() for name in names.split()]
    yield from families.jobs(session, work / "families", libraries, tiny)
    yield hub_cache(work)
    text = shared / "text/calib/exl3_multilingual.utf8"
    yield from vocabularies.jobs(session, str(work / "vocabularies"), text, libraries)
    yield from stage.five_shards(place, models)


def main(venv, work, shared):
    work, shared, libraries = pathlib.Path(work).absolute(), pathlib.Path(shared), f"{venv}/llama"
    shutil.rmtree(work, ignore_errors=True)
    (work / "peer").mkdir(parents=True)
    templates.check(ROOT / "runtime/src/test/resources/io/metalmarlin/runtime/template/cases.jsonl")
    check.peers(shared / "packs")
    with Session(ROOT) as session:
        pipeline.work_through(jobs(session, work, shared, libraries))
    print("oracle: all checks passed")


if __name__ == "__main__":
    main(*sys.argv[1:])
